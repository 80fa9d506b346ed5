// Weights rounded to integers.
#pragma once

#include "graph/tensor.h"

#include <optional>
#include <span>

namespace ridgeline::advisor::quantization {

// Largest magnitude of an INT8 weight. 127, but 63 on x86 processors without VNNI: there a product of uint8 and int8
// goes through VPMADDUBSW, whose 16-bit pair sums saturate beyond 2 x 255 x 64.
int int8WeightLimit();

// value = scale[channel] * integer, symmetric around zero; a channel of zeros has scale 1.
struct ChannelQuantized {
  graph::Tensor values;  // int8, dims of the weight
  graph::Tensor scales;  // float32, one a channel
};
// `scaleFloors`, if given, are the smallest scales allowed, one a channel. nullopt when the weight is not float32 or
// holds an infinity or NaN.
std::optional<ChannelQuantized> quantizePerChannel(const graph::Tensor& weight, int axis, int limit,
                                                   std::span<const float> scaleFloors = {});

// Blocks of `block` consecutive weights along K share one scale, as com.microsoft.MatMulNBits reads them.
struct BlockQuantized {
  graph::Tensor values;  // uint8 [N, blocks, block * bits / 8]; the first weight of a byte in its low bits
  graph::Tensor scales;  // float32 [N, blocks]
};
// A K x N weight (N x K when `transposed`) to 4 or 8 bits with the zero point in the middle (8 or 128); K is padded
// with zeros to whole blocks. nullopt as above.
std::optional<BlockQuantized> quantizeBlocks(const graph::Tensor& weight, bool transposed, int bits, int64_t block);

bool allFinite(std::span<const float> values);

}  // namespace ridgeline::advisor::quantization
