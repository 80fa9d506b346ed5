// How much memory each thread works on to measure one level of the memory hierarchy.
#pragma once

#include "plugins/cpu/detect/topology.h"

#include <string>
#include <vector>

namespace ridgeline::cpu {

struct LevelPlan {
  std::string level;           // "L1", "L2", "L3", "DRAM"
  int64_t bytesPerThread = 0;  // working set; a multiple of 3 x 64 KiB for DRAM and L3, of 3 x 1 KiB below
  int64_t shareBytes = 0;      // of the cache, a thread, as the processor reports it; 0 for DRAM
  std::string note;            // what a reader of the number should know; may be empty
};

// For threads placed on these processors. Levels that cannot be told apart are left out. `availableBytes`: of memory.
std::vector<LevelPlan> planLevels(const std::vector<CacheLevel>& caches, const std::vector<LogicalProcessor>& placed,
                                  int64_t availableBytes);

}  // namespace ridgeline::cpu
