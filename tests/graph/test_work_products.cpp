#include "test_work_support.h"

#include <catch2/catch.hpp>

using namespace ridgeline::graph;
using namespace ridgeline::graph::worktest;

TEST_CASE("MatMul is two operations per product, batches and vectors included") {
  const auto w = work("MatMul", {f32({2, 3, 4, 5}), f32({5, 6})}, {f32({2, 3, 4, 6})});
  REQUIRE(w);
  CHECK(w->flops == 2.0 * 2 * 3 * 4 * 5 * 6);
  CHECK(w->bytesRead == (120 + 30) * 4);
  CHECK(w->bytesWritten == 144 * 4);
  CHECK(work("MatMul", {f32({5}), f32({5, 6})}, {f32({6})})->flops == 60);
  CHECK(work("MatMul", {f32({4, 5}), f32({5})}, {f32({4})})->flops == 40);
  CHECK(work("MatMul", {f32({5}), f32({5})}, {f32({})})->flops == 10);
  CHECK_FALSE(work("MatMul", {f32({4, 5}), f32({6, 7})}, {f32({4, 7})}));
  CHECK_FALSE(work("MatMul", {f32({4, 5})}, {f32({4, 7})}));
}

TEST_CASE("Gemm heeds its transpositions and its C") {
  CHECK(work("Gemm", {f32({2, 8}), f32({8, 3}), f32({3})}, {f32({2, 3})})->flops == 6 * 17);
  CHECK(work("Gemm", {f32({8, 2}), f32({3, 8})}, {f32({2, 3})}, {{"transA", int64_t{1}}, {"transB", int64_t{1}}})
            ->flops == 6 * 16);
  CHECK_FALSE(work("Gemm", {f32({8, 2}), f32({8, 3})}, {f32({2, 3})}));
  CHECK(
      work("FusedGemm", {f32({2, 8}), f32({8, 3}), f32({3})}, {f32({2, 3})}, {{"activation", std::string("Relu")}}, kMs)
          ->flops == 6 * 18);
  CHECK_FALSE(work("FusedGemm", {f32({2, 8}), f32({8, 3})}, {f32({2, 3})}, {{"activation", std::string("Odd")}}, kMs));
}

TEST_CASE("FusedMatMul finds the summed dim through its transpositions") {
  const Attributes transB = {{"transB", int64_t{1}}};
  CHECK(work("FusedMatMul", {f32({12, 128, 64}), f32({12, 128, 64})}, {f32({12, 128, 128})}, transB, kMs)->flops ==
        2.0 * 12 * 128 * 128 * 64);
  CHECK(work("TransposeMatMul", {f32({7, 3}), f32({7, 5})}, {f32({3, 5})}, {{"transA", int64_t{1}}}, kMs)->flops ==
        2 * 3 * 5 * 7);
  // A is [rows, batch, summed]: moved to [batch, rows, summed].
  CHECK(work("FusedMatMul", {f32({3, 2, 7}), f32({2, 7, 5})}, {f32({2, 3, 5})}, {{"transBatchA", int64_t{1}}}, kMs)
            ->flops == 2 * 2 * 3 * 5 * 7);
  // A is [summed, batch, rows]: moved, then transposed.
  CHECK(work("FusedMatMul", {f32({7, 2, 3}), f32({2, 7, 5})}, {f32({2, 3, 5})},
             {{"transBatchA", int64_t{1}}, {"transA", int64_t{1}}}, kMs)
            ->flops == 2 * 2 * 3 * 5 * 7);
  CHECK_FALSE(work("FusedMatMul", {f32({12, 128, 64}), f32({12, 128, 64})}, {f32({12, 128, 128})}, {}, kMs));
}

TEST_CASE("Einsum counts one loop over all labels") {
  const auto flops = [](const char* equation, const std::vector<TensorShape>& in, const TensorShape& out) {
    const auto w = work("Einsum", in, {out}, {{"equation", std::string(equation)}});
    return w ? w->flops : -1;
  };
  CHECK(flops("bij,bjk->bik", {f32({2, 3, 4}), f32({2, 4, 5})}, f32({2, 3, 5})) == 2 * 2 * 3 * 4 * 5);
  CHECK(flops("ij,jk", {f32({3, 4}), f32({4, 5})}, f32({3, 5})) == 2 * 3 * 4 * 5);
  CHECK(flops("i,j->ij", {f32({3}), f32({4})}, f32({3, 4})) == 12);
  CHECK(flops("ij->ji", {f32({3, 4})}, f32({4, 3})) == 0);
  CHECK(flops("ij->i", {f32({3, 4})}, f32({3})) == 12);
  CHECK(flops("...ij, ...jk -> ...ik", {f32({6, 2, 3, 4}), f32({1, 4, 5})}, f32({6, 2, 3, 5})) ==
        2.0 * 6 * 2 * 3 * 4 * 5);
  CHECK(flops("ij,jk->ik", {f32({3, 4}), f32({5, 5})}, f32({3, 5})) == -1);
  CHECK(flops("ij,jk,kl->il", {f32({3, 4}), f32({4, 5}), f32({5, 6})}, f32({3, 6})) == -1);
  CHECK(flops("ij,jk->ik", {f32({3, 4, 5}), f32({4, 5})}, f32({3, 5})) == -1);
  CHECK(flops("", {f32({3})}, f32({3})) == -1);
  CHECK(flops("i?->i", {f32({3, 2})}, f32({3})) == -1);
}

