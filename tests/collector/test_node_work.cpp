// Work of the file's nodes, of groups of them, and how a group's time divides.
#include "collector/node_work.h"
#include "tests/collector/fixture.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::collector;
using namespace ridgeline::collector::test;

namespace {

// x: 2x8; a, b: 8x8; xa, r, y: 2x8, all float32.
engine::ShapeMap shapesOfTwoProducts() {
  engine::ShapeMap shapes;
  for (const char* name : {"x", "xa", "r", "y"}) shapes[name] = {DataType::Float, {2, 8}};
  for (const char* name : {"a", "b"}) shapes[name] = {DataType::Float, {8, 8}};
  return shapes;
}

constexpr double kProductFlops = 2.0 * 2 * 8 * 8, kRowBytes = 2 * 8 * 4, kWeightBytes = 8 * 8 * 4;

}  // namespace

TEST_CASE("each node's work follows from the shapes, with weights told apart") {
  const auto model = twoProducts(8);
  const auto works = nodeWorks(model, shapesOfTwoProducts());
  REQUIRE(works.count("xa") == 1);
  const auto& first = works.at("xa");
  CHECK(first.work.flops == kProductFlops);
  CHECK(first.work.bytesRead == kRowBytes + kWeightBytes);
  CHECK(first.work.bytesWritten == kRowBytes);
  CHECK(first.constantBytes == kWeightBytes);
  CHECK(works.at("r").constantBytes == 0);
}

TEST_CASE("a node one of whose shapes is not known has no work") {
  auto shapes = shapesOfTwoProducts();
  shapes.erase("xa");
  const auto works = nodeWorks(twoProducts(8), shapes);
  CHECK(works.count("xa") == 0);
  CHECK(works.count("r") == 0);
  CHECK(works.count("y") == 1);
}

TEST_CASE("fused nodes neither write nor read what only goes between them") {
  const auto model = twoProducts(8);
  const auto shapes = shapesOfTwoProducts();
  const auto works = nodeWorks(model, shapes);
  const NodeGroups groups(model, shapes, works);
  const auto fused = groups.fused({"xa", "r"});
  REQUIRE(fused);
  CHECK(fused->work.bytesRead == kRowBytes + kWeightBytes);
  CHECK(fused->work.bytesWritten == kRowBytes);
  CHECK(fused->constantBytes == kWeightBytes);
  CHECK(fused->work.flops == works.at("xa").work.flops + works.at("r").work.flops);
  const auto all = groups.fused({"xa", "r", "y"});
  REQUIRE(all);
  CHECK(all->work.bytesRead == kRowBytes + 2 * kWeightBytes);
  CHECK(all->work.bytesWritten == kRowBytes);
  CHECK_FALSE(groups.fused({}));
  CHECK_FALSE(groups.fused({"xa", "elsewhere"}));
}

TEST_CASE("a tensor that others read as well, or that is an output, is still written") {
  auto model = twoProducts(8);
  setPort(*model.graphProto().add_output(), {"xa", {"N", "8"}});
  const auto shapes = shapesOfTwoProducts();
  const auto works = nodeWorks(model, shapes);
  const auto fused = NodeGroups(model, shapes, works).fused({"xa", "r"});
  REQUIRE(fused);
  CHECK(fused->work.bytesWritten == 2 * kRowBytes);
}

TEST_CASE("a group's time goes to its nodes by their work") {
  const auto model = twoProducts(8);
  const auto shapes = shapesOfTwoProducts();
  const auto works = nodeWorks(model, shapes);
  const NodeGroups groups(model, shapes, works);
  const auto equal = groups.shares({"xa", "y"});
  CHECK(equal == std::vector<double>{0.5, 0.5});
  const auto unequal = groups.shares({"xa", "r"});
  REQUIRE(unequal.size() == 2);
  CHECK(unequal[0] > unequal[1]);
  CHECK(unequal[1] > 0);
  CHECK(unequal[0] + unequal[1] == Approx(1));
  // Unknown ones take the least of the known, and divide equally among themselves.
  const auto unknown = groups.shares({"xa", "?"});
  CHECK(unknown == std::vector<double>{0.5, 0.5});
  CHECK(groups.shares({"?", "??"}) == std::vector<double>{0.5, 0.5});
  CHECK(groups.shares({}).empty());
}
