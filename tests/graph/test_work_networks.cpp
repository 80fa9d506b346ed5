// Whole networks against published totals. Shapes follow the papers, so no file and no engine is needed.
#include "graph/model.h"
#include "shared_data.h"
#include "test_work_support.h"

#include <catch2/catch.hpp>

#include <map>

using namespace ridgeline::graph;
using namespace ridgeline::graph::worktest;

namespace {

struct Tower {  // adds up convolutions as they shrink an image
  int64_t channels, size;
  double flops = 0;

  void conv(int64_t out, int64_t kernel, int64_t stride, int64_t group = 1) {
    const int64_t after = (size + stride - 1) / stride;
    const auto w = work("Conv", {f32({1, channels, size, size}), f32({out, channels / group, kernel, kernel})},
                        {f32({1, out, after, after})}, {{"group", group}});
    REQUIRE(w);
    flops += w->flops;
    channels = out;
    size = after;
  }
};

// He et al., Deep Residual Learning, table 1, with the stride on the 3 x 3 convolution as torchvision has it.
double resnet50() {
  Tower tower{3, 224};
  tower.conv(64, 7, 2);
  tower.size = 56;  // max pooling
  const struct { int64_t blocks, width, stride; } stages[] = {{3, 64, 1}, {4, 128, 2}, {6, 256, 2}, {3, 512, 2}};
  for (const auto& stage : stages) {
    for (int64_t block = 0; block < stage.blocks; ++block) {
      const int64_t stride = block == 0 ? stage.stride : 1;
      Tower shortcut{tower.channels, tower.size};
      if (block == 0) shortcut.conv(4 * stage.width, 1, stride);
      tower.conv(stage.width, 1, 1);
      tower.conv(stage.width, 3, stride);
      tower.conv(4 * stage.width, 1, 1);
      tower.flops += shortcut.flops;
    }
  }
  return tower.flops + work("Gemm", {f32({1, 2048}), f32({2048, 1000})}, {f32({1, 1000})})->flops;
}

// Sandler et al., MobileNetV2, table 2.
double mobileNetV2() {
  Tower tower{3, 224};
  tower.conv(32, 3, 2);
  const struct {
    int64_t expansion, channels, repeats, stride;
  } rows[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
              {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
  for (const auto& row : rows) {
    for (int64_t i = 0; i < row.repeats; ++i) {
      const int64_t wide = tower.channels * row.expansion;
      if (row.expansion > 1) tower.conv(wide, 1, 1);
      tower.conv(wide, 3, i == 0 ? row.stride : 1, wide);
      tower.conv(row.channels, 1, 1);
    }
  }
  tower.conv(1280, 1, 1);
  return tower.flops + work("Gemm", {f32({1, 1280}), f32({1280, 1000})}, {f32({1, 1000})})->flops;
}

// Devlin et al., BERT, the encoder of the base model, with ONNX Runtime's fusions.
double bertBase(int64_t tokens) {
  constexpr int64_t hidden = 768, inner = 3072;
  const TensorShape x = f32({1, tokens, hidden}), wide = f32({1, tokens, inner});
  double flops = 0;
  const auto add = [&](const std::optional<Work>& w) {
    REQUIRE(w);
    flops += w->flops;
  };
  for (int layer = 0; layer < 12; ++layer) {
    add(work("Attention", {x, f32({hidden, 3 * hidden}), f32({3 * hidden})}, {x}, {{"num_heads", int64_t{12}}}, kMs));
    add(work("MatMul", {x, f32({hidden, hidden})}, {x}));
    add(work("SkipLayerNormalization", {x, x, f32({hidden}), f32({hidden}), f32({hidden})}, {x}, {}, kMs));
    add(work("MatMul", {x, f32({hidden, inner})}, {wide}));
    add(work("BiasGelu", {wide, f32({inner})}, {wide}, {}, kMs));
    add(work("MatMul", {wide, f32({inner, hidden})}, {x}));
    add(work("SkipLayerNormalization", {x, x, f32({hidden}), f32({hidden}), f32({hidden})}, {x}, {}, kMs));
  }
  return flops;
}

}  // namespace

TEST_CASE("ResNet-50 is 4.09 G multiply-adds") { CHECK(resnet50() == Approx(2 * 4.09e9).epsilon(0.005)); }

TEST_CASE("MobileNetV2 is 300 M multiply-adds") { CHECK(mobileNetV2() == Approx(2 * 300e6).epsilon(0.01)); }

TEST_CASE("BERT-base at 128 tokens is 22.4 GFLOP") { CHECK(bertBase(128) == Approx(22.4e9).epsilon(0.01)); }

namespace {

// The shapes a file states: its inputs, outputs, weights and value_info.
std::map<std::string, TensorShape> statedShapes(const Model& model) {
  std::map<std::string, TensorShape> shapes;
  const auto state = [&](const onnx::ValueInfoProto& info) {
    TensorShape& stated = shapes[info.name()];
    stated.type = static_cast<DataType>(info.type().tensor_type().elem_type());
    stated.dims.clear();
    for (const auto& dim : info.type().tensor_type().shape().dim()) stated.dims.push_back(dim.dim_value());
  };
  for (const auto& info : model.graphProto().input()) state(info);
  for (const auto& info : model.graphProto().output()) state(info);
  for (const auto& info : model.graphProto().value_info()) state(info);
  for (const auto& weight : model.graphProto().initializer()) {
    shapes[weight.name()] = {static_cast<DataType>(weight.data_type()),
                             Dims(weight.dims().begin(), weight.dims().end()), true};
  }
  return shapes;
}

}  // namespace

TEST_CASE("A file that states all its shapes adds up to the sum by hand") {
  const auto models = test::sharedModels();
  if (models.empty()) {
    WARN("skipped: the shared models are not here; RIDGELINE_SHARED_DATA names their folder");
    return;
  }
  const auto model = Model::load(models / "mnist_cntk.onnx");
  REQUIRE(model);
  const auto shapes = statedShapes(*model);
  double flops = 0, reshaped = 0;
  for (const Node& node : model->graphProto().node()) {
    std::vector<TensorShape> inputs, outputs;
    for (const auto& name : node.input()) inputs.push_back(shapes.at(name));
    for (const auto& name : node.output()) outputs.push_back(shapes.at(name));
    const auto w = workOf(node, inputs, outputs);
    CAPTURE(node.op_type());
    REQUIRE(w);
    flops += w->flops;
    if (node.op_type() == "Reshape") reshaped += w->bytes();
  }
  const double first = 8 * 28 * 28 * (2 * 25.0 + 1 + 1),
               second = 16 * 14 * 14 * (2 * 200.0 + 1 + 1);  // conv, bias, ReLU
  const double pooling = 8 * 14 * 14 * 4.0 + 16 * 4 * 4 * 9.0;
  const double last = 2 * 256 * 10.0 + 10;
  CHECK(flops == first + second + pooling + last);
  CHECK(reshaped == 0);
}
