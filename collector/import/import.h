// Recordings of other tools become a profile.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "collector/import/recording.h"
#include "profile/levels.h"
#include "profile/profile.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ridgeline::collector::import {

struct ImportRequest {
  std::vector<std::filesystem::path> traces;  // each becomes a rank, or several
  std::filesystem::path output;               // .ridge
  std::vector<std::string> command;           // for the profile's `command`
  // Of more slices, the levels of detail are made at once, so that the window opens without making them.
  int64_t levelsAbove = profile::levels::kWorthKeeping;
};

struct ImportedRank {
  std::string name, source, format;
  int64_t slices = 0, kernels = 0, copies = 0, sets = 0, operators = 0, runs = 0;
  double kernelMs = 0, copyMs = 0;
  std::vector<std::string> devices;
};

struct ImportSummary {
  std::vector<ImportedRank> ranks;
  std::vector<profile::Intake> notKept;  // over all ranks
  std::vector<std::string> notes;
};

// BadInput when a file is none of the known formats, or damaged; nothing is left under the output's name then.
Result<ImportSummary> importTraces(const ImportRequest& request, Job job);

// The same into a profile that is there, empty; for tests and fuzzers.
Result<ImportSummary> importInto(profile::Profile& profile, const std::vector<std::filesystem::path>& traces, Job job);

// One file's processes, connected and grouped. `content` instead of the file's bytes where given.
Result<std::vector<Recording>> readRecording(const std::filesystem::path& path, Names& names, Job job);
Result<std::vector<Recording>> readRecordingFrom(std::string content, Names& names, Job job);

// "kineto", "nsys", ... and what they are, for the help.
std::vector<std::pair<std::string, std::string>> importFormats();

}  // namespace ridgeline::collector::import
