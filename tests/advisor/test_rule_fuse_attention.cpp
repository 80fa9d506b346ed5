#include "advisor/rules/fuse_attention.h"
#include "advisor/rules/fuse_rotary.h"
#include "graph/samples/samples.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace ridgeline;
using namespace ridgeline::test;
using graph::Dims;

namespace {

// Which one is faster is for bench/: here each has its tests, and those of the pattern stand on this one.
const auto rule = advisor::makeFuseAttentionRule(advisor::AttentionOperator::MultiHeadAttention);

using Attributes = std::vector<std::pair<std::string, graph::AttributeValue>>;
const Attributes splitPerm{{"perm", Dims{0, 2, 1, 3}}};
const Attributes keyPerm{{"perm", Dims{0, 2, 3, 1}}};

constexpr int64_t kWidth = 12;  // 3 heads of 4

// x -> q, k, v, each (batch, length, width).
Sketch projections(int64_t valueWidth = kWidth) {
  Sketch s;
  s.input("x", {-1, -1, 8}).output("y");
  int seed = 1;
  for (const std::string name : {"q", "k", "v"}) {
    const int64_t width = name == "v" ? valueWidth : kWidth;
    s.weight("w_" + name, randomTensor({8, width}, seed++)).node("MatMul", {"x", "w_" + name}, {name});
  }
  return s;
}

// Splits q, k, v into heads by constants: qh, vh (batch, heads, length, size) and kt (batch, heads, size, length).
Sketch heads(Sketch s, int64_t valueSize = 4) {
  s.weight("split", ints({0, 0, 3, 4})).weight("split_v", ints({0, 0, 3, valueSize}));
  s.node("Reshape", {"q", "split"}, {"q4"}).node("Transpose", {"q4"}, {"qh"}, splitPerm);
  s.node("Reshape", {"k", "split"}, {"k4"}).node("Transpose", {"k4"}, {"kt"}, keyPerm);
  s.node("Reshape", {"v", "split_v"}, {"v4"}).node("Transpose", {"v4"}, {"vh"}, splitPerm);
  return s;
}

// probabilities and vh to y.
Sketch merge(Sketch s, const std::string& probabilities, int64_t width = kWidth) {
  s.weight("join", ints({0, 0, width}));
  s.node("MatMul", {probabilities, "vh"}, {"c"}).node("Transpose", {"c"}, {"c4"}, splitPerm);
  return s.node("Reshape", {"c4", "join"}, {"c3"}).node("Relu", {"c3"}, {"y"});
}

Sketch plain() {
  auto s = heads(projections()).node("MatMul", {"qh", "kt"}, {"s"}).weight("two", graph::Tensor::scalar(2));
  return merge(s.node("Div", {"s", "two"}, {"ss"}).node("Softmax", {"ss"}, {"p"}), "p");
}

Sketch fused(Sketch s, std::vector<std::string> inputs, float scale = 0.5F) {
  return s
      .node("MultiHeadAttention", std::move(inputs), {"c3"}, {{"num_heads", int64_t{3}}, {"scale", scale}},
            "com.microsoft")
      .node("Relu", {"c3"}, {"y"});
}

// The rewritten model must agree at other sizes than those the rule has seen.
void agreesAt(const graph::Model& before, const graph::Model& after, const engine::NamedTensors& inputs) {
  CHECK(outputDifference(before, after, inputs, 1e-4) == "");
}

int countOf(graph::Model& model, const char* op, const char* domain = "") {
  return static_cast<int>(graph::Graph(model).nodesOf(op, domain).size());
}

}  // namespace

TEST_CASE("fuse-attention puts one operator in the place of twelve") {
  const auto before = plain().model();
  const auto result = rewrite(*rule, before, {.inputs = {{"x", randomTensor({1, 5, 8})}}});
  CHECK(result.places == 1);
  CHECK(difference(result.model, fused(projections(), {"q", "k", "v"}).model()) == "");
  REQUIRE(result.opportunities.size() == 1);
  CHECK(result.opportunities[0].target == "1 x attention with 3 heads of 4");
  agreesAt(before, result.model, {{"x", randomTensor({2, 7, 8})}});
  agreesAt(before, result.model, {{"x", randomTensor({3, 1, 8})}});
}