TEST_CASE("Quantized products are integer work on the bytes of 8 bits") {
  const auto plain = work("MatMulInteger", {u8({4, 8}), i8({8, 3}), u8({}), i8({})}, {shape(DataType::Int32, {4, 3})});
  REQUIRE(plain);
  CHECK(plain->intOps == 2 * 4 * 8 * 3);
  CHECK(plain->flops == 0);
  CHECK(plain->computeType == DataType::Int8);
  CHECK(plain->bytesRead == 32 + 24 + 2);
  CHECK(plain->bytesWritten == 48);
  const auto qLinear =
      work("QLinearMatMul", {u8({4, 8}), f32({}), u8({}), i8({8, 3}), f32({}), i8({}), f32({}), u8({})}, {u8({4, 3})});
  REQUIRE(qLinear);
  CHECK(qLinear->intOps == 192);
  CHECK(qLinear->bytesRead == 32 + 24 + 3 * 5);
  const auto dynamic = work("DynamicQuantizeMatMul", {f32({1, 4, 8}), i8({8, 3}), f32({3}), i8({3}), f32({3})},
                            {f32({1, 4, 3})}, {}, kMs);
  REQUIRE(dynamic);
  CHECK(dynamic->intOps == 192);
  CHECK(dynamic->bytesRead == 128 + 24 + 12 + 3 + 12);
  const auto qGemm =
      work("QGemm", {u8({4, 8}), f32({}), u8({}), i8({3, 8}), f32({}), i8({}), shape(DataType::Int32, {3})},
           {f32({4, 3})}, {{"transB", int64_t{1}}}, kMs);
  REQUIRE(qGemm);
  CHECK(qGemm->intOps == 192 + 12);
}

TEST_CASE("Packed weights count their own bytes, and the type they are multiplied in") {
  // K = 64, N = 32, 4 bits, blocks of 32: 32 rows x 2 blocks x 16 bytes, a scale per block.
  Attributes attributes = {{"K", int64_t{64}}, {"N", int64_t{32}}, {"bits", int64_t{4}}, {"block_size", int64_t{32}}};
  const std::vector<TensorShape> inputs = {f32({1, 3, 64}), u8({32, 2, 16}), f32({64})};
  const auto plain = work("MatMulNBits", inputs, {f32({1, 3, 32})}, attributes, kMs);
  REQUIRE(plain);
  CHECK(plain->flops == 2 * 3 * 64 * 32);
  CHECK(plain->intOps == 0);
  CHECK(plain->computeType == DataType::Float);
  CHECK(plain->bytesRead == 192 * 4 + 1024 + 256);
  attributes.emplace_back("accuracy_level", int64_t{4});
  const auto int8 = work("MatMulNBits", inputs, {f32({1, 3, 32})}, attributes, kMs);
  REQUIRE(int8);
  CHECK(int8->intOps == 2 * 3 * 64 * 32);
  CHECK(int8->flops == 0);
  CHECK(int8->computeType == DataType::Int8);
  CHECK_FALSE(work("MatMulNBits", {f32({1, 3, 65}), u8({32, 2, 16}), f32({64})}, {f32({1, 3, 32})}, attributes, kMs));
  CHECK_FALSE(work("MatMulNBits", inputs, {f32({1, 3, 32})}, {}, kMs));
}

TEST_CASE("Convolutions: the first of ResNet, a depthwise one, a 1-D one") {
  const auto first = work("Conv", {f32({1, 3, 224, 224}), f32({64, 3, 7, 7})}, {f32({1, 64, 112, 112})});
  REQUIRE(first);
  CHECK(first->flops == 236027904.0);  // 118 013 952 multiply-adds
  CHECK(first->bytesRead == (150528 + 9408) * 4);
  CHECK(first->bytesWritten == 802816.0 * 4);
  const auto depthwise = work("Conv", {f32({1, 32, 10, 10}), f32({32, 1, 3, 3}), f32({32})}, {f32({1, 32, 10, 10})},
                              {{"group", int64_t{32}}});
  REQUIRE(depthwise);
  CHECK(depthwise->flops == 3200 * (2 * 9 + 1));
  CHECK(work("Conv", {f32({2, 4, 100}), f32({8, 4, 5})}, {f32({2, 8, 96})})->flops == 2.0 * 2 * 8 * 96 * 4 * 5);
  CHECK_FALSE(work("Conv", {f32({1, 3, 8, 8}), f32({4, 2, 3, 3})}, {f32({1, 4, 6, 6})}));
  CHECK_FALSE(work("Conv", {f32({1, 4, 8, 8}), f32({4, 2, 3, 3})}, {f32({1, 4, 6, 6})}, {{"group", int64_t{0}}}));
  CHECK_FALSE(work("Conv", {f32({1, 3, 8, 8}), f32({4, 3})}, {f32({1, 4, 6, 6})}));
}

