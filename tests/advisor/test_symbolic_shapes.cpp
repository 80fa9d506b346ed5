// What the file alone says of shapes, where a rule could be misled.
#include "advisor/rules/symbolic_shapes.h"
#include "tests/advisor/support/sketch.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;
using graph::Dims;

namespace {

advisor::SymbolicDims dimsOf(const Sketch& sketch, const std::string& tensor) {
  auto model = sketch.model();
  const auto dims = advisor::SymbolicShapes(graph::Graph(model)).dims(tensor);
  REQUIRE(dims);
  return *dims;
}

constexpr int64_t kHuge = int64_t{1} << 62;

}  // namespace

TEST_CASE("a repeated tensor is as long as its repeats say") {
  Sketch s;
  s.input("x", {2, 3, 1, -1}).output("y").weight("times", ints({1, 2, 4, 1})).node("Tile", {"x", "times"}, {"y"});
  const auto dims = dimsOf(s, "y");
  CHECK(advisor::SymbolicDims(dims.begin(), dims.begin() + 3) == advisor::SymbolicDims{2, 6, 4});
  CHECK(dims[3] == dimsOf(s, "x")[3]);
}

TEST_CASE("sizes too large to multiply stay open") {
  Sketch s;
  s.input("x", {3, -1}).output("y").weight("times", ints({kHuge, 2})).node("Tile", {"x", "times"}, {"y"});
  const auto dims = dimsOf(s, "y");
  CHECK(advisor::isSymbol(dims[0]));
  CHECK(advisor::isSymbol(dims[1]));
  CHECK(dims[1] != dimsOf(s, "x")[1]);
}
