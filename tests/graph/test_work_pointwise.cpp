#include "test_work_support.h"

#include <catch2/catch.hpp>

using namespace ridgeline::graph;
using namespace ridgeline::graph::worktest;

namespace {
double flopsPerElement(std::string_view opType, const Attributes& attributes = {}, std::string_view domain = {}) {
  const auto w = work(opType, {f32({10})}, {f32({10})}, attributes, domain);
  REQUIRE(w);
  CHECK(w->bytesRead == 40);
  CHECK(w->bytesWritten == 40);
  return w->flops / 10;
}
}  // namespace

TEST_CASE("Broadcast arithmetic counts results and reads each input once") {
  const auto w = work("Mul", {f32({8, 1, 4}), f32({5, 1})}, {f32({8, 5, 4})});
  REQUIRE(w);
  CHECK(w->flops == 160);
  CHECK(w->intOps == 0);
  CHECK(w->bytesRead == (32 + 5) * 4);
  CHECK(w->bytesWritten == 640);
  CHECK(w->computeType == DataType::Float);
}

TEST_CASE("Arithmetic on integers is integer work; a comparison of floats is not") {
  const auto add = work("Add", {i64({6}), i64({})}, {i64({6})});
  REQUIRE(add);
  CHECK(add->flops == 0);
  CHECK(add->intOps == 6);
  CHECK(add->computeType == DataType::Int64);
  CHECK(add->bytesRead == 56);
  const auto less = work("Less", {f32({6}), f32({6})}, {shape(DataType::Bool, {6})});
  REQUIRE(less);
  CHECK(less->flops == 6);
  CHECK(less->bytesWritten == 6);
  const auto half =
      work("Add", {shape(DataType::Float16, {6}), shape(DataType::Float16, {6})}, {shape(DataType::Float16, {6})});
  REQUIRE(half);
  CHECK(half->computeType == DataType::Float16);
  CHECK(half->bytes() == 36);
}

TEST_CASE("Activations cost what their definitions compute") {
  CHECK(flopsPerElement("Relu") == 1);
  CHECK(flopsPerElement("Erf") == 1);
  CHECK(flopsPerElement("LeakyRelu") == 2);
  CHECK(flopsPerElement("Sigmoid") == 4);
  CHECK(flopsPerElement("HardSwish") == 5);
  CHECK(flopsPerElement("Gelu") == 5);
  CHECK(flopsPerElement("Gelu", {{"approximate", std::string("tanh")}}) == 9);
  CHECK(flopsPerElement("Gelu", {}, kMs) == 5);
  CHECK(flopsPerElement("QuickGelu", {}, kMs) == 6);
  CHECK(flopsPerElement("FastGelu", {}, kMs) == 9);
  CHECK(flopsPerElement("Softmax") == 5);
  CHECK(flopsPerElement("Cast") == 0);
}

TEST_CASE("Fused biases add one operation each") {
  CHECK(work("BiasGelu", {f32({2, 3}), f32({3})}, {f32({2, 3})}, {}, kMs)->flops == 36);
  CHECK(work("FastGelu", {f32({2, 3}), f32({3})}, {f32({2, 3})}, {}, kMs)->flops == 60);
  CHECK(work("BiasSoftmax", {f32({2, 3}), f32({1, 3})}, {f32({2, 3})}, {}, kMs)->flops == 36);
}

TEST_CASE("Sum of n is n - 1 additions; Clip compares with the bounds it has") {
  CHECK(work("Sum", {f32({4}), f32({4}), f32({4})}, {f32({4})})->flops == 8);
  CHECK(work("Mean", {f32({4}), f32({4}), f32({4})}, {f32({4})})->flops == 12);
  CHECK(work("Sum", {f32({4})}, {f32({4})})->flops == 0);
  CHECK(work("Clip", {f32({4}), f32({}), f32({})}, {f32({4})})->flops == 8);
  CHECK(work("Clip", {f32({4}), absent(), f32({})}, {f32({4})})->flops == 4);
  CHECK(work("Clip", {f32({4})}, {f32({4})}, {{"min", 0.0F}, {"max", 6.0F}})->flops == 8);
}

TEST_CASE("Reductions count what goes in") {
  CHECK(work("ReduceSum", {f32({4, 5}), i64({1})}, {f32({4})})->flops == 20);
  CHECK(work("ReduceMean", {f32({4, 5})}, {f32({4, 1})})->flops == 24);
  CHECK(work("ReduceL2", {f32({4, 5})}, {f32({4, 1})})->flops == 44);
  const auto argMax = work("ArgMax", {f32({4, 5})}, {i64({4})});
  REQUIRE(argMax);
  CHECK(argMax->flops == 20);
  CHECK(argMax->bytesRead == 80);
  CHECK(argMax->bytesWritten == 32);
}

