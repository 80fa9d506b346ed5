// Limits other than speed against a baseline.
#pragma once

#include "advisor/check/config.h"

#include <optional>
#include <string>
#include <vector>

namespace ridgeline::advisor {

// Told: there is no limit, the number is only shown. Unknown: there is one, and the number could not be had.
enum class GateState { Passed, Failed, Unknown, Told };
std::string_view nameOf(GateState state);

struct Gate {
  std::string name;  // "peak_memory"
  GateState state = GateState::Told;
  std::optional<double> baseline, current, limit;
  std::string text;  // one line for people
};

// What is known; all may be missing.
struct Facts {
  std::optional<double> latencyMs;
  std::optional<double> memoryBytes, memoryBytesBefore;
  std::optional<double> modelBytes, modelBytesBefore;
  std::optional<double> cosine;  // worst floating output's, with the baseline's
  std::optional<double> watts;   // that the processor drew while the model ran, measured
  std::string whyNoCosine, whyNoMemory;
};

std::vector<Gate> gatesOf(const Facts& facts, const Limits& limits, const Prices& prices);

}  // namespace ridgeline::advisor
