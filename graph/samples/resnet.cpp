#include "graph/samples/builder.h"
#include "graph/samples/networks.h"
#include "graph/samples/random.h"

#include <cmath>
#include <numbers>

namespace ridgeline::graph::networks {

namespace {

// Mean and variance of a feature map over positions, channel by channel, for normally distributed images. They stand in
// for the statistics that batch normalization would have gathered in training, and keep activations near unit scale.
struct Moments {
  std::vector<double> mean, variance;
  Moments(size_t channels, double m, double v) : mean(channels, m), variance(channels, v) {}
  size_t channels() const { return mean.size(); }
};

struct Features {
  std::string tensor;
  Moments moments;
};

double normalDensity(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi); }
double normalBelow(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

// Of max(0, x) for normal x.
Moments rectified(Moments of) {
  for (size_t c = 0; c < of.channels(); ++c) {
    const double m = of.mean[c], s = std::sqrt(of.variance[c]);
    const double below = normalBelow(m / s), density = normalDensity(m / s);
    const double mean = m * below + s * density;
    of.variance[c] = (m * m + s * s) * below + m * s * density - mean * mean;
    of.mean[c] = mean;
  }
  return of;
}

Moments sum(Moments a, const Moments& b) {
  for (size_t c = 0; c < a.channels(); ++c) {
    a.mean[c] += b.mean[c];
    a.variance[c] += b.variance[c];
  }
  return a;
}

struct ConvShape {
  int64_t channels = 0, kernel = 1, stride = 1;
  double scale = 1;  // of the batch normalization: the deviation of what it puts out
};

// A trained block adds less than it is handed: the scale of its last batch normalization stays well below one, as it
// does when training starts it at zero (Goyal et al., 2017).
constexpr double kResidualScale = 0.5;

// A convolution with its batch normalization folded in, as the exporter leaves it.
Features conv(const Scope& scope, const Features& x, const ConvShape& shape, const std::string& weightName) {
  const auto in = static_cast<int64_t>(x.moments.channels());
  const int64_t taps = shape.kernel * shape.kernel;
  // torchvision's initialization: He et al.'s, by the fan out.
  const double sigma = std::sqrt(2.0 / static_cast<double>(taps * shape.channels));
  std::vector<float> weight(static_cast<size_t>(shape.channels * in * taps));
  fillNormal(weight, static_cast<float>(sigma), streamOf(scope.builder().seed(), weightName));

  std::vector<float> bias(static_cast<size_t>(shape.channels));
  float* w = weight.data();
  for (size_t o = 0; o < bias.size(); ++o, w += in * taps) {
    double mean = 0, variance = 1e-5;
    for (int64_t k = 0; k < in * taps; ++k) {
      const auto channel = static_cast<size_t>(k / taps);
      mean += w[k] * x.moments.mean[channel];
      variance += static_cast<double>(w[k]) * w[k] * x.moments.variance[channel];
    }
    const auto scale = static_cast<float>(shape.scale / std::sqrt(variance));
    for (int64_t k = 0; k < in * taps; ++k) w[k] *= scale;
    bias[o] = static_cast<float>(-mean) * scale;
  }

  Builder& builder = scope.builder();
  const int64_t pad = shape.kernel / 2;
  using Ints = std::vector<int64_t>;
  std::string y = scope.op(
      "Conv",
      {x.tensor, builder.weight(weightName + ".weight", {shape.channels, in, shape.kernel, shape.kernel}, weight),
       builder.weight(weightName + ".bias", {shape.channels}, bias)},
      {{"dilations", Ints{1, 1}},
       {"group", int64_t{1}},
       {"kernel_shape", Ints{shape.kernel, shape.kernel}},
       {"pads", Ints{pad, pad, pad, pad}},
       {"strides", Ints{shape.stride, shape.stride}}});
  return {std::move(y), Moments(bias.size(), 0, shape.scale * shape.scale)};
}

Features relu(const Scope& scope, const Features& x) { return {scope.op("Relu", {x.tensor}), rectified(x.moments)}; }

Features stem(const Scope& root, const std::string& image, int64_t width) {
  Features x{image, Moments(3, 0, 1)};
  x = relu(root.in("relu"), conv(root.in("conv1"), x, {.channels = width, .kernel = 7, .stride = 2}, "conv1"));
  x.tensor = root.in("maxpool").op("MaxPool", {x.tensor},
                                   {{"ceil_mode", int64_t{0}},
                                    {"kernel_shape", std::vector<int64_t>{3, 3}},
                                    {"pads", std::vector<int64_t>{1, 1, 1, 1}},
                                    {"strides", std::vector<int64_t>{2, 2}}});
  // The largest of nine independent standard normal values (Harter, Biometrika 48, 1961); neighbours hardly correlate.
  x.moments = Moments(x.moments.channels(), 1.485, 0.357);
  return x;
}

Features bottleneck(const Scope& scope, const Features& x, int64_t width, int64_t stride, const std::string& name) {
  constexpr int64_t Expansion = 4;
  const int64_t out = width * Expansion;
  Features y = conv(scope.in("conv1"), x, {.channels = width}, name + ".conv1");
  y = relu(scope.in("relu"), y);
  y = conv(scope.in("conv2"), y, {.channels = width, .kernel = 3, .stride = stride}, name + ".conv2");
  y = relu(scope.in("relu_1"), y);
  y = conv(scope.in("conv3"), y, {.channels = out, .scale = kResidualScale}, name + ".conv3");

  Features skip = x;
  if (stride != 1 || static_cast<int64_t>(x.moments.channels()) != out) {
    skip = conv(scope.in("downsample/downsample.0"), x, {.channels = out, .stride = stride}, name + ".downsample.0");
  }
  y = {scope.op("Add", {y.tensor, skip.tensor}), sum(y.moments, skip.moments)};
  return relu(scope.in("relu_2"), y);
}

}  // namespace

Model makeResnet(const ResnetShape& shape, uint64_t seed) {
  Builder builder("resnet", seed);
  builder.input("x", DataType::Float, {"N", 3, shape.imageSize, shape.imageSize});
  builder.output("y", DataType::Float, {"N", shape.classes});
  const Scope root = builder.root();

  Features x = stem(root, "x", shape.width);
  int64_t width = shape.width;
  for (size_t stage = 0; stage < shape.blocks.size(); ++stage, width *= 2) {
    const std::string layer = "layer" + std::to_string(stage + 1);
    for (int block = 0; block < shape.blocks[stage]; ++block) {
      const std::string name = layer + "." + std::to_string(block);
      const int64_t stride = stage > 0 && block == 0 ? 2 : 1;
      x = bottleneck(root.in(layer).in(name), x, width, stride, name);
    }
  }

  const auto features = static_cast<int64_t>(x.moments.channels());
  const Init init = uniform(1 / std::sqrt(static_cast<float>(features)));
  const std::string pooled = root.in("avgpool").op("GlobalAveragePool", {x.tensor});
  root.in("fc").op(
      "Gemm",
      {root.op("Flatten", {pooled}, {{"axis", int64_t{1}}}),
       builder.weight("fc.weight", {shape.classes, features}, init), builder.weight("fc.bias", {shape.classes}, init)},
      {{"alpha", 1.0f}, {"beta", 1.0f}, {"transB", int64_t{1}}}, "y");
  return std::move(builder).finish();
}

}  // namespace ridgeline::graph::networks
