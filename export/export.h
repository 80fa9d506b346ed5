// A profile as a file that other programs open.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "profile/profile.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ridgeline::exporting {

struct ExportSummary {
  int64_t slices = 0, counters = 0, flows = 0, rows = 0;
  std::vector<std::string> files;  // names in the folder, where the output is one
};

// https://perfetto.dev: a track for each thread and stream, counters, and arrows from launches to what they launched.
Result<ExportSummary> exportPerfetto(const profile::Profile& profile, const std::filesystem::path& output, Job job);

// The trace event format of chrome://tracing.
Result<ExportSummary> exportChrome(const profile::Profile& profile, const std::filesystem::path& output, Job job);

// The documented views: one file (name ending in .csv) with the view `table`, else a folder with a file for each.
// Usage when there is no such view.
Result<ExportSummary> exportCsv(const profile::Profile& profile, const std::filesystem::path& output,
                                const std::string& table, Job job);

}  // namespace ridgeline::exporting
