#include "advisor/rules/layout/folded_convolution.h"

#include <cstring>

namespace ridgeline::advisor {
namespace {

// The block that offset `o` of a pixel from an even one lies in; offsets before it are in blocks below zero.
int64_t blockOf(int64_t o) { return o >= 0 ? o / 2 : -((1 - o) / 2); }

}  // namespace

std::optional<FoldedConvolution> fold(const ImageConvolution& image) {
  FoldedConvolution folded;
  for (size_t axis = 0; axis < 2; ++axis) {
    const int64_t size = image.size[axis], kernel = image.kernel[axis], before = image.padBefore[axis];
    if (size <= 0 || size % 2 != 0) return std::nullopt;
    const int64_t outputs = (size + before + image.padAfter[axis] - kernel) / 2 + 1;
    const int64_t first = blockOf(-before), last = blockOf(kernel - 1 - before);
    folded.kernel[axis] = last - first + 1;
    folded.padBefore[axis] = -first;
    folded.padAfter[axis] = outputs - 1 + folded.kernel[axis] - size / 2 - folded.padBefore[axis];
    if (outputs < 1 || folded.padBefore[axis] < 0 || folded.padAfter[axis] < 0) return std::nullopt;
  }
  return folded;
}

graph::Dims foldedDims(const ImageConvolution& image, const FoldedConvolution& folded, int64_t outputs) {
  return {outputs, 4 * image.channels, folded.kernel[0], folded.kernel[1]};
}

graph::Tensor foldWeights(const graph::Tensor& weights, const ImageConvolution& image, const FoldedConvolution& folded,
                          graph::Tensor onto) {
  const int64_t outputs = weights.dims()[0];
  const size_t size = weights.byteSize() / static_cast<size_t>(weights.size());
  const std::byte* from = weights.bytes().data();
  for (int64_t o = 0; o < outputs; ++o) {
    for (int64_t c = 0; c < image.channels; ++c) {
      for (int64_t y = 0; y < image.kernel[0]; ++y) {
        for (int64_t x = 0; x < image.kernel[1]; ++x, from += size) {
          const int64_t dy = y - image.padBefore[0], dx = x - image.padBefore[1];
          const int64_t by = blockOf(dy), bx = blockOf(dx);
          const int64_t channel = ((dx - 2 * bx) * image.channels + c) * 2 + (dy - 2 * by);
          const int64_t row = (o * 4 * image.channels + channel) * folded.kernel[0] + by + folded.padBefore[0];
          const int64_t at = row * folded.kernel[1] + bx + folded.padBefore[1];
          std::memcpy(onto.bytes().data() + static_cast<size_t>(at) * size, from, size);
        }
      }
    }
  }
  return onto;
}

}  // namespace ridgeline::advisor
