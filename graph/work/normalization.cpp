// Normalizations: statistics over some axes, then scale and shift.
#include "graph/work/operation.h"

#include <algorithm>

namespace ridgeline::graph::work {
namespace {

// Mean: an add. Variance: subtract, square, add. Result: subtract, divide, and the scale and shift that are there.
constexpr double kMeanVarianceCost = 6;
// Root mean square: square, add, divide, scale (Zhang & Sennrich, Root Mean Square Layer Normalization, eq. 4).
constexpr double kRmsCost = 4;

std::optional<Work> perElement(const Operation& op, double cost) {
  const TensorShape* in = op.input(0);
  if (!in) return std::nullopt;
  return trafficWith(op, in->type, cost * elements(*in));
}

// At inference the statistics are constants: x * a + b, with a and b known per channel.
std::optional<Work> batchNormalization(const Operation& op) {
  if (intAttribute(op.node, "training_mode", 0) != 0) return std::nullopt;
  const TensorShape* in = op.input(0);
  const TensorShape* out = op.output(0);
  if (!in || !out || !op.inputsKnown()) return std::nullopt;
  // Further outputs belong to training; older files list them and no engine fills them.
  Work work;
  for (const TensorShape& shape : op.inputs) work.bytesRead += byteCount(shape);
  work.bytesWritten = byteCount(*out);
  addArithmetic(work, in->type, 2 * elements(*in));
  return work;
}

// Scale is input 1, the shift input 2 where there is one.
std::optional<Work> meanVariance(const Operation& op) {
  return perElement(op, kMeanVarianceCost + (op.input(1) ? 1 : 0) + (op.input(2) ? 1 : 0));
}

std::optional<Work> rms(const Operation& op) { return perElement(op, kRmsCost); }

// com.microsoft: the normalization's input is input + skip (+ bias).
std::optional<Work> skipLayerNormalization(const Operation& op) {  // input, skip, gamma, beta, bias
  if (!op.input(1)) return std::nullopt;
  return perElement(op, kMeanVarianceCost + 2 + (op.input(3) ? 1 : 0) + (op.input(4) ? 1 : 0));
}
std::optional<Work> skipRms(const Operation& op) {  // input, skip, gamma, bias
  if (!op.input(1)) return std::nullopt;
  return perElement(op, kRmsCost + 1 + (op.input(3) ? 1 : 0));
}

// com.microsoft, channels last: input, gamma, beta; `activation` 1 is Swish.
std::optional<Work> groupNorm(const Operation& op) {
  const bool swish = intAttribute(op.node, "activation", 0) == 1;
  return perElement(op, kMeanVarianceCost + 2 + (swish ? activationCost("Swish").value_or(0) : 0));
}

// Rows of up to three embedding tables (words, positions, segments) are added, then normalized. A table is read where
// rows are taken, at most whole. With no position ids the positions are 0, 1, ...: the same rows for the whole batch.
std::optional<Work> embeddings(const Operation& op, bool positionsGiven, double costPerRow) {
  const TensorShape *words = op.input(2), *positions = op.input(3), *segments = op.input(4), *out = op.output(0);
  if (!words || !positions || !out || out->dims.size() != 3) return std::nullopt;
  auto work = traffic(op);
  if (!work) return std::nullopt;
  const double count = elements(*out);
  const auto batch = static_cast<double>(out->dims[0]);
  const auto readRowsOnly = [&](const TensorShape& table, double read) {
    work->bytesRead -= std::max(0.0, byteCount(table) - byteCount(table.type, read));
  };
  readRowsOnly(*words, count);
  readRowsOnly(*positions, positionsGiven || batch == 0 ? count : count / batch);
  if (segments) readRowsOnly(*segments, count);
  const double tables = segments ? 3 : 2;
  addArithmetic(*work, out->type, (tables - 1 + tables * costPerRow + kMeanVarianceCost + 2) * count);
  return work;
}

// input_ids, segment_ids, the tables, gamma, beta, mask, position_ids.
std::optional<Work> embedLayerNormalization(const Operation& op) { return embeddings(op, op.input(8) != nullptr, 0); }
// The same in 8 bits, with scales and zero points after the mask: each row is dequantized (subtract, multiply).
std::optional<Work> quantizedEmbedLayerNormalization(const Operation& op) { return embeddings(op, false, 2); }

// x / (bias + alpha / size * sum of squares over `size` channels) ^ beta: a square, size adds with the bias, multiply,
// power, divide (Krizhevsky et al., ImageNet Classification with Deep CNNs, section 3.3).
std::optional<Work> localResponse(const Operation& op) {
  const auto size = static_cast<double>(intAttribute(op.node, "size", 0));
  if (size <= 0) return std::nullopt;
  return perElement(op, size + 4);
}

std::optional<Work> lpNormalization(const Operation& op) { return perElement(op, 3); }  // power, add, divide
std::optional<Work> meanVarianceOnly(const Operation& op) { return perElement(op, kMeanVarianceCost); }

constexpr Entry kEntries[] = {
    {kOnnx, "BatchNormalization", batchNormalization},
    {kOnnx, "LayerNormalization", meanVariance},
    {kOnnx, "InstanceNormalization", meanVariance},
    {kOnnx, "GroupNormalization", meanVariance},
    {kOnnx, "MeanVarianceNormalization", meanVarianceOnly},
    {kOnnx, "RMSNormalization", rms},
    {kOnnx, "SimplifiedLayerNormalization", rms},  // ONNX Runtime's name, in ONNX's domain
    {kOnnx, "LRN", localResponse},
    {kOnnx, "LpNormalization", lpNormalization},
    {kMicrosoft, "LayerNormalization", meanVariance},
    {kMicrosoft, "SimplifiedLayerNormalization", rms},
    {kMicrosoft, "SkipLayerNormalization", skipLayerNormalization},
    {kMicrosoft, "SkipSimplifiedLayerNormalization", skipRms},
    {kMicrosoft, "EmbedLayerNormalization", embedLayerNormalization},
    {kMicrosoft, "QEmbedLayerNormalization", quantizedEmbedLayerNormalization},
    {kMicrosoft, "GroupNorm", groupNorm},
    {kNhwc, "BatchNormalization", batchNormalization},
    {kNhwc, "InstanceNormalization", meanVariance},
    {kNhwc, "LRN", localResponse},
};

}  // namespace

std::span<const Entry> normalizationEntries() { return kEntries; }

}  // namespace ridgeline::graph::work
