#include "advisor/rules/move_selections.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;
using graph::DataType;
using graph::Tensor;

namespace {

const auto rule = advisor::makeMoveSelectionsRule();
using Ints = std::vector<int64_t>;

// Two sequences of five entries with four features each.
Sketch sequences() { return Sketch().input("x", {2, 5, 4}).output("y").weight("i", index(3)); }

graph::Model takeOne(Sketch sketch, const std::string& from, int64_t axis = 1) {
  return sketch.node("Gather", {from, "i"}, {"y"}, {{"axis", axis}}).model();
}

// The entry is taken from x along `axis`, with the axis left in place.
Sketch taken(Sketch sketch, int64_t axis = 1) {
  return sketch.weight("list", ints({3}))
      .weight("first", index(0))
      .node("Gather", {"x", "list"}, {"s"}, {{"axis", axis}});
}

graph::Model dropAxis(Sketch sketch, const std::string& from, int64_t axis = 1) {
  return sketch.node("Gather", {from, "first"}, {"y"}, {{"axis", axis}}).model();
}

int countOf(const graph::Model& model, std::string_view type) {
  int count = 0;
  for (const auto& node : model.graphProto().node()) count += node.op_type() == type;
  return count;
}

// One layer of a transformer: products, attention over all entries, a residual. Batch and length are open, and the
// shapes of Reshape computed, as exporters write it.
Sketch attentionLayer() {
  Sketch s;
  s.input("x", {-1, -1, 8}).output("y").weight("i", index(0));
  s.weight("zero", index(0)).weight("one", index(1)).weight("axis", ints({0})).weight("heads", ints({2, 4}));
  s.weight("all", ints({8})).weight("scale", Tensor::scalar(2));
  for (const std::string p : {"q", "k", "v"}) {
    s.weight("w" + p, randomTensor({8, 8}, 1)).weight("b" + p, randomTensor({8}, 2));
    s.node("MatMul", {"x", "w" + p}, {p + "_product"}).node("Add", {p + "_product", "b" + p}, {p});
    s.node("Shape", {p}, {p + "_shape"});
    for (const std::string d : {"zero", "one"}) {
      s.node("Gather", {p + "_shape", d}, {p + d}, {{"axis", int64_t{0}}});
      s.node("Unsqueeze", {p + d, "axis"}, {p + d + "_list"});
    }
    s.node("Concat", {p + "zero_list", p + "one_list", "heads"}, {p + "_target"}, {{"axis", int64_t{0}}});
    s.node("Reshape", {p, p + "_target"}, {p + "_heads"});
    s.node("Transpose", {p + "_heads"}, {p + "_t"}, {{"perm", p == "k" ? Ints{0, 2, 3, 1} : Ints{0, 2, 1, 3}}});
  }
  s.node("MatMul", {"q_t", "k_t"}, {"scores"}).node("Div", {"scores", "scale"}, {"scaled"});
  s.node("Softmax", {"scaled"}, {"share"}, {{"axis", int64_t{-1}}}).node("MatMul", {"share", "v_t"}, {"context_t"});
  s.node("Transpose", {"context_t"}, {"context"}, {{"perm", Ints{0, 2, 1, 3}}});
  s.node("Concat", {"qzero_list", "qone_list", "all"}, {"target"}, {{"axis", int64_t{0}}});
  s.node("Reshape", {"context", "target"}, {"joined"}).weight("wo", randomTensor({8, 8}, 3));
  s.node("MatMul", {"joined", "wo"}, {"out"}).node("Add", {"x", "out"}, {"sum"});
  return s;
}

}  // namespace

TEST_CASE("move-selections computes the products of the entries that are used") {
  const auto weights = [](Sketch s) { return s.weight("w", randomTensor({4, 6})).weight("b", randomTensor({6})); };
  auto before = weights(sequences());
  before.node("MatMul", {"x", "w"}, {"p"}).node("Add", {"p", "b"}, {"a"}).node("Relu", {"a"}, {"r"});
  auto after = weights(taken(sequences()));
  after.node("MatMul", {"s", "w"}, {"p"}).node("Add", {"p", "b"}, {"a"}).node("Relu", {"a"}, {"r"});
  const auto result = rewrite(*rule, takeOne(before, "r"), {.times = {{"p", 1.0}, {"a", 0.25}, {"y", 0.5}}});
  CHECK(difference(result.model, dropAxis(after, "r")) == "");
  REQUIRE(result.opportunities.size() == 1);
  CHECK(result.opportunities[0].predictedGainMs == Approx(1.25 * 0.8));
  CHECK(result.opportunities[0].evidence.front().find("1 of 5 entries of r are used") == 0);
}

