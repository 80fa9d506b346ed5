// A transposed convolution as a plain one that makes, at every input pixel, the whole block of output pixels that lie
// there, as channels; unfolding the blocks then only moves them.
//
// Output pixel s q + r of a transposed convolution with stride s and p rows of padding before sums the input pixels
// q - t by the taps s t + r + p that the kernel has (ONNX's ConvTranspose, along each axis), so each r has a plain
// convolution of its own over q.
#pragma once

#include "graph/tensor.h"

#include <array>
#include <cstdint>
#include <optional>

namespace ridgeline::advisor {

struct TransposedGeometry {
  std::array<int64_t, 2> kernel{}, stride{1, 1};  // height, width
  std::array<int64_t, 2> padBefore{}, padAfter{}, outputPadding{};
};

// Of stride 1. Channel (row in block x stride[1] + column in block) x outputs + o is output o of that pixel.
struct UnfoldedConvolution {
  std::array<int64_t, 2> kernel{}, padBefore{}, padAfter{};
};

// nullopt where the output is not `stride` times as large as the input, or pads more than the kernel reaches.
std::optional<UnfoldedConvolution> unfold(const TransposedGeometry& geometry);

// The float32 weights [channels, outputs, kernel...] of a transposed convolution rearranged for the plain one:
// [stride[0] x stride[1] x outputs, channels, kernel...]; zeros where the kernel has no tap.
graph::Tensor unfoldWeights(const graph::Tensor& weights, const TransposedGeometry& geometry,
                            const UnfoldedConvolution& unfolded);

}  // namespace ridgeline::advisor
