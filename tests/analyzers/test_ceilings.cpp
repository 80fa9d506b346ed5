#include "analyzers/roofline/ceilings.h"
#include "tests/analyzers/machine.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace ridgeline;
using namespace ridgeline::analyzers;
using namespace ridgeline::test;

TEST_CASE("A working set belongs to the first level that holds it", "[roofline]") {
  const auto c = ceilingsOf(roofs(), device(), 2);
  REQUIRE(c.levels.size() == 3);  // L1 has a size but no roof
  CHECK(c.levelFor(1)->name == "L2");
  CHECK(c.levelFor(2'000'000)->name == "L2");  // two threads, two caches
  CHECK(c.levelFor(2'000'001)->name == "L3");
  CHECK(c.levelFor(32'000'000)->name == "L3");  // shared by more than two threads: one
  CHECK(c.levelFor(32'000'001)->name == "DRAM");
  CHECK(c.levelFor(1e15)->name == "DRAM");
}

TEST_CASE("A cache without a known size is left out; DRAM has no end", "[roofline]") {
  auto bare = device();
  for (const std::string properties : {"{}", "nonsense", R"({"caches":[{"name":"L2"},7,{"bytes":-1,"name":"L3"}]})"}) {
    bare.properties = properties;
    const auto c = ceilingsOf(roofs(), bare, 2);
    REQUIRE(c.levels.size() == 1);
    CHECK(c.levelFor(1)->name == "DRAM");
  }
  const auto none = ceilingsOf({}, device(), 2);
  CHECK(none.levelFor(1) == nullptr);
  CHECK_FALSE(none.computeFor("float32"));
}

TEST_CASE("Bandwidth goes from the read roof to the triad roof with the share that is written", "[roofline]") {
  const MemoryLevel both{"DRAM", 1e9, 50e9, 40e9, 0};
  CHECK(both.bandwidth(0) == Approx(50e9));
  CHECK(both.bandwidth(1.0 / 3) == Approx(40e9));
  CHECK(both.bandwidth(1) == Approx(40e9));
  CHECK(both.bandwidth(1.0 / 6) == Approx(1 / (0.5 / 50e9 + 0.5 / 40e9)));
  const MemoryLevel reading{"DRAM", 1e9, 50e9, {}, 0};
  CHECK(reading.bandwidth(0.5) == Approx(50e9));
  const MemoryLevel triad{"DRAM", 1e9, {}, 40e9, 0};
  CHECK(triad.bandwidth(0) == Approx(40e9));
}

TEST_CASE("Compute roofs fall back only where the arithmetic does", "[roofline]") {
  const auto c = ceilingsOf(roofs(), device(), 2);
  CHECK(c.computeFor("float32")->value == 200e9);
  CHECK(c.computeFor("int8")->value == 800e9);
  CHECK(c.computeFor("uint8")->value == 800e9);
  CHECK(c.computeFor("float16")->value == 200e9);
  CHECK_FALSE(c.computeFor("bfloat16"));
  CHECK_FALSE(c.computeFor("float64"));
  CHECK_FALSE(c.computeFor(""));
  const auto plain = ceilingsOf({computeRoof("float32", 200e9)}, device(), 2);
  CHECK(plain.computeFor("int8")->value == 200e9);
  CHECK(plain.computeFor("uint8")->value == 200e9);
}

TEST_CASE("Roofs are those of the device, at the nearest thread count, and usable", "[roofline]") {
  std::vector<profile::Roof> many{computeRoof("float32", 100e9, 0, 1), computeRoof("float32", 200e9, 0, 2),
                                  computeRoof("float32", 800e9, 0, 8)};
  CHECK(ceilingsOf(many, device(), 2).computeFor("float32")->value == 200e9);
  CHECK(ceilingsOf(many, device(), 1).computeFor("float32")->value == 100e9);
  CHECK(ceilingsOf(many, device(), 16).computeFor("float32")->value == 800e9);
  many[1].device = {2};
  CHECK(ceilingsOf(many, device(), 2).computeFor("float32")->value == 100e9);
  for (const double useless : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    CHECK_FALSE(ceilingsOf({computeRoof("float32", useless)}, device(), 2).computeFor("float32"));
    CHECK(ceilingsOf({bandwidthRoof("DRAM", "read", useless)}, device(), 2).levels.empty());
  }
}
