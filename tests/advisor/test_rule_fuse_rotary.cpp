#include "advisor/rules/fuse_rotary.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;
using graph::Dims;

namespace {

const auto rule = advisor::makeFuseRotaryRule();
const std::vector<std::pair<std::string, graph::AttributeValue>> headPerm{{"perm", Dims{0, 2, 1, 3}}};

struct Form {
  Dims angles = {1, -1, 2};  // of the angles of a head of 4, for each position
  int64_t secondFrom = 2;    // where the half that is negated begins
  bool sameAngles = true;    // for cosine and sine
  bool projected = true;     // x is a projection whose heads are split here; else it comes as it is
};

// x of 3 heads of 4, and one angle for each position and pair.
Sketch rotary(const Form& form) {
  Sketch s;
  s.input("x", form.projected ? Dims{-1, -1, 12} : Dims{-1, 3, -1, 4}).input("angles", form.angles).output("y");
  if (!form.sameAngles) s.input("others", form.angles);
  s.weight("i1", ints({1})).weight("split", ints({0, 0, 3, 4})).weight("zero", ints({0})).weight("two", ints({2}));
  s.weight("from", ints({form.secondFrom})).weight("end", ints({INT64_MAX})).weight("axis", ints({3}));
  s.node("Concat", {"angles", "angles"}, {"twice"}, {{"axis", int64_t{-1}}});
  s.node("Cos", {"twice"}, {"cos3"}).node("Unsqueeze", {"cos3", "i1"}, {"cos"});
  std::string sines = "twice";
  if (!form.sameAngles) s.node("Concat", {"others", "others"}, {sines = "twice2"}, {{"axis", int64_t{-1}}});
  s.node("Sin", {sines}, {"sin3"}).node("Unsqueeze", {"sin3", "i1"}, {"sin"});
  std::string x = "x";
  if (form.projected) s.node("Reshape", {"x", "split"}, {"x4"}).node("Transpose", {"x4"}, {x = "xh"}, headPerm);
  s.node("Slice", {x, "zero", "two", "axis"}, {"first"}).node("Slice", {x, "from", "end", "axis"}, {"second"});
  s.node("Neg", {"second"}, {"minus"}).node("Concat", {"minus", "first"}, {"turned"}, {{"axis", int64_t{-1}}});
  s.node("Mul", {x, "cos"}, {"a"}).node("Mul", {"turned", "sin"}, {"b"});
  return s.node("Add", {"a", "b"}, {"r"}).node("Relu", {"r"}, {"y"});
}

// The same size for the first two dims of x and angles, by the names of the open dims.
graph::Model sameDims(graph::Model model, bool batchToo) {
  auto& inputs = *model.graphProto().mutable_input();
  for (auto& input : inputs) {
    auto& shape = *input.mutable_type()->mutable_tensor_type()->mutable_shape();
    shape.mutable_dim(shape.dim_size() == 4 ? 2 : 1)->set_dim_param("length");
    if (batchToo) shape.mutable_dim(0)->set_dim_param("batch");
  }
  return model;
}

void agreesAt(const graph::Model& before, const graph::Model& after, const engine::NamedTensors& inputs) {
  CHECK(outputDifference(before, after, inputs, 1e-4) == "");
}

}  // namespace

TEST_CASE("fuse-rotary rotates the projection before its heads are split") {
  const auto before = sameDims(rotary({}).model(), false);
  auto after =
      rewrite(*rule, before, {.inputs = {{"x", randomTensor({1, 5, 12})}, {"angles", randomTensor({1, 5, 2})}}});
  CHECK(after.places == 1);
  graph::Graph graph(after.model);
  REQUIRE(graph.nodesOf("RotaryEmbedding", "com.microsoft").size() == 1);
  CHECK(graph.nodesOf("RotaryEmbedding", "com.microsoft")[0]->input(0) == "x");
  CHECK(graph.nodesOf("Slice").empty());
  CHECK(graph.nodesOf("Concat").empty());
  agreesAt(before, after.model, {{"x", randomTensor({3, 2, 12})}, {"angles", randomTensor({1, 2, 2})}});
  agreesAt(before, after.model, {{"x", randomTensor({2, 1, 12})}, {"angles", randomTensor({1, 1, 2})}});
}

TEST_CASE("fuse-rotary reads angles of each sequence of a batch") {
  const auto before = sameDims(rotary({.angles = {-1, -1, 2}}).model(), true);
  auto after =
      rewrite(*rule, before, {.inputs = {{"x", randomTensor({2, 5, 12})}, {"angles", randomTensor({2, 5, 2})}}});
  CHECK(after.places == 1);
  agreesAt(before, after.model, {{"x", randomTensor({3, 4, 12})}, {"angles", randomTensor({3, 4, 2})}});
  agreesAt(before, after.model, {{"x", randomTensor({1, 1, 12})}, {"angles", randomTensor({1, 1, 2})}});
}

TEST_CASE("fuse-rotary rotates heads that come apart as they are") {
  const auto before = sameDims(rotary({.projected = false}).model(), false);
  auto after =
      rewrite(*rule, before, {.inputs = {{"x", randomTensor({2, 3, 5, 4})}, {"angles", randomTensor({1, 5, 2})}}});
  CHECK(after.places == 1);
  agreesAt(before, after.model, {{"x", randomTensor({1, 3, 7, 4})}, {"angles", randomTensor({1, 7, 2})}});
}

TEST_CASE("fuse-rotary says what stands in the way") {
  engine::NamedTensors inputs{{"x", randomTensor({1, 5, 12})}, {"angles", randomTensor({1, 5, 2})}};
  const auto whyNot = [&](const graph::Model& model) {
    const auto misses = requireNothing(*rule, model, {.inputs = inputs});
    return misses.size() == 1 ? misses[0].why : std::to_string(misses.size()) + " near misses";
  };
  SECTION("lengths that may differ") {
    CHECK(whyNot(rotary({}).model()) == "there may not be an angle for each position");
  }
  SECTION("batches that may differ") {
    CHECK(whyNot(sameDims(rotary({.angles = {-1, -1, 2}}).model(), false)) ==
          "there may not be angles for each sequence");
  }
  SECTION("sines of other angles") {
    inputs["others"] = randomTensor({1, 5, 2}, 9);
    CHECK(whyNot(sameDims(rotary({.sameAngles = false}).model(), false)) ==
          "cosine and sine are not those of the same angles");
  }
  SECTION("a value inside that others read") {
    CHECK(whyNot(sameDims(rotary({}).output("turned").model(), false)) == "a value inside is also read elsewhere");
  }
}
