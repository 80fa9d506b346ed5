// Which logical processors this process may use, and what they share.
#pragma once

#include "plugins/cpu/roofs.h"

#include <filesystem>
#include <vector>

namespace ridgeline::cpu {

struct LogicalProcessor {
  int id = 0;
  int core = 0;      // lowest logical processor of the physical core
  int l2Domain = 0;  // lowest logical processor that shares the L2
  int l3Domain = 0;  // likewise, the L3
};

// Logical processors the scheduler lets this thread run on.
std::vector<int> allowedProcessors();

// In the order in which threads should be placed: one per physical core first, then the cores' other hardware threads.
std::vector<LogicalProcessor> placementOrder(const std::filesystem::path& root, const std::vector<int>& allowed);

// Data and unified caches as the given logical processor sees them, smallest level first.
std::vector<CacheLevel> readCaches(const std::filesystem::path& root, int processor);

// detectProcessor() with the machine's description under another root.
Processor detectProcessor(const std::filesystem::path& root, const std::vector<int>& allowed,
                          const std::string& architecture);

// Memory that can be had now without pushing anything out, cgroup limit considered; 0 when unknown.
int64_t availableMemory(const std::filesystem::path& root);

}  // namespace ridgeline::cpu
