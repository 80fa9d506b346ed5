// Windows over images: pooling, and interpolation, which is its inverse.
#include "graph/work/operation.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace ridgeline::graph::work {
namespace {

// nullopt when the node has no usable kernel_shape.
std::optional<double> windowVolume(const Node& node) {
  const std::vector<int64_t> kernel = intsAttribute(node, "kernel_shape");
  if (kernel.empty() || std::any_of(kernel.begin(), kernel.end(), [](int64_t k) { return k <= 0; }))
    return std::nullopt;
  return elements(kernel);
}

// PerElement operations for every element of the window (those over the padding too), PerOutput for every result.
template <int PerElement, int PerOutput>
std::optional<Work> pool(const Operation& op) {
  const TensorShape *in = op.input(0), *out = op.output(0);
  const auto volume = windowVolume(op.node);
  if (!in || !out || !volume) return std::nullopt;
  return trafficWith(op, in->type, (PerElement * *volume + PerOutput) * elements(*out));
}

template <int PerElement, int PerOutput>
std::optional<Work> globalPool(const Operation& op) {
  const TensorShape *in = op.input(0), *out = op.output(0);
  if (!in || !out) return std::nullopt;
  return trafficWith(op, in->type, PerElement * elements(*in) + PerOutput * elements(*out));
}

// x, x_scale, x_zero_point, y_scale, y_zero_point: sums of 8-bit integers, scaled once per result (left out).
std::optional<Work> qLinearAveragePool(const Operation& op) {
  const TensorShape* out = op.output(0);
  const auto volume = windowVolume(op.node);
  if (!out || !volume) return std::nullopt;
  return trafficWithInt8(op, *volume * elements(*out));
}
std::optional<Work> qLinearReduction(const Operation& op) {
  const TensorShape* in = op.input(0);
  if (!in) return std::nullopt;
  return trafficWithInt8(op, elements(*in));
}

enum class Interpolation { Nearest, Linear, Cubic };

std::optional<Interpolation> interpolationOf(const Node& node) {
  const std::string mode = stringAttribute(node, "mode", "nearest");
  if (mode == "nearest") return Interpolation::Nearest;
  if (mode == "linear" || mode == "bilinear") return Interpolation::Linear;
  if (mode == "cubic") return Interpolation::Cubic;
  return std::nullopt;
}

// Over d changed axes a linear result blends 2^d neighbours by 2^d - 1 steps of a + t (b - a), three operations each; a
// cubic one weighs 4^d by multiply-adds (Keys, Cubic convolution interpolation, 1981). Nearest only copies.
double interpolationCost(Interpolation kind, int axes) {
  if (kind == Interpolation::Linear) return 3 * (std::pow(2.0, axes) - 1);
  if (kind == Interpolation::Cubic && axes > 0) return 2 * std::pow(4.0, axes);
  return 0;
}

std::optional<Work> resize(const Operation& op) {
  const TensorShape *in = op.input(0), *out = op.output(0);
  const auto kind = interpolationOf(op.node);
  if (!in || !out || !kind || in->dims.size() != out->dims.size() || intAttribute(op.node, "antialias", 0) != 0) {
    return std::nullopt;
  }
  int axes = 0;
  for (size_t i = 0; i < in->dims.size(); ++i) axes += in->dims[i] != out->dims[i] ? 1 : 0;
  auto work = trafficWith(op, in->type, interpolationCost(*kind, axes) * elements(*out));
  // Shrinking reads no more than the neighbours it needs.
  const double reach = *kind == Interpolation::Nearest ? 1 : std::pow(*kind == Interpolation::Linear ? 2.0 : 4.0, axes);
  const double needed = byteCount(in->type, reach * elements(*out));
  if (work) work->bytesRead -= std::max(0.0, byteCount(*in) - needed);
  return work;
}

// Every input element is added to the image it came from.
std::optional<Work> col2Im(const Operation& op) { return globalPool<1, 0>(op); }

constexpr Entry kEntries[] = {
    {kOnnx, "MaxPool", pool<1, 0>},
    {kOnnx, "AveragePool", pool<1, 1>},
    {kOnnx, "LpPool", pool<2, 1>},
    {kOnnx, "GlobalMaxPool", globalPool<1, 0>},
    {kOnnx, "GlobalAveragePool", globalPool<1, 1>},
    {kOnnx, "GlobalLpPool", globalPool<2, 1>},
    {kOnnx, "Resize", resize},
    {kOnnx, "Upsample", resize},
    {kOnnx, "Col2Im", col2Im},
    {kMicrosoft, "NhwcMaxPool", pool<1, 0>},
    {kMicrosoft, "QLinearAveragePool", qLinearAveragePool},
    {kMicrosoft, "QLinearGlobalAveragePool", qLinearReduction},
    {kMicrosoft, "QLinearReduceMean", qLinearReduction},
    {kNchwc, "MaxPool", pool<1, 0>},
    {kNchwc, "AveragePool", pool<1, 1>},
    {kNchwc, "GlobalMaxPool", globalPool<1, 0>},
    {kNchwc, "GlobalAveragePool", globalPool<1, 1>},
    {kNchwc, "Upsample", resize},
    {kNhwc, "MaxPool", pool<1, 0>},
    {kNhwc, "AveragePool", pool<1, 1>},
    {kNhwc, "GlobalMaxPool", globalPool<1, 0>},
    {kNhwc, "GlobalAveragePool", globalPool<1, 1>},
    {kNhwc, "QLinearAveragePool", qLinearAveragePool},
    {kNhwc, "QLinearGlobalAveragePool", qLinearReduction},
    {kNhwc, "Resize", resize},
    {kNhwc, "Upsample", resize},
};

}  // namespace

std::span<const Entry> poolingEntries() { return kEntries; }

}  // namespace ridgeline::graph::work