TEST_CASE("fuse-attention gathers the scale from wherever it is applied") {
  const auto expected = fused(projections(), {"q", "k", "v"}, 0.35F);
  auto s = heads(projections()).weight("a", graph::Tensor::scalar(0.7F)).weight("b", graph::Tensor::scalar(0.5F));
  SECTION("to the query and to the key") {
    s.node("Mul", {"qh", "a"}, {"qs"}).node("Mul", {"b", "kt"}, {"ks"}).node("MatMul", {"qs", "ks"}, {"s"});
    requireRewrites(*rule, merge(s.node("Softmax", {"s"}, {"p"}), "p").model(), expected.model());
  }
  SECTION("twice to the scores") {
    s.node("MatMul", {"qh", "kt"}, {"s"}).node("Mul", {"s", "a"}, {"s1"}).node("Mul", {"s1", "b"}, {"s2"});
    requireRewrites(*rule, merge(s.node("Softmax", {"s2"}, {"p"}), "p").model(), expected.model());
  }
}

TEST_CASE("fuse-attention works out a scale made of the head's size") {
  // As PyTorch's exporter writes scaled_dot_product_attention: both sides times sqrt(1 / sqrt(size)).
  auto s = heads(projections())
               .weight("one", graph::Tensor::scalar(1))
               .weight("last", ints({-1}))
               .weight("end", ints({INT64_MAX}));
  s.node("Shape", {"qh"}, {"shape"}).node("Slice", {"shape", "last", "end"}, {"size"});
  s.node("Cast", {"size"}, {"sizef"}, {{"to", int64_t{1}}}).node("Sqrt", {"sizef"}, {"root"});
  s.node("Div", {"one", "root"}, {"scale"}).node("Sqrt", {"scale"}, {"half"});
  s.node("Mul", {"qh", "half"}, {"qs"}).node("Mul", {"kt", "half"}, {"ks"}).node("MatMul", {"qs", "ks"}, {"s"});
  requireRewrites(*rule, merge(s.node("Softmax", {"s"}, {"p"}), "p").model(),
                  fused(projections(), {"q", "k", "v"}).model());
}

TEST_CASE("fuse-attention reads head splits made of the shape at run time") {
  auto s = projections()
               .weight("i0", ints({0}))
               .weight("i1", ints({1}))
               .weight("three", ints({3}))
               .weight("four", ints({4}));
  for (const std::string t : {"q", "k", "v"}) {
    s.node("Shape", {t}, {t + "s"})
        .node("Gather", {t + "s", "i0"}, {t + "b"})
        .node("Gather", {t + "s", "i1"}, {t + "n"});
    s.node("Concat", {t + "b", t + "n", "three", "four"}, {t + "to"}, {{"axis", int64_t{0}}});
    s.node("Reshape", {t, t + "to"}, {t + "4"}).node("Transpose", {t + "4"}, {t + "h"}, splitPerm);
  }
  s.node("Transpose", {"kh"}, {"kt"}, {{"perm", Dims{0, 1, 3, 2}}}).node("MatMul", {"qh", "kt"}, {"s"});
  s.node("Softmax", {"s"}, {"p"}).node("MatMul", {"p", "vh"}, {"c"}).node("Transpose", {"c"}, {"c4"}, splitPerm);
  s.weight("rest", ints({-1})).node("Concat", {"qb", "qn", "rest"}, {"join"}, {{"axis", int64_t{0}}});
  s.node("Reshape", {"c4", "join"}, {"c3"}).node("Relu", {"c3"}, {"y"});
  requireRewrites(*rule, s.model(), fused(projections(), {"q", "k", "v"}, 1).model());
}

