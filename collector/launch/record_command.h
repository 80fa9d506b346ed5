// Records a command: runs it with every plugin's library put in, and makes a profile of what they saw.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "collector/launch/spool_rows.h"
#include "plugins/sdk/host/plugin_host.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ridgeline::collector {

struct CommandRequest {
  std::vector<std::string> command;
  std::filesystem::path output;       // the .ridge file
  std::vector<std::string> counters;  // for the plugins that know them
  plugins::HostOptions plugins;
  double followSeconds = 10;  // for processes that outlive the command
  bool measureRoofs = true;   // of the devices it used; cached
};

struct CommandSummary {
  int exitStatus = 0;  // as a shell has it
  int signal = 0;      // that ended the command, or 0
  double seconds = 0;
  SpoolTotals totals;
  std::vector<std::string> notes;  // what was left out, is missing, or should be known
};

// The profile appears when the command has ended, however it ended. An error only when the command could not be run or
// the profile cannot be written.
Result<CommandSummary> recordCommand(const CommandRequest& request, Job job);

}  // namespace ridgeline::collector
