// From what a user asks for to the counters of a chip, and back to numbers. Calls nothing of CUPTI.
#pragma once

#include "plugins/cuda/counters/metric_files.h"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace ridgeline::cuda {

struct ResolvedMetric {
  struct Part {
    double factor = 1;
    size_t counter = 0;  // in ResolvedCounters::counters
  };
  std::string name, unit, description;
  std::vector<Part> parts;
  // `counters`: their values for one kernel, in the order of ResolvedCounters::counters.
  double value(const std::vector<double>& counters) const;
};

struct ResolvedCounters {
  std::vector<std::string> counters;  // by CUPTI's names, each once
  std::vector<ResolvedMetric> metrics;
  std::vector<std::string> missing;  // metrics that this chip does not have
};

// `requested`: names of sets, of metrics, or CUPTI's own ("sm__warps_active.avg.per_cycle_active"). `base`: the chip's
// counters without what stands behind the dot. False, with the reason, when a name is nothing of these, or when the
// chip has none of what was asked for.
bool resolveCounters(const MetricCatalog& catalog, const std::vector<std::string>& requested,
                     const std::set<std::string>& base, ResolvedCounters& out, std::string& why);

}  // namespace ridgeline::cuda
