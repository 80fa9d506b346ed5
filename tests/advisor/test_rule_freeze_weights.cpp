#include "advisor/rules/freeze_weights.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;

namespace {

const auto rule = advisor::makeFreezeWeightsRule();

Sketch scaled() {
  return Sketch()
      .input("x", {2, 3})
      .output("y")
      .weight("scale", floats({3}, {1, 2, 3}))
      .weight("offset", floats({3}, {4, 5, 6}))
      .node("Mul", {"x", "scale"}, {"scaled"})
      .node("Add", {"scaled", "offset"}, {"y"});
}

// As older exporters write it: both weights are inputs too.
graph::Model withWeightsAsInputs(int64_t irVersion) {
  auto model = scaled().input("scale", {3}).input("offset", {3}).model();
  model.proto().set_ir_version(irVersion);
  return model;
}

}  // namespace

TEST_CASE("freeze-weights takes weights out of the inputs") {
  const auto result = rewrite(*rule, withWeightsAsInputs(4), {.inputs = {{"x", floats({2, 3}, {1, 2, 3, 4, 5, 6})}}});
  CHECK(difference(result.model, scaled().model()) == "");
  REQUIRE(result.model.graphProto().input_size() == 1);
  CHECK(result.model.graphProto().input(0).name() == "x");
  CHECK(result.places == 2);
  REQUIRE(result.opportunities.size() == 1);
  CHECK(result.opportunities[0].target == "2 weights");
  CHECK_THAT(result.opportunities[0].risk, Catch::Contains("no longer can"));
}

TEST_CASE("freeze-weights leaves alone what is constant already, and what is a true input") {
  requireNothing(*rule, scaled().model());
  // Before IR version 4 a listed weight was a constant all the same.
  requireNothing(*rule, withWeightsAsInputs(3));
  requireNothing(*rule, Sketch().input("x", {2}).input("z", {2}).output("y").node("Add", {"x", "z"}, {"y"}).model());
}
