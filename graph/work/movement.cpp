// Operators that copy, reorder or only rename: no arithmetic.
#include "graph/work/operation.h"

#include <algorithm>

namespace ridgeline::graph::work {
namespace {

// A new name, or shape, for the same bytes.
std::optional<Work> rename(const Operation&) { return Work{}; }

// At inference the data passes through; only a mask that is asked for is written.
std::optional<Work> dropout(const Operation& op) {
  if (!op.outputsKnown()) return std::nullopt;
  Work work;
  if (const TensorShape* mask = op.output(1)) work.bytesWritten = byteCount(*mask);
  return work;
}

// The answer is in the shape: the tensor itself is not read.
std::optional<Work> ofShapeOnly(const Operation& op) {
  const TensorShape* out = op.output(0);
  if (!out) return std::nullopt;
  Work work;
  work.bytesWritten = byteCount(*out);
  return work;
}

std::optional<Work> move(const Operation& op) {
  if (!op.input(0)) return std::nullopt;
  return traffic(op);
}

// Reads what goes out, not all that comes in; further inputs (starts, axes, a condition) whole.
std::optional<Work> part(const Operation& op) {
  const TensorShape *in = op.input(0), *out = op.output(0);
  if (!in || !out) return std::nullopt;
  auto work = traffic(op);
  if (work) work->bytesRead -= std::max(0.0, byteCount(*in) - byteCount(in->type, elements(*out)));
  return work;
}

// The second input gives its type only.
std::optional<Work> castLike(const Operation& op) {
  if (!op.input(0) || !op.input(1)) return std::nullopt;
  auto work = traffic(op);
  if (work) work->bytesRead = byteCount(*op.input(0));
  return work;
}

constexpr Entry kEntries[] = {
    {kOnnx, "Reshape", rename},
    {kOnnx, "Squeeze", rename},
    {kOnnx, "Unsqueeze", rename},
    {kOnnx, "Flatten", rename},
    {kOnnx, "Identity", rename},
    {kOnnx, "Constant", rename},
    {kOnnx, "Dropout", dropout},
    {kMicrosoft, "ExpandDims", rename},
    {kOnnx, "Shape", ofShapeOnly},
    {kOnnx, "Size", ofShapeOnly},
    {kOnnx, "EyeLike", ofShapeOnly},
    {kOnnx, "ConstantOfShape", move},
    {kOnnx, "Range", move},
    {kOnnx, "OneHot", move},
    {kOnnx, "Transpose", move},
    {kOnnx, "Concat", move},
    {kOnnx, "Split", move},
    {kOnnx, "Pad", move},
    {kOnnx, "Tile", move},
    {kOnnx, "Expand", move},
    {kOnnx, "Cast", move},
    {kOnnx, "CastLike", castLike},
    {kOnnx, "Trilu", move},
    {kOnnx, "DepthToSpace", move},
    {kOnnx, "SpaceToDepth", move},
    {kOnnx, "ReverseSequence", move},
    {kOnnx, "CenterCropPad", part},
    {kOnnx, "Slice", part},
    {kOnnx, "Compress", part},
    {kMicrosoft, "Trilu", move},
    {kMicrosoft, "Pad", move},
    {kNchwc, "ReorderInput", move},
    {kNchwc, "ReorderOutput", move},
    {kNhwc, "DepthToSpace", move},
    {kNhwc, "SpaceToDepth", move},
    // ONNX Runtime's copies between devices.
    {kOnnx, "MemcpyFromHost", move},
    {kOnnx, "MemcpyToHost", move},
};

}  // namespace

std::span<const Entry> movementEntries() { return kEntries; }

}  // namespace ridgeline::graph::work
