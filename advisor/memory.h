// Peak resident memory of a process that loads and runs a model.
#pragma once

#include "base/result.h"
#include "graph/model.h"

#include <filesystem>
#include <string>
#include <vector>

namespace ridgeline::advisor {

// Runs `command`, which loads and runs a model and prints its own peak resident memory in bytes as the last number of
// its output. (The parent cannot read it off a child: Linux's ru_maxrss survives exec and starts at the parent's.)
// Fails when the command cannot be started, does not exit with 0, or prints no number.
Result<double> peakMemoryOf(const std::vector<std::string>& command);
// Of a model that is in no file yet: the command gets the path of a temporary one, with its settings beside it.
Result<double> peakMemoryOf(std::vector<std::string> command, const graph::Model& model);

// The largest resident set this process has had, in bytes (VmHWM); Unavailable where the system does not tell.
Result<double> ownPeakMemory();

// Forgets the peak so far, where the system can (Linux: clear_refs), and gives freed memory back first.
void resetOwnPeakMemory();

// Runs a shell command with `model` as its last argument and reads the last number it prints: the user's own metric.
Result<double> runMetric(const std::string& command, const std::filesystem::path& model);
Result<double> runMetric(const std::string& command, const graph::Model& model);

}  // namespace ridgeline::advisor
