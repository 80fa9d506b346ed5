// A convolution of stride 2 over an image, as one of stride 1 over the image with each 2x2 pixels folded into channels.
#pragma once

#include "graph/tensor.h"

#include <array>
#include <cstdint>
#include <optional>

namespace ridgeline::advisor {

struct ImageConvolution {
  int64_t channels = 0;                     // of the image
  std::array<int64_t, 2> size{}, kernel{};  // height, width
  std::array<int64_t, 2> padBefore{}, padAfter{};
};

// The same sums over blocks of 2x2 pixels. Channel (column in block x channels + c) x 2 + row in block is c of that
// pixel of the block: the order in which rows of the image, moved as a whole, turn into pixels with all their channels.
struct FoldedConvolution {
  std::array<int64_t, 2> kernel{}, padBefore{}, padAfter{};
};

// nullopt where the image is odd-sized, or the last output reads less than a whole block.
std::optional<FoldedConvolution> fold(const ImageConvolution& image);

// [outputs, 4 x channels, folded kernel...]
graph::Dims foldedDims(const ImageConvolution& image, const FoldedConvolution& folded, int64_t outputs);

// The weights [outputs, channels, kernel...] rearranged, put onto weights of foldedDims() that are all zero, whatever
// integer stands for it: they stay where a folded pixel was not read before.
graph::Tensor foldWeights(const graph::Tensor& weights, const ImageConvolution& image, const FoldedConvolution& folded,
                          graph::Tensor onto);

}  // namespace ridgeline::advisor
