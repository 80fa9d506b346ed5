// What holds for every operator: units, the unknown, odd shapes.
#include "test_work_support.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <limits>

using namespace ridgeline::graph;
using namespace ridgeline::graph::worktest;

TEST_CASE("Bytes of a tensor come from its type and dims") {
  CHECK(f32({2, 3}).bytes() == 24);
  CHECK(f32({}).bytes() == 4);
  CHECK(shape(DataType::Float16, {5}).bytes() == 10);
  CHECK(shape(DataType::Int4, {3}).bytes() == 2);
  CHECK(shape(DataType::Int4, {8, 4}).bytes() == 16);
  CHECK(shape(DataType::Bool, {7}).bytes() == 7);
  CHECK(shape(DataType::String, {7}).bytes() == 0);
  CHECK(f32({0, 9}).bytes() == 0);
  CHECK(absent().bytes() == 0);
  constexpr int64_t most = std::numeric_limits<int64_t>::max();
  CHECK(f32({most, most}).bytes() == most);
  CHECK(shape(DataType::Int4, {most}).bytes() == most / 2 + 1);
}

TEST_CASE("Intensity is operations per byte moved") {
  Work work;
  CHECK(work.intensity() == 0);
  work.flops = 30;
  work.intOps = 10;
  work.bytesRead = 6;
  work.bytesWritten = 2;
  CHECK(work.operations() == 40);
  CHECK(work.bytes() == 8);
  CHECK(work.intensity() == 5);
  CHECK(Work{.flops = 1}.intensity() == 0);
}

TEST_CASE("An operator that is not known has no work, not zero work") {
  CHECK_FALSE(work("If", {shape(DataType::Bool, {})}, {f32({1})}));
  CHECK_FALSE(work("Loop", {i64({}), shape(DataType::Bool, {})}, {f32({1})}));
  CHECK_FALSE(work("NonMaxSuppression", {f32({1, 10, 4}), f32({1, 1, 10})}, {i64({3, 3})}));
  CHECK_FALSE(work("Add", {f32({1}), f32({1})}, {f32({1})}, {}, "com.example"));
  CHECK_FALSE(work("TreeEnsembleRegressor", {f32({1, 4})}, {f32({1, 1})}, {}, "ai.onnx.ml"));
  CHECK_FALSE(knowsWorkOf(makeNode("If", {}, {})));
  CHECK_FALSE(knowsWorkOf(makeNode("", {}, {})));
  CHECK(knowsWorkOf(makeNode("Conv", {}, {})));
  CHECK(knowsWorkOf(makeNode("Conv", {}, {}, {}, "ai.onnx")));
  CHECK(knowsWorkOf(makeNode("Conv", {}, {}, {}, "com.microsoft.nchwc")));
  CHECK_FALSE(knowsWorkOf(makeNode("Conv", {}, {}, {}, "com.microsoft")));
}

TEST_CASE("The default domain has two names") {
  const auto w = work("Relu", {f32({8})}, {f32({8})}, {}, "ai.onnx");
  REQUIRE(w);
  CHECK(w->flops == 8);
}