TEST_CASE("move-selections moves a Slice as well, and what it takes keeps its axis") {
  const auto bounds = [](Sketch s) {
    return s.weight("from", ints({-2}))
        .weight("to", ints({INT64_MAX}))
        .weight("axes", ints({1}))
        .weight("step", ints({1}));
  };
  auto before = bounds(sequences());
  before.node("Exp", {"x"}, {"e"}).node("Slice", {"e", "from", "to", "axes"}, {"y"});
  auto after = bounds(sequences());
  after.node("Slice", {"x", "from", "to", "axes", "step"}, {"s"}).node("Exp", {"s"}, {"y"});
  requireRewrites(*rule, before.model(), after.model());
}

TEST_CASE("move-selections moves a Slice whose bounds are attributes") {
  const std::vector<std::pair<std::string, graph::AttributeValue>> bounds{
      {"starts", Ints{0}}, {"ends", Ints{1}}, {"axes", Ints{1}}};
  const auto open = Sketch(9).input("x", {2, 5, 4}).output("y");
  requireRewrites(*rule, Sketch(open).node("Exp", {"x"}, {"e"}).node("Slice", {"e"}, {"y"}, bounds).model(),
                  Sketch(open).node("Slice", {"x"}, {"s"}, bounds).node("Exp", {"s"}, {"y"}).model());
}

TEST_CASE("move-selections follows both ways around a residual, and selects from one tensor once") {
  auto before = sequences().weight("w", randomTensor({4, 4}));
  before.node("Tanh", {"x"}, {"t"}).node("MatMul", {"t", "w"}, {"p"}).node("Add", {"t", "p"}, {"a"});
  auto after = taken(sequences().weight("w", randomTensor({4, 4})));
  after.node("Tanh", {"s"}, {"t"}).node("MatMul", {"t", "w"}, {"p"}).node("Add", {"t", "p"}, {"a"});
  requireRewrites(*rule, takeOne(before, "a"), dropAxis(after, "a"));
}

TEST_CASE("move-selections leaves an attention layer its keys and values") {
  const Setup setup{.symbols = {{"x_0", 2}, {"x_1", 6}}, .times = {{"q_product", 1}, {"k_product", 1}, {"out", 1}}};
  const auto result = rewrite(*rule, takeOne(attentionLayer(), "sum"), setup);
  REQUIRE(result.opportunities.size() == 1);
  CHECK(result.opportunities[0].predictedGainMs == Approx(2 * 5.0 / 6));
  // x is selected from once; the other is the one that drops the axis. Two more take sizes for keys, two for values.
  CHECK(countOf(result.model, "Gather") == 2 + 4);
  for (const auto& node : result.model.graphProto().node()) {
    if (node.op_type() != "MatMul" || (node.input(1) != "wk" && node.input(1) != "wv")) continue;
    CHECK(node.input(0) == "x");
  }
  SECTION("and the result works at other sizes") {
    for (const int64_t length : {1, 9}) {
      auto x = randomTensor({3, length, 8}, 5);
      CHECK(outputDifference(takeOne(attentionLayer(), "sum"), result.model, {{"x", x}}, 1e-5) == "");
    }
  }
}

