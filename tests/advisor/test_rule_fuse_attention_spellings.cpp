// Attention as exporters spell it beyond the plain form: each is fused, or told as a near miss.
#include "advisor/rules/fuse_attention.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;
using graph::Dims;

namespace {

const auto rule = advisor::makeFuseAttentionRule();

using Attributes = std::vector<std::pair<std::string, graph::AttributeValue>>;
const Attributes splitPerm{{"perm", Dims{0, 2, 1, 3}}};

// x to q, k, v, each (batch, heads, length, 4).
Sketch split(int64_t queryHeads, int64_t keyHeads) {
  Sketch s;
  s.input("x", {-1, -1, 8}).output("y");
  for (const std::string name : {"q", "k", "v"}) {
    const int64_t heads = name == "q" ? queryHeads : keyHeads;
    s.weight("w_" + name, randomTensor({8, heads * 4}, static_cast<uint64_t>(name[0])));
    s.weight("to_" + name, ints({0, 0, heads, 4})).node("MatMul", {"x", "w_" + name}, {name + "1"});
    s.node("Reshape", {name + "1", "to_" + name}, {name + "4"}).node("Transpose", {name + "4"}, {name}, splitPerm);
  }
  return s;
}

Sketch scores(Sketch s, const std::string& key) {
  return s.node("Transpose", {key}, {"kt"}, {{"perm", Dims{0, 1, 3, 2}}}).node("MatMul", {"q", "kt"}, {"s"});
}

graph::Model joined(Sketch s, const std::string& masked, const std::string& value, int64_t width) {
  s.node("Softmax", {masked}, {"p"}, {{"axis", int64_t{-1}}}).node("MatMul", {"p", value}, {"c"});
  s.weight("join", ints({0, 0, width})).node("Transpose", {"c"}, {"c4"}, splitPerm);
  return s.node("Reshape", {"c4", "join"}, {"c3"}).node("Relu", {"c3"}, {"y"}).model();
}

std::string outcome(const graph::Model& model, const engine::NamedTensors& inputs) {
  const auto result = rewrite(*rule, model, {.inputs = inputs});
  if (result.places > 0) return fmt::format("fused {}", result.places);
  return result.nearMisses.empty() ? "nothing" : result.nearMisses.front().why;
}

}  // namespace

TEST_CASE("attention with fewer heads for keys and values than for queries is fused") {
  // As transformers' repeat_kv is exported: each head is expanded to those of the queries that share it.
  auto s = split(4, 2);
  s.weight("two", ints({2})).weight("group", ints({1, 1, 2, 1, 1})).weight("all", ints({0, 4, -1, 4}));
  for (const std::string name : {"k", "v"}) {
    s.node("Unsqueeze", {name, "two"}, {name + "5"}).node("Expand", {name + "5", "group"}, {name + "e"});
    s.node("Reshape", {name + "e", "all"}, {name + "r"});
  }
  const auto model = joined(scores(std::move(s), "kr"), "s", "vr", 16);
  CHECK(outcome(model, {{"x", randomTensor({2, 5, 8})}}) == "fused 1");
}

TEST_CASE("two masks, the one on top of the other, are fused") {
  // As GPT-2 hides the future and the padding.
  auto s = scores(split(2, 2), "k").input("padding", {1, 1, 1, -1});
  SECTION("both added") {
    s.input("first", {1, 1, 1, -1});
    s.node("Add", {"s", "first"}, {"s1"}).node("Add", {"s1", "padding"}, {"s2"});
    const auto model = joined(std::move(s), "s2", "v", 8);
    const auto told = outcome(model, {{"x", randomTensor({2, 5, 8})},
                                      {"first", randomTensor({1, 1, 1, 5}, 2)},
                                      {"padding", randomTensor({1, 1, 1, 5}, 3)}});
    CHECK(told == "fused 1");
  }
  SECTION("the one replaces, the other is added") {
    s.input("kept", {1, 1, 1, -1}, graph::DataType::Bool).weight("fill", graph::Tensor::scalar(-3.4e38F));
    s.node("Where", {"kept", "s", "fill"}, {"s1"}).node("Add", {"s1", "padding"}, {"s2"});
    graph::Tensor seen(graph::DataType::Bool, {1, 1, 1, 5});
    for (size_t i = 0; i < 5; ++i) seen.bytes()[i] = std::byte(i < 3);
    const auto told =
        outcome(joined(std::move(s), "s2", "v", 8),
                {{"x", randomTensor({2, 5, 8})}, {"kept", seen}, {"padding", randomTensor({1, 1, 1, 5}, 3)}});
    CHECK(told == "fused 1");
  }
}

TEST_CASE("attention whose heads are folded into the batch is told as a near miss") {
  // PyTorch's nn.MultiheadAttention before 2.0: bmm of three dims.
  Sketch s;
  s.input("q", {6, 5, 4}).input("kt", {6, 4, 5}).input("v", {6, 5, 4}).output("y");
  s.node("MatMul", {"q", "kt"}, {"s"}).node("Softmax", {"s"}, {"p"}).node("MatMul", {"p", "v"}, {"c"});
  const auto model = s.node("Transpose", {"c"}, {"y"}, {{"perm", Dims{1, 0, 2}}}).model();
  CHECK(outcome(model, {}) == "the scores are not known to have four dims");
}
