#include "advisor/rules/merge_products.h"
#include "tests/advisor/support/equivalence.h"
#include "tests/advisor/support/quantization.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstring>

using namespace ridgeline;
using namespace ridgeline::test;
using graph::DataType;
using graph::Dims;
using graph::Tensor;

namespace {

const auto rule = advisor::makeMergeProductsRule();
const char* const contrib = "com.microsoft";

template <class T>
Tensor bytes(Dims dims, int from) {
  Tensor t(std::is_same_v<T, int8_t> ? DataType::Int8 : DataType::Uint8, std::move(dims));
  auto values = t.as<T>();
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>((from + 7 * static_cast<int>(i)) % 101);
  return t;
}

// Rows of both, one behind the other.
Tensor stacked(const Tensor& a, const Tensor& b) {
  auto dims = a.dims();
  dims[0] += b.dims()[0];
  Tensor all(a.type(), dims);
  std::memcpy(all.bytes().data(), a.bytes().data(), a.byteSize());
  std::memcpy(all.bytes().data() + a.byteSize(), b.bytes().data(), b.byteSize());
  return all;
}

Sketch floatPair() {
  return Sketch()
      .input("x", {-1, 4})
      .output("a")
      .output("b")
      .weight("w1", floats({4, 2}, {1, 2, 3, 4, 5, 6, 7, 8}))
      .weight("w2", floats({4, 1}, {9, 10, 11, 12}))
      .node("MatMul", {"x", "w1"}, {"a"})
      .node("MatMul", {"x", "w2"}, {"b"});
}

std::vector<std::pair<std::string, graph::AttributeValue>> blockAttributes(int64_t n) {
  return {{"K", int64_t{32}}, {"N", n}, {"bits", int64_t{4}}, {"block_size", int64_t{16}}};
}

}  // namespace

TEST_CASE("merge-products puts float weights beside each other") {
  const auto before = floatPair().model();
  QuantizationBench bench(before, {{{"x", randomTensor({1, 4})}}});
  const auto after = bench.apply(*rule, "", {"a"});
  const auto expected = Sketch()
                            .input("x", {-1, 4})
                            .output("a")
                            .output("b")
                            .weight("w", floats({4, 3}, {1, 2, 9, 3, 4, 10, 5, 6, 11, 7, 8, 12}))
                            .weight("columns", ints({2, 1}))
                            .node("MatMul", {"x", "w"}, {"both"})
                            .node("Split", {"both", "columns"}, {"a", "b"}, {{"axis", int64_t{-1}}})
                            .model();
  CHECK(difference(after, expected) == "");
  CHECK(outputDifference(before, after, {{"x", randomTensor({3, 4}, 5)}}, 1e-5) == "");
}

TEST_CASE("merge-products stacks blocks of 4-bit weights, scales and biases") {
  const auto w1 = bytes<uint8_t>({3, 2, 8}, 1), w2 = bytes<uint8_t>({5, 2, 8}, 50);
  const auto s1 = randomTensor({3, 2}, 3), s2 = randomTensor({5, 2}, 4);
  const auto b1 = randomTensor({3}, 5), b2 = randomTensor({5}, 6);
  auto before = Sketch()
                    .input("x", {1, 32})
                    .output("a")
                    .output("b")
                    .weight("w1", w1)
                    .weight("w2", w2)
                    .weight("s1", s1)
                    .weight("s2", s2)
                    .weight("b1", b1)
                    .weight("b2", b2)
                    .node("MatMulNBits", {"x", "w1", "s1", "", "", "b1"}, {"a"}, blockAttributes(3), contrib)
                    .node("MatMulNBits", {"x", "w2", "s2", "", "", "b2"}, {"b"}, blockAttributes(5), contrib)
                    .model();
  before.requireOpset(contrib, 1);
  QuantizationBench bench(before, {{{"x", randomTensor({1, 32})}}});
  const auto after = bench.apply(*rule, "", {"a"});
  auto expected = Sketch()
                      .input("x", {1, 32})
                      .output("a")
                      .output("b")
                      .weight("w", stacked(w1, w2))
                      .weight("s", stacked(s1, s2))
                      .weight("bias", stacked(b1, b2))
                      .weight("columns", ints({3, 5}))
                      .node("MatMulNBits", {"x", "w", "s", "", "", "bias"}, {"both"}, blockAttributes(8), contrib)
                      .node("Split", {"both", "columns"}, {"a", "b"}, {{"axis", int64_t{-1}}})
                      .model();
  expected.requireOpset(contrib, 1);
  CHECK(difference(after, expected) == "");
  CHECK(outputDifference(before, after, {{"x", randomTensor({1, 32}, 5)}}, 1e-5) == "");
}