namespace {

// Operators of every family, called with whatever shapes a caller may hand in.
const std::pair<const char*, const char*> kOperators[] = {
    {"", "Add"},
    {"", "Sum"},
    {"", "Clip"},
    {"", "Gelu"},
    {"", "Where"},
    {"", "ReduceMean"},
    {"", "Softmax"},
    {"", "TopK"},
    {"", "BatchNormalization"},
    {"", "LayerNormalization"},
    {"", "LRN"},
    {"", "MatMul"},
    {"", "Gemm"},
    {"", "Einsum"},
    {"", "Conv"},
    {"", "ConvTranspose"},
    {"", "ConvInteger"},
    {"", "QLinearConv"},
    {"", "QLinearMatMul"},
    {"", "MatMulInteger"},
    {"", "MaxPool"},
    {"", "GlobalAveragePool"},
    {"", "Resize"},
    {"", "Attention"},
    {"", "RotaryEmbedding"},
    {"", "LSTM"},
    {"", "GRU"},
    {"", "RNN"},
    {"", "QuantizeLinear"},
    {"", "DynamicQuantizeLinear"},
    {"", "Slice"},
    {"", "Split"},
    {"", "CastLike"},
    {"", "Dropout"},
    {"", "Shape"},
    {"", "Gather"},
    {"", "ScatterND"},
    {"", "TensorScatter"},
    {"com.microsoft", "FusedConv"},
    {"com.microsoft", "FusedMatMul"},
    {"com.microsoft", "FusedGemm"},
    {"com.microsoft", "MatMulNBits"},
    {"com.microsoft", "QGemm"},
    {"com.microsoft", "Attention"},
    {"com.microsoft", "QAttention"},
    {"com.microsoft", "MultiHeadAttention"},
    {"com.microsoft", "GroupQueryAttention"},
    {"com.microsoft", "RotaryEmbedding"},
    {"com.microsoft", "EmbedLayerNormalization"},
    {"com.microsoft", "SkipLayerNormalization"},
    {"com.microsoft", "DynamicQuantizeLSTM"},
    {"com.microsoft", "QLinearAdd"},
    {"com.microsoft", "GatherBlockQuantized"},
    {"com.microsoft", "BiasSplitGelu"},
    {"com.microsoft.nchwc", "Conv"},
};

bool usable(const std::optional<Work>& w) {
  if (!w) return true;
  for (const double v : {w->flops, w->intOps, w->bytesRead, w->bytesWritten}) {
    if (!std::isfinite(v) || v < 0) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("Odd shapes give no work or a finite, non-negative one") {
  constexpr int64_t most = std::numeric_limits<int64_t>::max();
  const std::vector<Dims> dims = {{},
                                  {0},
                                  {-1},
                                  {3},
                                  {0, 4},
                                  {4, 0, 2},
                                  {2, -5, 3},
                                  {1, 1, 1, 1},
                                  {2, 2, 2, 0, 2},
                                  {most, most, most},
                                  {1, 2, 3, 4, 5, 6, 7}};
  const Attributes attributes = {{"num_heads", int64_t{0}},
                                 {"kv_num_heads", int64_t{-3}},
                                 {"K", most},
                                 {"N", int64_t{-1}},
                                 {"group", int64_t{0}},
                                 {"kernel_shape", std::vector<int64_t>{0, -1}},
                                 {"equation", std::string("ij,,->.")},
                                 {"gather_axis", most},
                                 {"size", int64_t{-2}}};
  for (const auto& [domain, type] : kOperators) {
    CAPTURE(domain, type);
    CHECK(knowsWorkOf(makeNode(type, {}, {}, {}, domain)));
    CHECK(usable(work(type, {}, {}, {}, domain)));
    for (const Dims& in : dims) {
      for (const Dims& out : dims) {
        for (const size_t count : {1, 2, 4, 9}) {
          const std::vector<TensorShape> inputs(count, f32(in));
          REQUIRE(usable(work(type, inputs, {f32(out)}, {}, domain)));
          REQUIRE(usable(work(type, inputs, {f32(out)}, attributes, domain)));
          REQUIRE(usable(work(type, inputs, {}, {}, domain)));
        }
      }
    }
  }
}

TEST_CASE("A negative dim is an unknown shape") {
  CHECK_FALSE(work("Relu", {f32({-1, 4})}, {f32({-1, 4})}));
  CHECK_FALSE(work("MatMul", {f32({2, 3}), f32({3, 4})}, {f32({2, -4})}));
}

TEST_CASE("A named tensor of unknown shape makes the bytes unknown") {
  Node node = makeNode("Add", {f32({4}), f32({4})}, {f32({4})});
  CHECK_FALSE(workOf(node, std::vector{f32({4}), absent()}, std::vector{f32({4})}));
  CHECK_FALSE(workOf(node, std::vector{f32({4})}, std::vector{f32({4})}));
  CHECK_FALSE(workOf(node, std::vector{f32({4}), f32({4})}, std::vector<TensorShape>{}));
  CHECK(workOf(node, std::vector{f32({4}), f32({4})}, std::vector{f32({4})}));
}

TEST_CASE("Tensors with no elements cost nothing") {
  const auto add = work("Add", {f32({0, 4}), f32({4})}, {f32({0, 4})});
  REQUIRE(add);
  CHECK(add->flops == 0);
  CHECK(add->bytesRead == 16);
  CHECK(add->bytesWritten == 0);
  const auto matMul = work("MatMul", {f32({2, 0}), f32({0, 3})}, {f32({2, 3})});
  REQUIRE(matMul);
  CHECK(matMul->flops == 0);
  CHECK(matMul->bytesWritten == 24);
}
