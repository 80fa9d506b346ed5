// Counts around every operator, in runs of their own: reading counters costs time, and times are measured without.
#pragma once

#include "collector/observe.h"
#include "plugins/sdk/host/plugin_host.h"
#include "profile/profile.h"

#include <string>
#include <vector>

namespace ridgeline::collector {

struct CountRequest {
  // Names that the cpu plugin knows. Empty: every one that counts here, and with the ones before it.
  std::vector<std::string> counters;
  bool off = false;
  plugins::HostOptions plugins;
};

struct CountedOperators {
  struct Operator {
    std::string name;
    int64_t nodeIndex = -1;
    int depth = 0;
    std::vector<double> values;  // per run, all its calls: medians over the runs, in the order of `counters`
  };
  std::vector<plugins::CounterDescription> counters;  // that were counted; empty: none could be
  std::vector<Operator> operators;                    // in the order of execution
  int runs = 0;
  std::vector<std::string> notes;  // why something was not counted
};

// A machine that counts nothing is no error, unless counters were asked for by name: then Usage or Unavailable.
Result<CountedOperators> countOperators(const graph::Model& model, const engine::NamedTensors& inputs, int threads,
                                        const CountRequest& request, Job job);

// As rows of the operators that are in the profile already. Operators without a counterpart are left out.
Status writeCounts(profile::Profile& profile, const CountedOperators& counted);

}  // namespace ridgeline::collector
