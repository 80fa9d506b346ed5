// What --counters comes to on the GPUs of this machine, before anything runs.
#pragma once

#include "plugins/cuda/counters/resolve.h"

#include <optional>
#include <string>
#include <vector>

namespace ridgeline::cuda {

// Series that every recording has: nothing has to be counted for them.
struct RecordedSeries {
  const char *name, *unit, *description;
};
inline constexpr RecordedSeries kRecordedSeries[] = {
    {"power", "W", "Power that the GPU draws, ten times a second"},
    {"energy", "J", "Energy that the GPU used since it was first used"},
    {"memory_in_use", "byte", "Memory of the device that the process has allocated"},
};

// What of `requested` must be counted: names of sets, of metrics, or CUPTI's own.
std::vector<std::string> toBeCounted(const std::vector<std::string>& requested);

// The first name that can be no counter of any chip; none: all may be.
std::optional<std::string> unknownCounter(const std::vector<std::string>& names);

struct CountingPlan {
  std::string chip;
  ResolvedCounters resolved;
  size_t passes = 0;
  std::string text() const;  // one line, for people
};

// For a GPU of this machine, by CUDA's number. None, with the reason.
std::optional<CountingPlan> planCounting(const std::string& cupti, int device, const std::vector<std::string>& names,
                                         std::string& why);
// The chip's counters; empty, with the reason, when CUPTI does not know them.
std::set<std::string> countersOfDevice(const std::string& cupti, int device, std::string& why);

}  // namespace ridgeline::cuda
