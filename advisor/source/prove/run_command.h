// A shell command in a folder, with what it printed and how long it took.
#pragma once

#include "base/progress.h"
#include "base/result.h"

#include <filesystem>
#include <string>

namespace ridgeline::source {

struct CommandRun {
  int status = 0;         // exit status; 128 + signal when it was killed
  double ms = 0;          // from start to end
  std::string out;        // stdout; what goes to stderr is not kept
  std::string lastError;  // the last line of stderr
};

// Unavailable when no process can be started, or when it prints more than a gigabyte.
Result<CommandRun> runCommand(const std::string& command, const std::filesystem::path& folder, Job job);

}  // namespace ridgeline::source