TEST_CASE("move-selections goes through operators that treat each entry by itself") {
  const auto passes = [](const Sketch& sketch, const std::string& from, int64_t axis = 1) {
    auto sized = Sketch(sketch).node("Exp", {from}, {"last"});
    const auto result = rewrite(*rule, takeOne(sized, "last", axis));
    REQUIRE(result.places == 1);
    // All that remains after the first operator works on one entry: x itself is selected from.
    bool fromInput = false;
    for (const auto& node : result.model.graphProto().node()) {
      fromInput |= node.op_type() == "Gather" && (node.input(0) == "x" || node.input(0) == "ids");
    }
    CHECK(fromInput);
  };
  auto s = sequences();
  SECTION("Softmax over another axis") { passes(s.node("Softmax", {"x"}, {"t"}), "t"); }
  SECTION("a reduction that keeps its axis") {
    passes(s.node("ReduceMean", {"x"}, {"t"}, {{"axes", Ints{-1}}}).node("Sub", {"x", "t"}, {"u"}), "u");
  }
  SECTION("a reduction that drops its axis, so that the next one moves up") {
    auto four = Sketch().input("x", {2, 3, 5, 4}).output("y").weight("i", index(3));
    passes(four.node("ReduceMax", {"x"}, {"t"}, {{"axes", Ints{1}}, {"keepdims", int64_t{0}}}), "t");
  }
  SECTION("ArgMax of each entry") {
    s.node("ArgMax", {"x"}, {"m"}, {{"axis", int64_t{-1}}, {"keepdims", int64_t{0}}});
    passes(s.node("Cast", {"m"}, {"t"}, {{"to", int64_t{1}}}), "t");
  }
  SECTION("Transpose") { passes(s.node("Transpose", {"x"}, {"t"}, {{"perm", Ints{1, 2, 0}}}), "t", 0); }
  SECTION("Transpose in the default order") { passes(s.node("Transpose", {"x"}, {"t"}), "t", 1); }
  SECTION("Unsqueeze") { passes(s.weight("at", ints({1})).node("Unsqueeze", {"x", "at"}, {"t"}), "t", 2); }
  SECTION("Squeeze") {
    auto four = Sketch().input("x", {2, 1, 5, 4}).output("y").weight("i", index(3));
    passes(four.weight("at", ints({1})).node("Squeeze", {"x", "at"}, {"t"}), "t");
  }
  SECTION("Concat along another axis") { passes(s.node("Concat", {"x", "x"}, {"t"}, {{"axis", int64_t{2}}}), "t"); }
  SECTION("Slice of another axis") {
    s.weight("from", ints({1})).weight("to", ints({3})).weight("axes", ints({2}));
    passes(s.node("Slice", {"x", "from", "to", "axes"}, {"t"}), "t");
  }
  SECTION("Gather along a later axis") {
    passes(s.weight("some", ints({2, 0})).node("Gather", {"x", "some"}, {"t"}, {{"axis", int64_t{2}}}), "t");
  }
  SECTION("Gather along an earlier axis, which is gone then") {
    auto four = Sketch().input("x", {2, 3, 5, 4}).output("y").weight("i", index(3)).weight("two", index(2));
    passes(four.node("Gather", {"x", "two"}, {"t"}, {{"axis", int64_t{1}}}), "t");
  }
  SECTION("an embedding, by its ids") {
    auto ids = Sketch().input("ids", {2, 5}, DataType::Int64).output("y").weight("i", index(3));
    passes(ids.weight("table", randomTensor({100, 4})).node("Gather", {"table", "ids"}, {"t"}), "t");
  }
  SECTION("LayerNormalization") {
    s.weight("g", randomTensor({4})).weight("b", randomTensor({4}));
    passes(s.node("LayerNormalization", {"x", "g", "b"}, {"t"}), "t");
  }
  SECTION("an addend for each entry, which is selected from too") {
    passes(s.weight("p", randomTensor({1, 5, 4})).node("Add", {"p", "x"}, {"t"}), "t");
  }
  SECTION("an addend that is the same for all entries") {
    passes(s.weight("p", randomTensor({2, 1, 4})).node("Add", {"p", "x"}, {"t"}), "t");
  }
  SECTION("matrices of a batch") {
    auto four = Sketch().input("x", {5, 2, 3, 4}).output("y").weight("i", index(3));
    passes(four.weight("w", randomTensor({2, 4, 3})).node("MatMul", {"x", "w"}, {"t"}), "t", 0);
  }
  SECTION("a matrix for each of a batch") {
    auto four = Sketch().input("x", {2, 5, 3, 4}).output("y").weight("i", index(3));
    passes(four.weight("w", randomTensor({5, 4, 3})).node("MatMul", {"x", "w"}, {"t"}), "t", 1);
  }
  SECTION("rows of Gemm, with a row of its own for each") {
    auto matrix = Sketch().input("x", {5, 4}).output("y").weight("i", index(3));
    matrix.weight("w", randomTensor({3, 4})).weight("c", randomTensor({5, 3}));
    passes(matrix.node("Gemm", {"x", "w", "c"}, {"t"}, {{"transB", int64_t{1}}, {"alpha", 0.5F}}), "t", 0);
  }
  SECTION("Reshape of what is behind the axis") {
    passes(s.weight("to", ints({2, 5, 2, 2})).node("Reshape", {"x", "to"}, {"t"}), "t");
  }
  SECTION("Reshape of what is before the axis") {
    passes(s.weight("to", ints({1, 2, 1, 5, 4})).node("Reshape", {"x", "to"}, {"t"}), "t", 3);
  }
  SECTION("Reshape with a size left to it") {
    passes(s.weight("to", ints({-1, 5, 4, 1})).node("Reshape", {"x", "to"}, {"t"}), "t");
  }
  SECTION("weights in blocks") {
    s.weight("w", Tensor(DataType::Uint8, {6, 1, 16})).weight("scales", randomTensor({6}));
    auto wide = Sketch().input("x", {2, 5, 32}).output("y").weight("i", index(3));
    wide.weight("w", Tensor(DataType::Uint8, {6, 1, 16})).weight("scales", randomTensor({6}));
    passes(wide.node("MatMulNBits", {"x", "w", "scales"}, {"t"},
                     {{"K", int64_t{32}}, {"N", int64_t{6}}, {"bits", int64_t{4}}, {"block_size", int64_t{32}}},
                     "com.microsoft"),
           "t");
  }
  SECTION("one scale for all") {
    s.weight("scale", Tensor::scalar(0.02F)).node("QuantizeLinear", {"x", "scale"}, {"u"});
    passes(s.node("DequantizeLinear", {"u", "scale"}, {"t"}), "t");
  }
}

