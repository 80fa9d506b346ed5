// What must be known of a spool before its records can be made rows of.
#pragma once

#include "plugins/sdk/spool/clock_map.h"
#include "plugins/sdk/spool/spool_reader.h"

#include <filesystem>
#include <map>
#include <vector>

namespace ridgeline::collector {

struct SpoolSurvey {
  std::map<uint32_t, std::vector<plugins::ClockMap::Moment>> moments;  // by clock: early records need the later ones
  bool hasCalls = false;                                               // that launch something
  bool hasKernelCounts = false;                                        // counters of kernels, not only samples
};

Result<SpoolSurvey> surveySpool(const std::filesystem::path& file);

}  // namespace ridgeline::collector