TEST_CASE("fuse-attention expands a padding mask to the rows that the operator wants") {
  const auto masked = [](Dims maskDims) {
    auto s = heads(projections()).input("m", std::move(maskDims)).node("MatMul", {"qh", "kt"}, {"s"});
    return merge(s.node("Add", {"m", "s"}, {"sm"}).node("Softmax", {"sm"}, {"p"}), "p").model();
  };
  SECTION("one row for all queries") {
    const auto before = masked({1, 1, 1, -1});
    const auto after =
        rewrite(*rule, before, {.inputs = {{"x", randomTensor({2, 5, 8})}, {"m", randomTensor({1, 1, 1, 5})}}});
    CHECK(after.places == 1);
    agreesAt(before, after.model, {{"x", randomTensor({1, 9, 8})}, {"m", randomTensor({1, 1, 1, 9})}});
    agreesAt(before, after.model, {{"x", randomTensor({1, 9, 8})}, {"m", randomTensor({1, 1, 1, 1})}});
  }
  SECTION("of fewer dims") {
    const auto before = masked({-1});
    const auto after = rewrite(*rule, before, {.inputs = {{"x", randomTensor({2, 5, 8})}, {"m", randomTensor({5})}}});
    CHECK(after.places == 1);
    agreesAt(before, after.model, {{"x", randomTensor({1, 4, 8})}, {"m", randomTensor({4})}});
  }
  SECTION("a bias for each head") {
    const auto before = masked({1, 3, 1, -1});
    const auto after =
        rewrite(*rule, before, {.inputs = {{"x", randomTensor({2, 5, 8})}, {"m", randomTensor({1, 3, 1, 5})}}});
    CHECK(after.places == 1);
  }
  SECTION("not one that may have more rows than there are queries") {
    const auto misses = requireNothing(*rule, masked({1, 1, -1, -1}),
                                       {.inputs = {{"x", randomTensor({2, 5, 8})}, {"m", randomTensor({1, 1, 5, 5})}}});
    REQUIRE(misses.size() == 1);
    CHECK(misses[0].why == "the mask may have more rows than the query");
  }
  SECTION("nor one that may have a batch of its own") {
    const auto misses = requireNothing(*rule, masked({-1, 1, 1, -1}),
                                       {.inputs = {{"x", randomTensor({2, 5, 8})}, {"m", randomTensor({2, 1, 1, 5})}}});
    REQUIRE(misses.size() == 1);
    CHECK(misses[0].why == "the mask's batch may differ from the query's");
  }
}

TEST_CASE("fuse-attention takes a causal mask cut from a table, and answers who asks for the scores' shape") {
  const auto causal = [](float fill) {
    graph::Tensor table(graph::DataType::Bool, {1, 1, 16, 16});
    for (size_t i = 0; i < 256; ++i) table.bytes()[i] = std::byte(i % 16 <= i / 16);
    auto s = heads(projections()).weight("table", table).weight("fill", graph::Tensor::scalar(fill));
    s.weight("i0", ints({0})).weight("i2", ints({2})).weight("i3", ints({3}));
    s.node("MatMul", {"qh", "kt"}, {"s"}).node("Shape", {"s"}, {"shape"});
    s.node("Gather", {"shape", "i2"}, {"rows"})
        .node("Gather", {"shape", "i3"}, {"columns"})
        .node("Sub", {"columns", "rows"}, {"from"});
    s.node("Slice", {"table", "from", "columns", "i2"}, {"t1"}).node("Slice", {"t1", "i0", "columns", "i3"}, {"t2"});
    return merge(s.node("Where", {"t2", "s", "fill"}, {"sm"}).node("Softmax", {"sm"}, {"p"}), "p").model();
  };
  const auto before = causal(-3.4e38F);
  auto after = rewrite(*rule, before, {.inputs = {{"x", randomTensor({2, 5, 8})}}});
  CHECK(after.places == 1);
  CHECK(countOf(after.model, "Softmax") == 0);
  CHECK(countOf(after.model, "MatMul") == 3);  // the projections
  agreesAt(before, after.model, {{"x", randomTensor({1, 16, 8})}});
  agreesAt(before, after.model, {{"x", randomTensor({1, 1, 8})}});

  CHECK(after.opportunities.front().risk.empty());

  const auto misses = requireNothing(*rule, causal(-100), {.inputs = {{"x", randomTensor({1, 5, 8})}}});
  REQUIRE(misses.size() == 1);
  CHECK(misses[0].why == "scores are set to -100 rather than lowered");

  // GPT-2's, right for all scores that a network makes.
  const auto hidden = causal(-10000);
  const auto fused = rewrite(*rule, hidden, {.inputs = {{"x", randomTensor({2, 5, 8})}}});
  REQUIRE(fused.places == 1);
  CHECK(fused.opportunities.front().risk ==
        "every query must see a key, and scores must be small beside -10000, which hides the others");
  agreesAt(hidden, fused.model, {{"x", randomTensor({1, 16, 8})}});
}

