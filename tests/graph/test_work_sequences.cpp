// Attention and recurrent layers.
#include "test_work_support.h"

#include <catch2/catch.hpp>

using namespace ridgeline::graph;
using namespace ridgeline::graph::worktest;

namespace {
// Scores and weighted sum by hand: a multiply-add per element of a head, both ways; five for Softmax, one for the
// scale.
double core(double batch, double heads, double s, double t, double size, double perScore = 6) {
  return batch * heads * s * t * (4 * size + perScore);
}
}  // namespace

TEST_CASE("ONNX's Attention in its two layouts") {
  CHECK(work("Attention", {f32({2, 4, 5, 8}), f32({2, 4, 7, 8}), f32({2, 4, 7, 8})}, {f32({2, 4, 5, 8})})->flops ==
        core(2, 4, 5, 7, 8));
  const Attributes heads = {{"q_num_heads", int64_t{4}}, {"kv_num_heads", int64_t{2}}};
  const auto flat =
      work("Attention", {f32({2, 5, 32}), f32({2, 7, 16}), f32({2, 7, 16}), f32({5, 7})}, {f32({2, 5, 32})}, heads);
  REQUIRE(flat);
  CHECK(flat->flops == core(2, 4, 5, 7, 8, 7));
  const auto cached = work(
      "Attention", {f32({1, 1, 32}), f32({1, 1, 16}), f32({1, 1, 16}), absent(), f32({1, 2, 9, 8}), f32({1, 2, 9, 8})},
      {f32({1, 1, 32}), f32({1, 2, 10, 8}), f32({1, 2, 10, 8})}, heads);
  REQUIRE(cached);
  CHECK(cached->flops == core(1, 4, 1, 10, 8));
  CHECK(cached->bytesRead == (32 + 16 + 16 + 2 * 144) * 4);
  CHECK(cached->bytesWritten == (32 + 2 * 160) * 4);
  CHECK_FALSE(work("Attention", {f32({2, 5, 32}), f32({2, 7, 16}), f32({2, 7, 16})}, {f32({2, 5, 32})}));
}

TEST_CASE("com.microsoft Attention holds its projection") {
  const Attributes heads = {{"num_heads", int64_t{4}}};
  const auto w = work("Attention", {f32({1, 6, 32}), f32({32, 96}), f32({96}), shape(DataType::Int32, {1, 6})},
                      {f32({1, 6, 32})}, heads, kMs);
  REQUIRE(w);
  CHECK(w->flops == 2 * 6 * 32 * 96 + 6 * 96 + core(1, 4, 6, 6, 8, 7));
  const auto past = work("Attention", {f32({1, 1, 32}), f32({32, 96}), f32({96}), absent(), f32({2, 1, 4, 5, 8})},
                         {f32({1, 1, 32}), f32({2, 1, 4, 6, 8})}, heads, kMs);
  REQUIRE(past);
  CHECK(past->flops == 2 * 32 * 96 + 96 + core(1, 4, 1, 6, 8));
  const auto quantized =
      work("QAttention", {u8({1, 6, 32}), i8({32, 96}), f32({96}), f32({}), f32({}), absent(), u8({}), i8({})},
           {f32({1, 6, 32})}, heads, kMs);
  REQUIRE(quantized);
  CHECK(quantized->intOps == 2 * 6 * 32 * 96 + 6 * 96);
  CHECK(quantized->flops == core(1, 4, 6, 6, 8));
  CHECK(quantized->computeType == DataType::Int8);
}

TEST_CASE("MultiHeadAttention takes separate, cached and packed heads") {
  const Attributes heads = {{"num_heads", int64_t{4}}};
  const TensorShape out = f32({1, 6, 32});
  CHECK(work("MultiHeadAttention", {f32({1, 6, 32}), f32({1, 9, 32}), f32({1, 9, 32})}, {out}, heads, kMs)->flops ==
        core(1, 4, 6, 9, 8));
  CHECK(work("MultiHeadAttention", {f32({1, 6, 32}), f32({1, 4, 9, 8}), f32({1, 4, 9, 8})}, {out}, heads, kMs)->flops ==
        core(1, 4, 6, 9, 8));
  CHECK(work("MultiHeadAttention", {f32({1, 6, 4, 3, 8})}, {out}, heads, kMs)->flops == core(1, 4, 6, 6, 8));
  CHECK(work("MultiHeadAttention", {f32({1, 6, 32}), f32({1, 9, 4, 2, 8})}, {out}, heads, kMs)->flops ==
        core(1, 4, 6, 9, 8));
  CHECK(work("MultiHeadAttention", {f32({1, 6, 32}), f32({1, 9, 32}), f32({1, 9, 32}), f32({96})}, {out}, heads, kMs)
            ->flops == core(1, 4, 6, 9, 8) + 6 * 32 + 9 * 64);
  CHECK_FALSE(work("MultiHeadAttention", {f32({1, 6, 32}), f32({1, 9, 32}), f32({1, 9, 32})}, {out}, {}, kMs));
}