TEST_CASE("Normalizations") {
  const auto layer = work("LayerNormalization", {f32({2, 8}), f32({8}), f32({8})}, {f32({2, 8})});
  REQUIRE(layer);
  CHECK(layer->flops == 8 * 16);
  CHECK(layer->bytesRead == (16 + 8 + 8) * 4);
  CHECK(work("SimplifiedLayerNormalization", {f32({2, 8}), f32({8})}, {f32({2, 8})})->flops == 4 * 16);
  CHECK(work("RMSNormalization", {f32({2, 8}), f32({8})}, {f32({2, 8})})->flops == 4 * 16);
  // Input, skip, gamma, no beta, bias; the sum is a second output.
  const auto skip = work("SkipLayerNormalization", {f32({2, 8}), f32({2, 8}), f32({8}), absent(), f32({8})},
                         {f32({2, 8}), absent(), absent(), f32({2, 8})}, {}, kMs);
  REQUIRE(skip);
  CHECK(skip->flops == (8 + 1) * 16);
  CHECK(skip->bytesRead == (16 + 16 + 8 + 8) * 4);
  CHECK(skip->bytesWritten == 2 * 16 * 4);
  CHECK(work("SkipSimplifiedLayerNormalization", {f32({2, 8}), f32({2, 8}), f32({8})}, {f32({2, 8})}, {}, kMs)->flops ==
        5 * 16);
  const auto batch =
      work("BatchNormalization", {f32({1, 4, 3, 3}), f32({4}), f32({4}), f32({4}), f32({4})}, {f32({1, 4, 3, 3})});
  REQUIRE(batch);
  CHECK(batch->flops == 72);
  CHECK(batch->bytesRead == (36 + 16) * 4);
  CHECK_FALSE(work("BatchNormalization", {f32({1, 4, 3, 3}), f32({4}), f32({4}), f32({4}), f32({4})},
                   {f32({1, 4, 3, 3}), f32({4}), f32({4})}, {{"training_mode", int64_t{1}}}));
}

TEST_CASE("Embedding layer normalization reads rows, not tables") {
  // Batch 2, 3 tokens, 4 wide; 100 words, 10 positions, 2 segments.
  const auto w = work("EmbedLayerNormalization",
                      {shape(DataType::Int32, {2, 3}), shape(DataType::Int32, {2, 3}), f32({100, 4}), f32({10, 4}),
                       f32({2, 4}), f32({4}), f32({4})},
                      {f32({2, 3, 4}), shape(DataType::Int32, {2})}, {}, kMs);
  REQUIRE(w);
  const double ids = 2 * 6 * 4, words = 6 * 4 * 4, positions = 3 * 4 * 4, segments = 2 * 4 * 4, affine = 2 * 4 * 4;
  CHECK(w->bytesRead == ids + words + positions + segments + affine);
  CHECK(w->bytesWritten == 24 * 4 + 8);
  CHECK(w->flops == 24 * (2 + 8));
}

TEST_CASE("Quantizing and dequantizing") {
  const auto q = work("QuantizeLinear", {f32({10}), f32({}), u8({})}, {u8({10})});
  REQUIRE(q);
  CHECK(q->flops == 30);
  CHECK(q->bytesRead == 45);
  CHECK(q->bytesWritten == 10);
  CHECK(q->computeType == DataType::Float);
  const auto d = work("DequantizeLinear", {shape(DataType::Int4, {10}), f32({})}, {f32({10})});
  REQUIRE(d);
  CHECK(d->flops == 10);
  CHECK(d->bytesRead == 5 + 4);
  CHECK(work("DynamicQuantizeLinear", {f32({10})}, {u8({10}), f32({}), u8({})})->flops == 50);
  const auto add =
      work("QLinearAdd", {u8({10}), f32({}), u8({}), u8({10}), f32({}), u8({}), f32({}), u8({})}, {u8({10})}, {}, kMs);
  REQUIRE(add);
  CHECK(add->flops == 10 * (2 + 2 + 1 + 3));
  CHECK(add->bytesRead == 20 + 3 * 5);
  const auto sigmoid = work("QLinearSigmoid", {u8({10}), f32({}), u8({}), f32({}), u8({})}, {u8({10})}, {}, kMs);
  REQUIRE(sigmoid);
  CHECK(sigmoid->intOps == 10);
  CHECK(sigmoid->computeType == DataType::Int8);
}