TEST_CASE("A fused convolution adds its bias, its residual and its activation") {
  const std::vector<TensorShape> inputs = {f32({1, 16, 4, 4}), f32({16, 16, 1, 1}), f32({16}), f32({1, 16, 4, 4})};
  const Attributes relu = {{"activation", std::string("Relu")}};
  CHECK(work("FusedConv", inputs, {f32({1, 16, 4, 4})}, relu, kMs)->flops == 256 * (32 + 1 + 1 + 1));
  const auto blocked = work("Conv", inputs, {f32({1, 16, 4, 4})}, relu, "com.microsoft.nchwc");
  REQUIRE(blocked);
  CHECK(blocked->flops == 256 * (32 + 1 + 1 + 1));
  CHECK(blocked->bytesRead == (256 + 256 + 16 + 256) * 4);
}

TEST_CASE("Quantized convolutions, in both layouts") {
  const std::vector<TensorShape> scales = {f32({}), u8({})};
  const auto qLinear = [&](const TensorShape& x, const TensorShape& y, const Attributes& attributes,
                           std::string_view domain) {
    return work("QLinearConv",
                {x, f32({}), u8({}), i8({8, 4, 3, 3}), f32({8}), i8({8}), f32({}), u8({}), shape(DataType::Int32, {8})},
                {y}, attributes, domain);
  };
  const auto first = qLinear(u8({1, 4, 6, 6}), u8({1, 8, 4, 4}), {}, "");
  REQUIRE(first);
  CHECK(first->intOps == 128 * (2 * 36 + 1));
  CHECK(first->flops == 0);
  CHECK(first->computeType == DataType::Int8);
  CHECK(first->bytesRead == 144 + 4 + 1 + 288 + 32 + 8 + 4 + 1 + 32);
  const auto last = qLinear(u8({1, 6, 6, 4}), u8({1, 4, 4, 8}), {{"channels_last", int64_t{1}}}, kMs);
  REQUIRE(last);
  CHECK(last->intOps == first->intOps);
  CHECK(qLinear(u8({1, 6, 6, 4}), u8({1, 4, 4, 8}), {}, "com.ms.internal.nhwc")->intOps == first->intOps);
  CHECK_FALSE(qLinear(u8({1, 6, 6, 4}), u8({1, 4, 4, 8}), {}, ""));
  CHECK(
      work("ConvInteger", {u8({1, 4, 6, 6}), i8({8, 4, 3, 3}), u8({}), i8({})}, {shape(DataType::Int32, {1, 8, 4, 4})})
          ->intOps == 128 * 72);
}

TEST_CASE("A transposed convolution spreads each input element") {
  const auto w = work("ConvTranspose", {f32({1, 4, 5, 5}), f32({4, 2, 3, 3}), f32({2})}, {f32({1, 2, 7, 7})});
  REQUIRE(w);
  CHECK(w->flops == 2 * 100 * 2 * 9 + 98);
}

TEST_CASE("Pooling") {
  const Attributes window = {{"kernel_shape", std::vector<int64_t>{3, 3}}};
  CHECK(work("MaxPool", {f32({1, 2, 9, 9})}, {f32({1, 2, 4, 4})}, window)->flops == 32 * 9);
  CHECK(work("AveragePool", {f32({1, 2, 9, 9})}, {f32({1, 2, 4, 4})}, window)->flops == 32 * 10);
  CHECK(work("GlobalAveragePool", {f32({1, 2, 7, 7})}, {f32({1, 2, 1, 1})})->flops == 98 + 2);
  CHECK(work("MaxPool", {f32({1, 16, 9, 9})}, {f32({1, 16, 4, 4})}, window, "com.microsoft.nchwc")->flops == 256 * 9);
  const auto quantized = work("MaxPool", {u8({1, 2, 9, 9})}, {u8({1, 2, 4, 4})}, window);
  REQUIRE(quantized);
  CHECK(quantized->intOps == 288);
  CHECK(work("QLinearGlobalAveragePool", {u8({1, 2, 7, 7}), f32({}), u8({}), f32({}), u8({})}, {u8({1, 2, 1, 1})}, {},
             kMs)
            ->intOps == 98);
  CHECK_FALSE(work("MaxPool", {f32({1, 2, 9, 9})}, {f32({1, 2, 4, 4})}));
}
