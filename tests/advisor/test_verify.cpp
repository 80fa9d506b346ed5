#include "advisor/verify.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace ridgeline;
using namespace ridgeline::advisor;
using graph::Tensor;

namespace {

Tensor floats(graph::Dims dims, std::vector<float> v) {
  return Tensor::of<float>(std::move(dims), std::span<const float>(v));
}

Verification only(OutputError e) {
  Verification v;
  v.samples = 1;
  v.outputs.push_back(std::move(e));
  return v;
}

}  // namespace

TEST_CASE("cosine, largest difference and top-1 of two known vectors") {
  const auto e = compareTensors(floats({2, 2}, {1, 0, 0, 1}), floats({2, 2}, {1, 1, 1, 0}));
  CHECK(e.cosine == Approx(1 / (std::sqrt(2.0) * std::sqrt(3.0))));
  CHECK(e.maxAbs == 1);
  CHECK(e.top1Agreement == 0.5);
  CHECK(e.relativeError == Approx(std::sqrt(3.0) / std::sqrt(2.0)));
}

TEST_CASE("equal tensors agree, also when they are all zeros or hold the same infinities") {
  CHECK(compareTensors(floats({3}, {0, 0, 0}), floats({3}, {0, 0, 0})).cosine == 1);
  const float inf = std::numeric_limits<float>::infinity();
  const auto e = compareTensors(floats({3}, {1, inf, NAN}), floats({3}, {1, inf, NAN}));
  CHECK(e.finite);
  CHECK(e.cosine == 1);
}

TEST_CASE("a new NaN, a changed shape and a lost output are never acceptable") {
  const Constraints anything{.minCosine = -1};
  auto nan = compareTensors(floats({2}, {1, 2}), floats({2}, {1, NAN}));
  CHECK(unacceptable(only(nan), anything, true));
  auto shape = compareTensors(floats({2}, {1, 2}), floats({1, 2}, {1, 2}));
  CHECK(unacceptable(only(shape), anything, true));
}

TEST_CASE("lossy rewrites are held to the cosine, exact ones to rounding") {
  const auto close = compareTensors(floats({4}, {1, 2, 3, 4}), floats({4}, {1.01f, 1.99f, 3.02f, 3.98f}));
  CHECK_FALSE(unacceptable(only(close), {.minCosine = 0.99}, true));
  CHECK(unacceptable(only(close), {.minCosine = 0.999999}, true));
  CHECK(unacceptable(only(close), {}, false));
  const auto rounding = compareTensors(floats({4}, {1, 2, 3, 4}), floats({4}, {1.000001f, 2, 3, 4}));
  CHECK_FALSE(unacceptable(only(rounding), {}, false));
}

TEST_CASE("a wrong scale is caught although its cosine is one") {
  const auto doubled = compareTensors(floats({4}, {1, 2, 3, 4}), floats({4}, {2, 4, 6, 8}));
  CHECK(doubled.cosine == Approx(1));
  CHECK(unacceptable(only(doubled), {.minCosine = 0.99}, true));
}

TEST_CASE("top-1 agreement is bounded when asked for") {
  const auto flipped = compareTensors(floats({2, 2}, {1, 1.01f, 5, 0}), floats({2, 2}, {1.01f, 1, 5, 0}));
  CHECK_FALSE(unacceptable(only(flipped), {}, true));
  CHECK(unacceptable(only(flipped), {.minTop1 = 0.99}, true));
}

TEST_CASE("integer outputs must be equal after an exact rewrite") {
  const std::vector<int64_t> a{1, 2, 3}, b{1, 2, 4};
  const auto e =
      compareTensors(Tensor::vector(std::span<const int64_t>(a)), Tensor::vector(std::span<const int64_t>(b)));
  CHECK(unacceptable(only(e), {}, false));
  CHECK_FALSE(unacceptable(only(e), {}, true));
  CHECK(e.top1Agreement == Approx(2.0 / 3));
}
