// Runs a command as if the caller had run it, and tells how it ended.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "plugins/sdk/host/description.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ridgeline::collector {

struct LaunchRequest {
  std::vector<std::string> command;  // the program, found through PATH, and its arguments
  std::vector<plugins::Variable> variables;
  // The command may end before processes it started. They are waited for as long as this says that there is something
  // to wait for, but no longer than that.
  std::function<bool()> othersAtWork;
  double followSeconds = 10;
};

struct LaunchOutcome {
  int exitStatus = 0;  // as a shell has it: 128 + number for a signal
  int signal = 0;      // that ended it
  int64_t startNs = 0, endNs = 0;
  bool othersLeft = false;  // some were still at work when they were no longer waited for
};

// Signals sent to this process alone (SIGINT, SIGTERM, SIGHUP, SIGQUIT) go on to the command; those of a terminal reach
// it anyway. Either way this returns when the command has ended, and the caller goes on. A stopped job ends the command
// with SIGTERM. For the time of the call the thread's signal mask is its own; other threads should block these signals.
// BadInput when the command cannot be run.
Result<LaunchOutcome> launch(const LaunchRequest& request, Job job);

// This process's environment with the variables put in, as "NAME=VALUE".
std::vector<std::string> environmentWith(const std::vector<plugins::Variable>& variables);

}  // namespace ridgeline::collector
