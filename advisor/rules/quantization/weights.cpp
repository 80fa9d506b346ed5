#include "advisor/rules/quantization/weights.h"

#include "plugins/cpu/roofs.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ridgeline::advisor::quantization {
namespace {

// A weight seen as [outer][channels][inner], the channels being one of its axes.
struct Layout {
  int64_t outer = 1, channels = 1, inner = 1;

  Layout(const graph::Dims& dims, int axis) {
    for (size_t i = 0; i < dims.size(); ++i) {
      (static_cast<int>(i) < axis ? outer : static_cast<int>(i) == axis ? channels : inner) *= dims[i];
    }
  }
  template <class Visit>  // visit(channel, first element, count), over rows that belong to one channel
  void forRows(Visit visit) const {
    for (int64_t o = 0; o < outer; ++o) {
      for (int64_t c = 0; c < channels; ++c) visit(c, (o * channels + c) * inner, inner);
    }
  }
};

bool quantizable(const graph::Tensor& weight) {
  return weight.type() == graph::DataType::Float && weight.size() > 0 && allFinite(weight.as<float>());
}

std::vector<float> largestPerChannel(std::span<const float> values, const Layout& layout) {
  std::vector<float> largest(static_cast<size_t>(layout.channels), 0);
  layout.forRows([&](int64_t c, int64_t at, int64_t count) {
    float& m = largest[static_cast<size_t>(c)];
    for (int64_t i = at; i < at + count; ++i) m = std::max(m, std::fabs(values[static_cast<size_t>(i)]));
  });
  return largest;
}

// To the nearest integer, ties to even. Adding 1.5 * 2^23 leaves no bits for a fraction; unlike nearbyint() this
// vectorizes on every processor. Magnitudes here are below 2^22.
float roundTo(float v, float lo, float hi) {
  constexpr float kNoFraction = 12582912.0f;
  return std::clamp((v + kNoFraction) - kNoFraction, lo, hi);
}

// One block of weights along K for one output column.
void quantizeBlock(std::span<const float> weights, int bits, uint8_t* bytes, float& scale) {
  const float zero = bits == 4 ? 8 : 128;
  float extreme = 0;  // of largest magnitude, with its sign
  for (const float w : weights) extreme = std::fabs(w) > std::fabs(extreme) ? w : extreme;
  // The integers reach from -zero to zero - 1: put the extreme, whatever its sign, on -zero to use them all.
  scale = extreme == 0 ? 1 : -extreme / zero;
  const float inverse = 1 / scale;
  if (!std::isfinite(inverse)) scale = 1;
  for (size_t i = 0; i < weights.size(); ++i) {
    const float scaled = std::isfinite(inverse) ? weights[i] * inverse : 0;
    const auto q = static_cast<uint8_t>(roundTo(scaled + zero, 0, 2 * zero - 1));
    if (bits == 8) {
      bytes[i] = q;
    } else {
      bytes[i / 2] = static_cast<uint8_t>(i % 2 == 0 ? q : bytes[i / 2] | (q << 4));
    }
  }
}

}  // namespace

int int8WeightLimit() {
  static const int limit = [] {
    const auto processor = cpu::detectProcessor();
    if (processor.architecture != "x86_64") return 127;
    const auto has = [&](const char* name) { return std::ranges::count(processor.isa, name) > 0; };
    return has("avx512_vnni") || has("avx_vnni") || has("amx_int8") ? 127 : 63;
  }();
  return limit;
}

bool allFinite(std::span<const float> values) {
  // Zero times a value is NaN exactly if the value is not finite; the sum vectorizes.
  float poison = 0;
  for (const float v : values) poison += v * 0.0f;
  return poison == 0.0f;
}

std::optional<ChannelQuantized> quantizePerChannel(const graph::Tensor& weight, int axis, int limit,
                                                   std::span<const float> scaleFloors) {
  if (!quantizable(weight)) return std::nullopt;
  const auto values = weight.as<float>();
  const Layout layout(weight.dims(), axis);
  ChannelQuantized result{{graph::DataType::Int8, weight.dims()}, {graph::DataType::Float, {layout.channels}}};
  auto scales = result.scales.as<float>();
  const auto largest = largestPerChannel(values, layout);
  std::vector<float> inverse(largest.size());
  const auto top = static_cast<float>(limit);
  for (size_t c = 0; c < largest.size(); ++c) {
    scales[c] = largest[c] / top;
    if (!scaleFloors.empty()) scales[c] = std::max(scales[c], scaleFloors[c]);
    if (!std::isfinite(1 / scales[c])) scales[c] = 1;  // all zero, or too small for its reciprocal to exist
    inverse[c] = 1 / scales[c];
  }
  auto out = result.values.as<int8_t>();
  const auto quantize = [&](int64_t i, float factor) {
    const auto k = static_cast<size_t>(i);
    out[k] = static_cast<int8_t>(roundTo(values[k] * factor, -top, top));
  };
  if (layout.inner == 1) {  // channels last: rows of one element would not vectorize
    for (int64_t o = 0; o < layout.outer; ++o) {
      for (int64_t c = 0; c < layout.channels; ++c) quantize(o * layout.channels + c, inverse[static_cast<size_t>(c)]);
    }
  } else {
    layout.forRows([&](int64_t c, int64_t at, int64_t count) {
      for (int64_t i = at; i < at + count; ++i) quantize(i, inverse[static_cast<size_t>(c)]);
    });
  }
  return result;
}

std::optional<BlockQuantized> quantizeBlocks(const graph::Tensor& weight, bool transposed, int bits, int64_t block) {
  if (!quantizable(weight) || weight.dims().size() != 2) return std::nullopt;
  const int64_t k = weight.dims()[transposed ? 1 : 0], n = weight.dims()[transposed ? 0 : 1];
  const int64_t blocks = (k + block - 1) / block, blob = block * bits / 8;
  BlockQuantized result{{graph::DataType::Uint8, {n, blocks, blob}}, {graph::DataType::Float, {n, blocks}}};
  const float* from = weight.as<float>().data();
  uint8_t* values = result.values.as<uint8_t>().data();
  float* scales = result.scales.as<float>().data();
  // Columns are gathered a few at a time, so that each cache line of a K x N weight is read once.
  constexpr int64_t kStrip = 16;
  std::vector<float> strip(static_cast<size_t>(kStrip * block));
  for (int64_t n0 = 0; n0 < n; n0 += kStrip) {
    const int64_t width = std::min(kStrip, n - n0);
    for (int64_t b = 0; b < blocks; ++b) {
      std::fill(strip.begin(), strip.end(), 0.0f);
      const int64_t count = std::min(block, k - b * block);
      for (int64_t i = 0; i < count; ++i) {
        for (int64_t j = 0; j < width; ++j) {
          const int64_t row = b * block + i, column = n0 + j;
          strip[static_cast<size_t>(j * block + i)] = from[transposed ? column * k + row : row * n + column];
        }
      }
      for (int64_t j = 0; j < width; ++j) {
        const int64_t at = (n0 + j) * blocks + b;
        quantizeBlock({strip.data() + j * block, static_cast<size_t>(block)}, bits, values + at * blob, scales[at]);
      }
    }
  }
  return result;
}

}  // namespace ridgeline::advisor::quantization