TEST_CASE("fuse-attention takes masked_fill, which names what to hide") {
  // Rows and columns of the table are cut by the length of the input.
  graph::Tensor table(graph::DataType::Bool, {1, 1, 16, 16});
  for (size_t i = 0; i < 256; ++i) table.bytes()[i] = std::byte(i % 16 <= i / 16);
  auto s = heads(projections()).weight("table", table).weight("i0", ints({0}));
  s.weight("fill", graph::Tensor::scalar(-std::numeric_limits<float>::infinity()));
  s.weight("i1", ints({1})).weight("i2", ints({2})).weight("i3", ints({3}));
  s.node("MatMul", {"qh", "kt"}, {"s"}).node("Shape", {"x"}, {"shape"}).node("Gather", {"shape", "i1"}, {"length"});
  s.node("Slice", {"table", "i0", "length", "i2"}, {"t1"}).node("Slice", {"t1", "i0", "length", "i3"}, {"t2"});
  s.node("Not", {"t2"}, {"hide"}).node("Where", {"hide", "fill", "s"}, {"sm"}).node("Softmax", {"sm"}, {"p"});
  const auto before = merge(s, "p").model();
  auto after = rewrite(*rule, before, {.inputs = {{"x", randomTensor({2, 5, 8})}}});
  CHECK(after.places == 1);
  CHECK(countOf(after.model, "Softmax") == 0);
  agreesAt(before, after.model, {{"x", randomTensor({1, 16, 8})}});
  agreesAt(before, after.model, {{"x", randomTensor({1, 1, 8})}});
}

TEST_CASE("fuse-attention lets values have a size of their own") {
  auto s = heads(projections(6), 2).node("MatMul", {"qh", "kt"}, {"s"}).node("Softmax", {"s"}, {"p"});
  requireRewrites(*rule, merge(s, "p", 6).model(), fused(projections(6), {"q", "k", "v"}, 1).model());
}

TEST_CASE("fuse-attention hands over keys and values that come with their heads apart") {
  Sketch s;
  s.input("q", {-1, -1, 12}).input("kh", {-1, 3, -1, 4}).input("vh", {-1, 3, -1, 4}).output("y");
  // The same batch for all three, by the names of the open dims.
  auto model = s.weight("split", ints({0, 0, 3, 4})).node("Reshape", {"q", "split"}, {"q4"}).model();
  for (int i = 0; i < 3; ++i) {
    model.graphProto()
        .mutable_input(i)
        ->mutable_type()
        ->mutable_tensor_type()
        ->mutable_shape()
        ->mutable_dim(0)
        ->set_dim_param("batch");
  }
  const auto finish = [&](const graph::Model& head) {
    Sketch rest;
    rest.node("Transpose", {"q4"}, {"qh"}, splitPerm).node("Transpose", {"kh"}, {"kt"}, {{"perm", Dims{0, 1, 3, 2}}});
    auto tail = merge(rest.node("MatMul", {"qh", "kt"}, {"s"}).node("Softmax", {"s"}, {"p"}), "p").model();
    auto whole = head.clone();
    whole.graphProto().MergeFrom(tail.graphProto());
    return whole;
  };
  const auto before = finish(model);
  const engine::NamedTensors inputs{
      {"q", randomTensor({2, 5, 12})}, {"kh", randomTensor({2, 3, 7, 4}, 2)}, {"vh", randomTensor({2, 3, 7, 4}, 3)}};
  auto after = rewrite(*rule, before, {.inputs = inputs});
  CHECK(after.places == 1);
  CHECK(countOf(after.model, "Transpose") == 0);
}

TEST_CASE("fuse-attention keeps the cache's outputs") {
  Sketch s = heads(projections());
  s.input("pk", {-1, 3, -1, 4}).input("pv", {-1, 3, -1, 4}).output("nk").output("nv");
  s.node("Transpose", {"k4"}, {"kh"}, splitPerm);
  s.node("Concat", {"pk", "kh"}, {"nk"}, {{"axis", int64_t{2}}})
      .node("Concat", {"pv", "vh"}, {"nv"}, {{"axis", int64_t{-2}}});
  s.node("Transpose", {"nk"}, {"nkt"}, {{"perm", Dims{0, 1, 3, 2}}}).node("MatMul", {"qh", "nkt"}, {"s"});
  s.node("Softmax", {"s"}, {"p"}).node("MatMul", {"p", "nv"}, {"c"}).node("Transpose", {"c"}, {"c4"}, splitPerm);
  s.weight("join", ints({0, 0, 12})).node("Reshape", {"c4", "join"}, {"c3"}).node("Relu", {"c3"}, {"y"});
  const auto before = s.model();
  const auto at = [](int64_t batch, int64_t length, int64_t past) {
    return engine::NamedTensors{{"x", randomTensor({batch, length, 8})},
                                {"pk", randomTensor({batch, 3, past, 4}, 5)},
                                {"pv", randomTensor({batch, 3, past, 4}, 6)}};
  };
  auto after = rewrite(*rule, before, {.inputs = at(1, 1, 6)});
  CHECK(after.places == 1);
  CHECK(countOf(after.model, "Concat") == 0);
  agreesAt(before, after.model, at(2, 3, 4));
  agreesAt(before, after.model, at(1, 1, 1));
  agreesAt(before, after.model, at(1, 2, 0));
}

