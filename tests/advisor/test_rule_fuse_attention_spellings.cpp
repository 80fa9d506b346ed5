// Attention as exporters spell it beyond the plain form: each is fused, or told as a near miss.
#include "advisor/rules/fuse_attention.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;
using graph::Dims;

namespace {

const auto rule = advisor::makeFuseAttentionRule(advisor::AttentionOperator::MultiHeadAttention);
const auto newer = advisor::makeFuseAttentionRule(advisor::AttentionOperator::Attention);

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

namespace {

// As transformers' repeat_kv is exported: each of 2 heads is expanded to the 2 queries that share it. With a cache,
// behind pk and pv.
graph::Model grouped(bool cached, const std::string& repeat = "Expand") {
  const int64_t queries = 4;
  auto s = split(queries, 2);
  s.weight("two", ints({2})).weight("group", ints({1, 1, 2, 1, 1})).weight("all", ints({0, queries, -1, 4}));
  for (const std::string name : {"k", "v"}) {
    std::string whole = name;
    if (cached) {
      s.input("p" + name, {-1, 2, -1, 4}).output(whole = "n" + name);
      s.node("Concat", {"p" + name, name}, {whole}, {{"axis", int64_t{2}}});
    }
    s.node("Unsqueeze", {whole, "two"}, {name + "5"}).node(repeat, {name + "5", "group"}, {name + "e"});
    s.node("Reshape", {name + "e", "all"}, {name + "r"});
  }
  return joined(scores(std::move(s), "kr"), "s", "vr", queries * 4);
}

engine::NamedTensors cacheAt(int64_t batch, int64_t length, int64_t past) {
  return {{"x", randomTensor({batch, length, 8})},
          {"pk", randomTensor({batch, 2, past, 4}, 5)},
          {"pv", randomTensor({batch, 2, past, 4}, 6)}};
}

}  // namespace

TEST_CASE("attention with fewer heads for keys and values than for queries is fused") {
  CHECK(outcome(grouped(false), {{"x", randomTensor({2, 5, 8})}}) == "fused 1");
  CHECK(outcome(grouped(true), cacheAt(2, 1, 5)) == "fused 1");
}

TEST_CASE("ONNX's Attention takes shared heads as they are, with their cache") {
  SECTION("no cache") {
    auto s = Sketch(23).input("x", {-1, -1, 8}).output("y");
    for (const std::string name : {"q", "k", "v"}) {
      s.weight("w_" + name, randomTensor({8, name == "q" ? 16 : 8}, static_cast<uint64_t>(name[0])));
      s.node("MatMul", {"x", "w_" + name}, {name});
    }
    const Attributes heads{{"q_num_heads", int64_t{4}}, {"kv_num_heads", int64_t{2}}, {"scale", 1.0F}};
    s.node("Attention", {"q", "k", "v"}, {"c"}, heads).node("Relu", {"c"}, {"y"});
    requireRewrites(*newer, grouped(false), s.model(), {.inputs = {{"x", randomTensor({2, 5, 8})}}});
  }
  SECTION("a cache") {
    // torch.repeat_interleave() becomes a Tile.
    const auto before = grouped(true, GENERATE("Expand", "Tile"));
    auto after = rewrite(*newer, before, {.inputs = cacheAt(2, 1, 5)});
    REQUIRE(after.places == 1);
    CHECK(after.opportunities.front().target == "1 x attention with 4 heads of 4 on 2 of keys and a cache");
    CHECK(after.model.opset() == 23);
    const graph::Graph result(after.model);
    for (const char* gone : {"Expand", "Tile", "Concat", "Softmax", "Transpose"}) CHECK(result.nodesOf(gone).empty());
    CHECK(outputDifference(before, after.model, cacheAt(1, 3, 4), 1e-4) == "");
    CHECK(outputDifference(before, after.model, cacheAt(3, 1, 1), 1e-4) == "");
  }
  SECTION("not where heads are repeated in another order") {
    // (batch, 2, length, size) expanded along a new first axis: 0 1 0 1, not 0 0 1 1.
    auto s = split(4, 2).weight("first", ints({1})).weight("group", ints({1, 2, 1, 1, 1}));
    s.weight("all", ints({0, 4, -1, 4}));
    for (const std::string name : {"k", "v"}) {
      s.node("Unsqueeze", {name, "first"}, {name + "5"}).node("Expand", {name + "5", "group"}, {name + "e"});
      s.node("Reshape", {name + "e", "all"}, {name + "r"});
    }
    const auto before = joined(scores(std::move(s), "kr"), "s", "vr", 16);
    auto after = rewrite(*newer, before, {.inputs = {{"x", randomTensor({2, 5, 8})}}});
    CHECK(after.places == 1);  // with the repeated heads
    CHECK(graph::Graph(after.model).nodesOf("Expand").size() == 2);
  }
}

TEST_CASE("shared heads and a causal mask are known where exporters compute them from shapes") {
  // As PyTorch writes expand() and a mask of arange() against arange(): for any batch, length and cache.
  Sketch s = split(4, 2);
  const auto at = [&](const std::string& tensor, int64_t axis, const std::string& name) {
    s.weight(name + "_axis", index(axis)).node("Shape", {tensor}, {name + "_of"});
    s.node("Gather", {name + "_of", name + "_axis"}, {name});
  };
  s.weight("i0", ints({0})).weight("i1", ints({1})).weight("two", ints({2})).weight("four", ints({4}));
  s.weight("minus", ints({-1})).weight("all", ints({0, 4, -1, 4}));
  for (const std::string n : {"k", "v"}) {
    s.input("p" + n, {-1, 2, -1, 4}).output("n" + n);
    s.node("Concat", {"p" + n, n}, {"n" + n}, {{"axis", int64_t{2}}});
    at("n" + n, 0, n + "batch"), at("n" + n, 2, n + "length");
    s.node("Unsqueeze", {n + "batch", "i0"}, {n + "b"}).node("Unsqueeze", {n + "length", "i0"}, {n + "l"});
    s.node("Concat", {n + "b", "two", "two", n + "l", "four"}, {n + "to"}, {{"axis", int64_t{0}}});
    s.node("Shape", {n + "to"}, {n + "rank"})
        .node("ConstantOfShape", {n + "rank"}, {n + "ones"}, {{"value", ints({1})}});
    s.node("Mul", {n + "ones", "minus"}, {n + "open"}).node("Equal", {n + "to", n + "open"}, {n + "isOpen"});
    s.node("Where", {n + "isOpen", n + "ones", n + "to"}, {n + "target"});
    s.node("Unsqueeze", {"n" + n, "two"}, {n + "5"}).node("Expand", {n + "5", n + "target"}, {n + "e"});
    s.node("Reshape", {n + "e", "all"}, {n + "r"});
  }
  s.weight("none", index(0)).weight("one", index(1)).weight("low", graph::Tensor::scalar(-3.4e38F));
  at("x", 1, "queries"), at("pk", 2, "past");
  s.node("Add", {"past", "queries"}, {"keys"}).node("Range", {"none", "keys", "one"}, {"column"});
  s.node("Range", {"none", "queries", "one"}, {"new"}).node("Add", {"new", "past"}, {"row"});
  s.node("Unsqueeze", {"column", "i0"}, {"columns"}).node("Unsqueeze", {"row", "i1"}, {"rows"});
  s.node("Greater", {"columns", "rows"}, {"later"}).node("Cast", {"later"}, {"laterF"}, {{"to", int64_t{1}}});
  s.node("Mul", {"laterF", "low"}, {"mask"});
  s = scores(std::move(s), "kr").node("Add", {"s", "mask"}, {"masked"});
  const auto before = joined(std::move(s), "masked", "vr", 16);
  auto after = rewrite(*newer, before, {.inputs = cacheAt(1, 1, 5)});
  CHECK(after.nearMisses.empty());
  REQUIRE(after.places == 1);
  CHECK(outputDifference(before, after.model, cacheAt(2, 3, 4), 1e-4) == "");
  CHECK(outputDifference(before, after.model, cacheAt(1, 4, 0), 1e-4) == "");
}

TEST_CASE("ONNX's Attention is told the width of what is sliced by computed bounds") {
  // One product for all three, as nn.Linear(d, 3 * d) and chunk() are exported; by an operator whose shape the engine
  // does not carry into the bounds.
  Sketch s;
  s.input("x", {-1, -1, 8})
      .output("y")
      .weight("w", randomTensor({8, 36}))
      .weight("i2", ints({2}))
      .weight("to", ints({0, 0, 3, 4}));
  s.weight("zero", ints({0})).weight("third", ints({3})).weight("out", randomTensor({12, 8}, 2));
  s.node("MatMul", {"x", "w"}, {"qkv"}).node("Shape", {"qkv"}, {"size"}).node("Gather", {"size", "i2"}, {"width"});
  s.node("Div", {"width", "third"}, {"part"});
  std::string from = "zero";
  for (const auto& [name, times] : {std::pair{"q", 1}, {"k", 2}, {"v", 3}}) {
    const std::string n = name;
    s.weight("t" + n, ints({times})).node("Mul", {"part", "t" + n}, {"end" + n});
    s.node("Slice", {"qkv", from, "end" + n, "i2"}, {n + "1"}).node("Reshape", {n + "1", "to"}, {n + "4"});
    s.node("Transpose", {n + "4"}, {n}, splitPerm);
    from = "end" + n;
  }
  s = scores(std::move(s), "k");
  s.node("Softmax", {"s"}, {"p"}, {{"axis", int64_t{-1}}}).node("MatMul", {"p", "v"}, {"c"});
  s.weight("join", ints({0, 0, 12})).node("Transpose", {"c"}, {"c4"}, splitPerm);
  s.node("Reshape", {"c4", "join"}, {"c3"}).node("MatMul", {"c3", "out"}, {"y"});
  auto after = rewrite(*newer, s.model(), {.inputs = {{"x", randomTensor({2, 5, 8})}}});
  CHECK(after.places == 1);
  CHECK(outputDifference(s.model(), after.model, {{"x", randomTensor({1, 7, 8})}}, 1e-4) == "");
}

TEST_CASE("ONNX's Attention is left alone in models that cannot be raised to it") {
  auto model = grouped(false);
  const auto forbidden = requireNothing(*newer, model, {.inputs = {{"x", randomTensor({2, 5, 8})}}, .maxOpset = 17});
  REQUIRE(forbidden.size() == 1);
  CHECK(forbidden.front().why == "ONNX has Attention from opset 23 on, and --max-opset allows none newer than 17");
  auto& normalized = *model.graphProto().mutable_node(model.graphProto().node_size() - 1);
  normalized.set_op_type("DFT");
  const auto misses = requireNothing(*newer, model, {.inputs = {{"x", randomTensor({2, 5, 8})}}, .run = false});
  REQUIRE(misses.size() == 1);
  CHECK(misses.front().why == "ONNX has Attention from opset 23 on, and DFT of opset 17 means something else in 20");
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