TEST_CASE("GroupQueryAttention is known while its cache grows by what is added") {
  const Attributes heads = {{"num_heads", int64_t{4}}, {"kv_num_heads", int64_t{2}}};
  const TensorShape length = shape(DataType::Int32, {1}), total = shape(DataType::Int32, {});
  const std::vector<TensorShape> inputs = {
      f32({1, 1, 32}), f32({1, 1, 16}), f32({1, 1, 16}), f32({1, 2, 9, 8}), f32({1, 2, 9, 8}), length, total};
  const auto grows =
      work("GroupQueryAttention", inputs, {f32({1, 1, 32}), f32({1, 2, 10, 8}), f32({1, 2, 10, 8})}, heads, kMs);
  REQUIRE(grows);
  CHECK(grows->flops == core(1, 4, 1, 10, 8));
  CHECK_FALSE(work("GroupQueryAttention", inputs, {f32({1, 1, 32}), f32({1, 2, 9, 8}), f32({1, 2, 9, 8})}, heads, kMs));
  auto rotated = inputs;
  rotated.push_back(f32({4096, 4}));
  rotated.push_back(f32({4096, 4}));
  auto rotary = heads;
  rotary.emplace_back("do_rotary", int64_t{1});
  const auto w =
      work("GroupQueryAttention", rotated, {f32({1, 1, 32}), f32({1, 2, 10, 8}), f32({1, 2, 10, 8})}, rotary, kMs);
  REQUIRE(w);
  CHECK(w->flops == core(1, 4, 1, 10, 8) + 3 * (32 + 16));
  CHECK(w->bytesRead == grows->bytesRead + 2 * 4 * 4);
}

TEST_CASE("Rotary embedding turns as much of a head as its caches cover") {
  const auto whole =
      work("RotaryEmbedding", {f32({1, 2, 5, 8}), f32({100, 4}), f32({100, 4}), i64({1, 5})}, {f32({1, 2, 5, 8})});
  REQUIRE(whole);
  CHECK(whole->flops == 3 * 80);
  CHECK(whole->bytesRead == 80 * 4 + 2 * 5 * 4 * 4 + 5 * 8);
  CHECK(work("RotaryEmbedding", {f32({1, 2, 5, 8}), i64({1, 5}), f32({100, 2}), f32({100, 2})}, {f32({1, 2, 5, 8})}, {},
             kMs)
            ->flops == 3 * 40);
}

TEST_CASE("Recurrent layers") {
  // 7 steps, batch 2, 5 inputs, 3 units, one direction.
  const double cells = 7 * 2;
  const auto lstm = work("LSTM", {f32({7, 2, 5}), f32({1, 12, 5}), f32({1, 12, 3}), f32({1, 24})},
                         {f32({7, 1, 2, 3}), f32({1, 2, 3}), f32({1, 2, 3})});
  REQUIRE(lstm);
  CHECK(lstm->flops == cells * (2 * 12 * (5 + 3) + 3 * (18 + 4 + 4)));
  CHECK(lstm->bytesRead == (70 + 60 + 36 + 24) * 4);
  CHECK(lstm->bytesWritten == (42 + 6 + 6) * 4);
  CHECK(work("GRU", {f32({7, 2, 5}), f32({2, 9, 5}), f32({2, 9, 3})}, {f32({7, 2, 2, 3})})->flops ==
        2 * cells * (2 * 9 * 8 + 3 * (14 + 3)));
  CHECK(work("RNN", {f32({2, 7, 5}), f32({1, 3, 5}), f32({1, 3, 3})}, {f32({2, 7, 1, 3})}, {{"layout", int64_t{1}}})
            ->flops == cells * (2 * 3 * 8 + 3 * (1 + 1)));
  // How long each sequence really is, is data.
  CHECK_FALSE(work("LSTM", {f32({7, 2, 5}), f32({1, 12, 5}), f32({1, 12, 3}), absent(), shape(DataType::Int32, {2})},
                   {f32({7, 1, 2, 3})}));
  CHECK_FALSE(work("LSTM", {f32({7, 2, 5}), f32({1, 9, 5}), f32({1, 9, 3})}, {f32({7, 1, 2, 3})}));
  const auto quantized = work("DynamicQuantizeLSTM",
                              {f32({7, 2, 5}), i8({1, 5, 12}), i8({1, 3, 12}), f32({1, 24}), absent(), absent(),
                               absent(), absent(), f32({1}), i8({1}), f32({1}), i8({1})},
                              {f32({7, 1, 2, 3})}, {}, kMs);
  REQUIRE(quantized);
  CHECK(quantized->intOps == cells * 2 * 12 * 8);
  CHECK(quantized->flops == cells * 3 * 26);
  CHECK(quantized->computeType == DataType::Int8);
}
