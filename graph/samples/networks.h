// The families of networks that samples are sized from.
#pragma once

#include "graph/model.h"

#include <array>
#include <cstdint>

namespace ridgeline::graph::networks {

// He et al., Deep Residual Learning for Image Recognition, 2015; bottleneck blocks, stride on the 3x3 convolution.
struct ResnetShape {
  int64_t width = 64;                     // channels after the stem
  std::array<int, 4> blocks{3, 4, 6, 3};  // of each stage
  int64_t imageSize = 224;
  int64_t classes = 1000;
};
Model makeResnet(const ResnetShape& shape, uint64_t seed);

// Devlin et al., BERT, 2018: post-norm encoder with an additive padding mask and a classifier on the first token.
struct BertShape {
  int64_t width = 768;
  int64_t heads = 12;
  int layers = 12;
  int64_t vocabulary = 30522;
  int64_t positions = 512;
  int64_t classes = 2;
};
Model makeBert(const BertShape& shape, uint64_t seed);

// Touvron et al., LLaMA, 2023: one decode step, key/value cache handed in and out, rotary positions, SwiGLU, RMSNorm.
struct LlamaShape {
  int64_t width = 1024;
  int64_t heads = 16;
  int64_t hidden = 2816;
  int layers = 12;
  int64_t vocabulary = 32000;
};
Model makeLlamaDecode(const LlamaShape& shape, uint64_t seed);

}  // namespace ridgeline::graph::networks
