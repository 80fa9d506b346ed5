// Peak resident memory of a process that loads and runs a model.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace ridgeline::advisor {

// Starts `command` and waits; returns the largest resident set it had, in bytes (wait4's ru_maxrss). Its output is
// dropped. Fails when the command cannot be started or does not exit with 0.
Result<double> peakMemoryOf(const std::vector<std::string>& command);

// Runs a shell command with `model` as its last argument and reads the last number it prints: the user's own metric.
Result<double> runMetric(const std::string& command, const std::filesystem::path& model);

}  // namespace ridgeline::advisor