TEST_CASE("move-selections leaves what needs all entries") {
  const auto stays = [](Sketch sketch, int64_t axis = 1) {
    const auto misses = requireNothing(*rule, takeOne(std::move(sketch), "t", axis));
    CHECK(misses.empty());
  };
  auto s = sequences();
  SECTION("Softmax over the axis") { stays(s.node("Softmax", {"x"}, {"t"}, {{"axis", int64_t{1}}})); }
  SECTION("Softmax that took all axes from the second on, in older versions") {
    auto old = Sketch(11).input("x", {2, 5, 4}).output("y").weight("i", index(3));
    stays(old.node("Softmax", {"x"}, {"t"}));
  }
  SECTION("a running sum") { stays(s.weight("at", index(1)).node("CumSum", {"x", "at"}, {"t"})); }
  SECTION("a normalization over the entries") {
    s.weight("g", randomTensor({5, 4}));
    stays(s.node("LayerNormalization", {"x", "g"}, {"t"}, {{"axis", int64_t{1}}}));
  }
  SECTION("a range found from all") {
    s.node("DynamicQuantizeLinear", {"x"}, {"u", "scale", "zero"});
    stays(s.node("DequantizeLinear", {"u", "scale", "zero"}, {"t"}));
  }
  SECTION("Concat along the axis") { stays(s.node("Concat", {"x", "x"}, {"t"}, {{"axis", int64_t{1}}})); }
  SECTION("Reshape across the axis") { stays(s.weight("to", ints({5, 8})).node("Reshape", {"x", "to"}, {"t"}), 0); }
  SECTION("one entry of one") {
    auto one = Sketch().input("x", {2, 1, 4}).output("y").weight("i", index(0));
    stays(one.node("Exp", {"x"}, {"t"}));
  }
  SECTION("a view, which costs nothing") {
    stays(s.weight("to", ints({2, 5, 2, 2})).node("Reshape", {"x", "to"}, {"t"}));
  }
  SECTION("a size that may be 1 for all entries") {
    auto open = Sketch().input("x", {2, -1, 4}).input("z", {2, -1, 4}).output("y").weight("i", index(0));
    const Setup setup{.symbols = {{"x_1", 5}, {"z_1", 1}}};
    CHECK(requireNothing(*rule, takeOne(open.node("Add", {"x", "z"}, {"t"}), "t"), setup).empty());
  }
  SECTION("an output of the model") { stays(s.output("t").node("Exp", {"x"}, {"t"})); }
  SECTION("indices that are computed") {
    auto chosen = Sketch().input("x", {2, 5, 4}).input("j", {1}, DataType::Int64).output("y").node("Exp", {"x"}, {"t"});
    requireNothing(*rule, chosen.node("Gather", {"t", "j"}, {"y"}, {{"axis", int64_t{1}}}).model(),
                   {.inputs = {{"x", randomTensor({2, 5, 4})}, {"j", ints({2})}}});
  }
}

TEST_CASE("move-selections says who else reads what is selected from") {
  auto s = sequences().output("z").node("Exp", {"x"}, {"t"}).node("ReduceSum", {"t"}, {"z"});
  const auto misses = requireNothing(*rule, takeOne(s, "t"));
  REQUIRE(misses.size() == 1);
  CHECK(misses[0].rule == "move-selections");
  CHECK(misses[0].place == "y");
  CHECK(misses[0].why == "takes 1 of 5 entries of t, but z reads all of them");
}
