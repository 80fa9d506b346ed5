// Rules about a recorded program. Each looks at one device and says what it would change there, on what evidence, and
// what that should win in the whole recording; advice.cpp lists them and keeps what is worth a person's time.
#pragma once

#include "analyzers/timeline/advice/trace_facts.h"

#include <string>
#include <vector>

namespace ridgeline::analyzers {

struct ProgramChange {
  std::string rule, variant;
  bool lossy = false;
  std::string target;
  std::vector<std::string> evidence;
  std::string assumption;  // what the predicted gain stands on
  double gainNs = 0;
};
using ProgramChanges = std::vector<ProgramChange>;

// Steps of many small launches that the host makes too late: launch them as one graph.
ProgramChanges useGraphs(const TraceFacts& facts);
// Element-wise kernels in a row: one kernel.
ProgramChanges fuseChains(const TraceFacts& facts);
// Matrix products in a type for which the device has faster units: TF32, BF16 or FP16, FP8.
ProgramChanges lowerPrecision(const TraceFacts& facts);
// Convolutions that reorder tensors around them: keep tensors in the order they want.
ProgramChanges keepChannelsLast(const TraceFacts& facts);
// Copies from pageable memory.
ProgramChanges pinMemory(const TraceFacts& facts);
// The same bytes copied to the device in every step.
ProgramChanges keepOnDevice(const TraceFacts& facts);
// Copies and communication that nothing hides.
ProgramChanges overlap(const TraceFacts& facts);
// Launches too small for the device.
ProgramChanges batchMore(const TraceFacts& facts);

// Shared words.
std::string timeText(double ns);
std::string stepText(const TraceFacts& facts, double ns);  // "1.2 ms of a step of 30 ms", "1.2 ms of 30 ms"

}  // namespace ridgeline::analyzers