TEST_CASE("merge-products gives every column its scale where one stood for all") {
  const auto pair = [](bool merged) {
    Sketch s;
    s.input("x", {2, 4}, DataType::Uint8).output("a").output("b");
    s.weight("xs", Tensor::scalar(0.5f)).weight("xz", bytes<uint8_t>({1}, 9));
    if (merged) {
      s.weight("w", [] {
        Tensor w(DataType::Int8, {4, 3});
        const auto one = bytes<int8_t>({4, 2}, 1), two = bytes<int8_t>({4, 1}, 30);
        for (size_t r = 0; r < 4; ++r) {
          w.as<int8_t>()[3 * r] = one.as<int8_t>()[2 * r];
          w.as<int8_t>()[3 * r + 1] = one.as<int8_t>()[2 * r + 1];
          w.as<int8_t>()[3 * r + 2] = two.as<int8_t>()[r];
        }
        return w;
      }());
      s.weight("s", floats({3}, {0.25f, 0.25f, 2})).weight("columns", ints({2, 1}));
      s.node("MatMulIntegerToFloat", {"x", "w", "xs", "s", "xz"}, {"both"}, {}, contrib);
      s.node("Split", {"both", "columns"}, {"a", "b"}, {{"axis", int64_t{-1}}});
    } else {
      s.weight("w1", bytes<int8_t>({4, 2}, 1)).weight("w2", bytes<int8_t>({4, 1}, 30));
      s.weight("s1", Tensor::scalar(0.25f)).weight("s2", floats({1}, {2}));
      s.node("MatMulIntegerToFloat", {"x", "w1", "xs", "s1", "xz"}, {"a"}, {}, contrib);
      s.node("MatMulIntegerToFloat", {"x", "w2", "xs", "s2", "xz"}, {"b"}, {}, contrib);
    }
    auto model = s.model();
    model.requireOpset(contrib, 1);
    return model;
  };
  const auto before = pair(false);
  const engine::NamedTensors inputs{{"x", bytes<uint8_t>({2, 4}, 3)}};
  QuantizationBench bench(before, {inputs});
  const auto after = bench.apply(*rule, "", {"a"});
  CHECK(difference(after, pair(true)) == "");
  CHECK(outputDifference(before, after, inputs, 1e-5) == "");
}

TEST_CASE("merge-products proposes what is faster merged, and nothing else") {
  QuantizationBench bench(floatPair().model(), {{{"x", randomTensor({1, 4})}}});
  const std::string key = "MatMul 1x4 x ";
  bench.kernels().assume(key + "2,1 apart 1 type 1", 2);
  bench.kernels().assume(key + "2+1 merged 1 type 1", 1.5);
  bench.times() = {{"a", 3.0}, {"b", 1.0}};
  const auto found = bench.find(*rule);
  REQUIRE(found.size() == 1);
  CHECK(found[0].places == std::vector<std::string>{"a"});
  CHECK(found[0].predictedGainMs == Approx(1.0));  // a quarter of the 4 ms that they take
  bench.kernels().assume(key + "2+1 merged 1 type 1", 2.1);
  CHECK(bench.find(*rule).empty());
}

TEST_CASE("merge-products proposes what is as fast merged for where threads sleep, apart from what is faster") {
  QuantizationBench bench(floatPair().model(), {{{"x", randomTensor({1, 4})}}});
  bench.kernels().assume("MatMul 1x4 x 2,1 apart 1 type 1", 2);
  bench.kernels().assume("MatMul 1x4 x 2+1 merged 1 type 1", 2.01);
  CHECK(bench.find(*rule).empty());  // one thread has none to wake
  bench.setThreads(2);
  const auto found = bench.find(*rule);
  REQUIRE(found.size() == 1);
  CHECK(found[0].variant == "asleep");
  CHECK(found[0].predictedGainMs > 0);
  CHECK(found[0].predictedGainMs < 0.01);
  CHECK(operatorsOf(bench.apply(*rule, found[0], 1)).at("MatMul") == 1);
}

TEST_CASE("merge-products leaves products alone that differ in more than their weights") {
  const auto other = Sketch()
                         .input("x", {1, 4})
                         .input("z", {1, 4})
                         .output("a")
                         .output("b")
                         .weight("w1", randomTensor({4, 2}))
                         .weight("w2", randomTensor({4, 2}, 2))
                         .node("MatMul", {"x", "w1"}, {"a"})
                         .node("MatMul", {"z", "w2"}, {"b"})
                         .model();
  CHECK(requireNothing(*rule, other).empty());
  const auto notConstant = Sketch()
                               .input("x", {1, 4})
                               .input("w2", {4, 2})
                               .output("a")
                               .output("b")
                               .weight("w1", randomTensor({4, 2}))
                               .node("MatMul", {"x", "w1"}, {"a"})
                               .node("MatMul", {"x", "w2"}, {"b"})
                               .model();
  CHECK(requireNothing(*rule, notConstant).empty());
}

TEST_CASE("merge-products says why it leaves products of many rows apart") {
  const auto missed = requireNothing(*rule, floatPair().model(), {.inputs = {{"x", randomTensor({128, 4})}}});
  REQUIRE(missed.size() == 1);
  CHECK(missed[0].why.find("128 rows") != std::string::npos);
}
