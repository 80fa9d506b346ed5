// Which events make up a metric on which processor: the files in plugins/cpu/events, compiled in.
//
//   match KEY=VALUE...        the metrics that follow are for such processors; several lines in a row are alternatives
//   metric NAME unit=UNIT
//     say DESCRIPTION
//     term FACTOR EVENT       the metric is the sum of factor times event, by PAPI's names
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::cpu {

struct Metric {
  struct Term {
    double factor = 1;
    std::string event;
  };
  std::string name, unit, description;
  std::vector<Term> terms;
};

// What /proc/cpuinfo says, as far as the files ask for it. -1 where it says nothing.
struct ProcessorIdentity {
  std::string vendor;
  int family = -1, model = -1;
  int implementer = -1, part = -1;
};
ProcessorIdentity identityOf(std::string_view cpuinfo);

// The metrics of one file for this processor. BadInput names the line that makes no sense.
Result<std::vector<Metric>> metricsFor(const ProcessorIdentity& processor, std::string_view file);

// All files, those of this processor before those of any; of two metrics of one name the first.
std::vector<Metric> knownMetrics(const ProcessorIdentity& processor);

// Name and content of each file.
std::vector<std::pair<std::string_view, std::string_view>> eventFiles();

}  // namespace ridgeline::cpu
