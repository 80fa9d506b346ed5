#include "advisor/rules/layout/unfolded_convolution.h"

namespace ridgeline::advisor {
namespace {

int64_t floorDiv(int64_t a, int64_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

}  // namespace

std::optional<UnfoldedConvolution> unfold(const TransposedGeometry& geometry) {
  UnfoldedConvolution unfolded;
  for (size_t axis = 0; axis < 2; ++axis) {
    const int64_t kernel = geometry.kernel[axis], stride = geometry.stride[axis], before = geometry.padBefore[axis];
    if (kernel - before - geometry.padAfter[axis] + geometry.outputPadding[axis] != stride) return std::nullopt;
    const int64_t first = -floorDiv(stride - 1 + before, stride), last = floorDiv(kernel - 1 - before, stride);
    if (last < 0) return std::nullopt;
    unfolded.kernel[axis] = last - first + 1;
    unfolded.padBefore[axis] = last;
    unfolded.padAfter[axis] = -first;
  }
  return unfolded;
}

graph::Tensor unfoldWeights(const graph::Tensor& weights, const TransposedGeometry& geometry,
                            const UnfoldedConvolution& unfolded) {
  const int64_t channels = weights.dims()[0], outputs = weights.dims()[1];
  const int64_t blocks = geometry.stride[0] * geometry.stride[1];
  graph::Tensor result(graph::DataType::Float, {blocks * outputs, channels, unfolded.kernel[0], unfolded.kernel[1]});
  const auto from = weights.as<float>();
  const auto to = result.as<float>();
  size_t next = 0;
  for (int64_t c = 0; c < channels; ++c) {
    for (int64_t o = 0; o < outputs; ++o) {
      for (int64_t y = 0; y < geometry.kernel[0]; ++y) {
        for (int64_t x = 0; x < geometry.kernel[1]; ++x, ++next) {
          const int64_t dy = y - geometry.padBefore[0], dx = x - geometry.padBefore[1];
          const int64_t ty = floorDiv(dy, geometry.stride[0]), tx = floorDiv(dx, geometry.stride[1]);
          const int64_t block = (dy - ty * geometry.stride[0]) * geometry.stride[1] + dx - tx * geometry.stride[1];
          const int64_t row = ((block * outputs + o) * channels + c) * unfolded.kernel[0] + unfolded.padBefore[0] - ty;
          to[static_cast<size_t>(row * unfolded.kernel[1] + unfolded.padBefore[1] - tx)] = from[next];
        }
      }
    }
  }
  return result;
}

}  // namespace ridgeline::advisor
