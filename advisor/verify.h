// How far the outputs of a rewritten model are from the original's.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "engine/session.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ridgeline::advisor {

// What the user demands of the result. Without any, first-output cosine 0.99.
struct Constraints {
  double minCosine = 0.99;
  std::optional<double> minTop1;
  std::optional<double> maxLatencyMs;
  std::optional<double> maxMemoryBytes;  // peak resident memory of a process that loads and runs the model
  std::optional<double> maxTensorBytes;  // of the tensors that are alive at once (tensor_memory.h)
  std::optional<double> maxModelBytes;   // weights and all
  std::string metricCommand;             // run with the model's path as its last argument; prints a number
  std::optional<double> minMetric;
  bool exactOnly = false;
};

// One output compared over all samples; the worst sample counts.
struct OutputError {
  std::string name;
  bool floating = false;
  bool shapesAgree = true;
  bool finite = true;      // no NaN or infinity that the reference does not have
  double cosine = 1;       // smallest; 1 when both are all zeros
  double maxAbs = 0;       // largest absolute difference
  double maxRelative = 0;  // maxAbs over the reference's largest magnitude
  double relativeError =
      0;  // ||difference|| / ||reference||, Euclidean: sees a wrong scale, to which the cosine is blind
  double top1Agreement = 1;  // share of rows (last dimension) whose largest element is at the same place
};

struct Verification {
  std::vector<OutputError> outputs;  // in the model's order
  int samples = 0;
  // The first floating output: what the JSON reports and --min-cosine is quoted for. Null if there is none.
  const OutputError* primary() const;
};

// Outputs of the original, kept to compare candidates with.
class Reference {
 public:
  static Result<Reference> take(engine::Session& original, std::span<const engine::NamedTensors> samples, Job job);
  // The candidate is bound to each sample in turn and left bound to the first.
  Result<Verification> compare(engine::Session& candidate, Job job) const;
  std::span<const engine::NamedTensors> samples() const { return m_samples; }

 private:
  std::span<const engine::NamedTensors> m_samples;
  std::vector<std::string> m_names;
  std::vector<engine::NamedTensors> m_outputs;
};

// Compares two tensors of the same name; exposed for tests.
OutputError compareTensors(const graph::Tensor& reference, const graph::Tensor& candidate);

// Why the outputs are not good enough, or nullopt. A lossy rewrite must keep every floating output at minCosine, the
// shapes, and minTop1 if given, and the Euclidean error within three times what that cosine stands for (two vectors of
// one length at cosine c are sqrt(2 (1 - c)) of their length apart); an exact one must agree to rounding: cosine
// 0.99999, differences below 1e-3 of the largest magnitude, and integer outputs equal.
std::optional<std::string> unacceptable(const Verification& verification, const Constraints& constraints, bool lossy);

}  // namespace ridgeline::advisor
