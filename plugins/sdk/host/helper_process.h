// Runs ridgeline-plugin-host, in which a plugin can do no harm: crash, hang, write over memory.
#pragma once

#include "base/progress.h"
#include "base/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace ridgeline::plugins {

// Beside the running program, in ../libexec/ridgeline, or what RIDGELINE_PLUGIN_HOST names.
Result<std::filesystem::path> helperProgram();

struct HelperOutcome {
  bool finished = false;  // it ran to its end
  std::string answer;     // the last line it wrote, when it finished
  std::string step;       // what it was about when it did not: "devices"
  // How it ended otherwise: "crashes (SIGSEGV)", "does not come back within 10 s", "ends the process with status 1".
  std::string failure;
};

// An error only when the helper cannot be run at all, or the user stops.
Result<HelperOutcome> runHelper(const std::vector<std::string>& arguments, double timeoutSeconds, const StopFlag& stop);

// The file descriptor on which the helper writes, one line at a time: "step NAME" or "answer JSON".
inline constexpr int kHelperAnswers = 3;
inline constexpr std::string_view kStepPrefix = "step ", kAnswerPrefix = "answer ";

// "SIGSEGV" for 11.
std::string signalName(int number);

}  // namespace ridgeline::plugins