TEST_CASE("fuse-attention predicts from the observed times of what it replaces") {
  // Far above what the fused operator takes at this size.
  const auto result =
      rewrite(*rule, plain().model(),
              {.inputs = {{"x", randomTensor({1, 5, 8})}}, .times = {{"s", 800}, {"p", 200}, {"y", 50}}});
  REQUIRE(result.opportunities.size() == 1);
  CHECK(result.opportunities[0].predictedGainMs > 900);
  CHECK(result.opportunities[0].predictedGainMs < 1000);
  CHECK(result.opportunities[0].evidence.size() == 1);
}

TEST_CASE("fuse-attention says what stands in the way") {
  const auto whyNot = [](const graph::Model& model) {
    const auto misses = requireNothing(*rule, model, {.inputs = {{"x", randomTensor({2, 5, 8})}}});
    return misses.size() == 1 ? misses[0].why : std::to_string(misses.size()) + " near misses";
  };
  SECTION("attention weights that are an output") {
    CHECK(whyNot(plain().output("p").model()) == "p is also read elsewhere");
  }
  SECTION("a softmax over the queries") {
    auto s =
        heads(projections()).node("MatMul", {"qh", "kt"}, {"s"}).node("Softmax", {"s"}, {"p"}, {{"axis", int64_t{2}}});
    CHECK(whyNot(merge(s, "p").model()) == "the softmax runs along axis 2, not over the keys");
  }
  SECTION("heads that stay apart") {
    auto s = heads(projections())
                 .node("MatMul", {"qh", "kt"}, {"s"})
                 .node("Softmax", {"s"}, {"p"})
                 .node("MatMul", {"p", "vh"}, {"c"});
    CHECK(whyNot(s.node("Relu", {"c"}, {"y"}).model()) == "the heads are not put back beside each other");
  }
  SECTION("scores that are not a product") {
    auto s = heads(projections())
                 .node("MatMul", {"qh", "kt"}, {"s"})
                 .node("Relu", {"s"}, {"r"})
                 .node("Softmax", {"r"}, {"p"});
    CHECK(whyNot(merge(s, "p").model()) == "the softmax reads r made by Relu, not a product of query and key");
  }
  SECTION("nothing, where there is no attention at all") {
    auto s = Sketch().input("x", {-1, -1, 8}).output("y").node("Softmax", {"x"}, {"p"}).node("Relu", {"p"}, {"y"});
    CHECK(requireNothing(*rule, s.model(), {.inputs = {{"x", randomTensor({2, 5, 8})}}}).empty());
  }
}

TEST_CASE("fuse-attention fuses every layer of exported networks") {
  SECTION("an encoder, whose layers share one expanded mask") {
    const auto before = *graph::makeSample("tiny-bert");
    auto after = rewrite(*rule, before, {.symbols = {{"N", 1}, {"T", 6}}});
    CHECK(after.places == 2);
    CHECK(countOf(after.model, "MultiHeadAttention", "com.microsoft") == 2);
    CHECK(countOf(after.model, "Expand") == 1);
    engine::NamedTensors inputs{{"input_ids", graph::Tensor(graph::DataType::Int64, {3, 4})},
                                {"attention_mask", graph::Tensor(graph::DataType::Int64, {3, 4})}};
    for (size_t i = 0; i < 12; ++i) {
      inputs["input_ids"].as<int64_t>()[i] = static_cast<int64_t>(i);
      inputs["attention_mask"].as<int64_t>()[i] = i % 4 < 3;
    }
    agreesAt(before, after.model, inputs);
  }
  SECTION("a decoder with rotary embeddings, before and after those are fused") {
    const auto before = *graph::makeSample("tiny-llama");
    auto direct = rewrite(*rule, before, {.symbols = {{"past", 5}}});
    CHECK(direct.places == 2);
    const auto rotated = rewrite(*advisor::makeFuseRotaryRule(), before, {.symbols = {{"past", 5}}});
    CHECK(rotated.places == 4);
    auto both = rewrite(*rule, rotated.model, {.symbols = {{"past", 5}}});
    CHECK(both.places == 2);
    CHECK(countOf(both.model, "Transpose") == 0);
    CHECK(countOf(both.model, "Softmax") == 0);
  }
}
