// What a finished candidate takes, held against the limits the user set.
#pragma once

#include "advisor/trial.h"
#include "advisor/verify.h"

#include <optional>
#include <string>
#include <vector>

namespace ridgeline::advisor {

// Absent where it was not or could not be measured.
struct Standing {
  std::optional<double> latencyMs, memoryBytes, tensorBytes, modelBytes, metric;
};

struct Shortfall {
  std::string text;              // "latency 6.1 ms is above 5 ms"
  double excess = 0;             // relative: 0.22 of the limit; 1 where it is not known
  std::optional<Goal> cure;      // what to search for instead, for memory and size
  std::optional<double> wanted;  // how many bytes that must reach
};

// Empty: every limit is kept. Accuracy is not among them: nothing is accepted that breaks it.
std::vector<Shortfall> shortfalls(const Standing& standing, const Constraints& constraints);
double totalExcess(const std::vector<Shortfall>& shortfalls);

// Which rewrites would have gone further, and why they were turned down: "quantize-dynamic: cosine 0.97 is below 0.99".
std::vector<std::string> obstacles(const std::vector<Trial>& trials, const Constraints& constraints, bool outOfBudget);

}  // namespace ridgeline::advisor
