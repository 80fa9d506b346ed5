#include "analyzers/diff/items.h"

#include <catch2/catch.hpp>

using namespace ridgeline::analyzers;

namespace {

DiffItem item(const std::string& name, const std::string& type, const std::string& shapes, double ms = 1) {
  return {.name = name, .type = type, .shapes = shapes, .timeMs = ms};
}

// "a0=b1 a1=- -=b0", for reading.
std::string pairs(const std::vector<DiffItem>& a, const std::vector<DiffItem>& b) {
  std::string out;
  for (const auto& m : matchItems(a, b)) {
    if (!out.empty()) out += ' ';
    out += (m.a ? a[*m.a].name : "-") + "=" + (m.b ? b[*m.b].name : "-");
  }
  return out;
}

}  // namespace

TEST_CASE("items match by name whatever their order") {
  CHECK(pairs({item("x", "Conv", "1"), item("y", "Conv", "1")}, {item("y", "Conv", "1"), item("x", "Conv", "1")}) ==
        "x=x y=y");
}

TEST_CASE("an item of another shape is still the same by its name, not one of the old shape by another name") {
  CHECK(pairs({item("x", "Conv", "1x3x8x8")}, {item("y", "Conv", "1x3x8x8"), item("x", "Conv", "1x3x9x9")}) ==
        "x=x -=y");
}

TEST_CASE("renamed items match by type and shape in the order in which they run") {
  CHECK(pairs({item("conv_1", "Conv", "s"), item("relu_1", "Relu", "s"), item("conv_2", "Conv", "s")},
              {item("a/conv", "Conv", "s"), item("a/relu", "Relu", "s"), item("b/conv", "Conv", "s")}) ==
        "conv_1=a/conv relu_1=a/relu conv_2=b/conv");
}

TEST_CASE("of more candidates than items, each takes the nearest in place") {
  // The first Conv of A ran at the beginning and the second at the end; B has a new one in the middle.
  CHECK(pairs({item("p", "Conv", "s"), item("m1", "Mul", "1"), item("m2", "Mul", "2"), item("q", "Conv", "s")},
              {item("P", "Conv", "s"), item("m1", "Mul", "1"), item("new", "Conv", "s"), item("m2", "Mul", "2"),
               item("Q", "Conv", "s")}) == "p=P m1=m1 m2=m2 q=Q -=new");
}

TEST_CASE("items of equal names and shapes pair in order, and the surplus is removed") {
  CHECK(pairs({item("k", "k", "g", 1), item("k", "k", "g", 2), item("k", "k", "g", 3)}, {item("k", "k", "g", 1)}) ==
        "k=- k=k k=-");
}

TEST_CASE("other types never match") {
  CHECK(pairs({item("x", "Conv", "s")}, {item("x", "MatMul", "s")}) == "x=- -=x");
}

TEST_CASE("nothing against nothing, and against something") {
  CHECK(matchItems({}, {}).empty());
  CHECK(pairs({}, {item("x", "Conv", "s")}) == "-=x");
  CHECK(pairs({item("x", "Conv", "s")}, {}) == "x=-");
}
