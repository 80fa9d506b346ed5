#include "advisor/preflight.h"
#include "base/files.h"
#include "tests/advisor/support/cache.h"
#include "tests/advisor/support/sketch.h"

#include <catch2/catch.hpp>

#include <array>
#include <cstdlib>
#include <filesystem>

using namespace ridgeline;
using namespace ridgeline::test;
using advisor::KernelForm;
using advisor::KernelTimes;

namespace {

graph::Model product(int64_t rows, int64_t k) {
  return Sketch()
      .input("x", {rows, k})
      .output("y")
      .weight("w", randomTensor({k, k}))
      .node("MatMul", {"x", "w"}, {"y"})
      .model();
}

graph::Model broken() { return Sketch().input("x", {1}).output("y").node("NoSuchOperator", {"x"}, {"y"}).model(); }

graph::Model mustNotBeBuilt() {
  FAIL("built a model whose time is known");
  return product(1, 1);
}

}  // namespace

TEST_CASE("kernel times tell a large product from a small one") {
  const OwnCache cache;
  KernelTimes kernels(1);
  const auto small = kernels.time("small", [] { return product(8, 64); });
  const auto large = kernels.time("large", [] { return product(256, 512); });
  REQUIRE(small.has_value());
  REQUIRE(large.has_value());
  CHECK(*small > 0);
  CHECK(*large > 4 * *small);  // 2048 times the arithmetic
}

TEST_CASE("kernel times are those of one copy") {
  const OwnCache cache;
  KernelTimes kernels(1);
  const auto one = kernels.compare(std::array{KernelForm{"one", [] { return product(128, 256); }, 1},
                                              KernelForm{"as if ten", [] { return product(128, 256); }, 10}});
  REQUIRE(one[0].has_value());
  REQUIRE(one[1].has_value());
  CHECK(*one[0] / *one[1] > 5);
  CHECK(*one[0] / *one[1] < 20);
}

TEST_CASE("kernel times are remembered, by this object and by later ones") {
  const OwnCache cache;
  double first = 0;
  {
    KernelTimes kernels(1);
    for (int attempt = 0; attempt < 20 && !std::filesystem::exists((cache.path() / "kernels.json")); ++attempt) {
      const auto ms = kernels.time("p", [] { return product(8, 64); });
      REQUIRE(ms.has_value());
      first = *ms;
    }
    CHECK(*kernels.time("p", mustNotBeBuilt) == first);
  }
  KernelTimes later(1);
  CHECK(*later.time("p", mustNotBeBuilt) == Approx(first));
  KernelTimes otherThreads(2);
  bool built = false;
  (void)otherThreads.time("p", [&] {
    built = true;
    return product(8, 64);
  });
  CHECK(built);
}

TEST_CASE("a form that does not run is remembered as such") {
  const OwnCache cache;
  {
    KernelTimes kernels(1);
    const auto times = kernels.compare(
        std::array{KernelForm{"good", [] { return product(4, 16); }, 1}, KernelForm{"broken", broken, 1}});
    CHECK(times[0].has_value());
    REQUIRE_FALSE(times[1].has_value());
    CHECK(times[1].error().code == ErrorCode::Unavailable);
    CHECK(times[1].error().message == "broken: the engine cannot run this form here");
  }
  KernelTimes later(1);
  CHECK_FALSE(later.time("broken", mustNotBeBuilt).has_value());
}

TEST_CASE("a form that leaves a shape open cannot be timed") {
  const OwnCache cache;
  KernelTimes kernels(1);
  CHECK_FALSE(kernels.time("open", [] { return product(-1, 16); }).has_value());
}

TEST_CASE("a damaged cache counts as empty and is replaced") {
  const auto content = GENERATE(as<std::string>{}, "", "{", "[1, 2]", "\xff\xfe garbage",
                                R"({"version": 99, "machines": 3})", R"({"version": 1, "machines": []})",
                                R"({"version": 1, "machines": {"a": 3, "b": {"p": "x"}}})", R"({"version": "1"})");
  const OwnCache cache;
  REQUIRE(writeFileAtomically((cache.path() / "kernels.json"), content).has_value());
  KernelTimes kernels(1);
  REQUIRE(kernels.time("p", [] { return product(8, 64); }).has_value());
  const auto bad = kernels.time("q", broken);
  CHECK_FALSE(bad.has_value());
  KernelTimes later(1);
  CHECK_FALSE(later.time("q", mustNotBeBuilt).has_value());
}

TEST_CASE("a cache that cannot be written costs nothing but time") {
  ::setenv("RIDGELINE_CACHE_DIR", "/proc/no/such/folder", 1);
  KernelTimes kernels(1);
  CHECK(kernels.time("p", [] { return product(8, 64); }).has_value());
  CHECK(kernels.time("p", mustNotBeBuilt).has_value());
  ::unsetenv("RIDGELINE_CACHE_DIR");
}

TEST_CASE("no more time is spent than was allowed") {
  const OwnCache cache;
  KernelTimes kernels(1, 1e-6);
  CHECK(kernels.time("first", [] { return product(8, 64); }).has_value());
  const auto second = kernels.time("second", mustNotBeBuilt);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().message == "second: not timed, the time for that was used up");
}

TEST_CASE("assumed times answer and are not written down") {
  const OwnCache cache;
  {
    KernelTimes kernels(1);
    kernels.assume("p", 3.5);
    CHECK(*kernels.time("p", mustNotBeBuilt) == 3.5);
    (void)kernels.time("q", broken);  // writes the cache
  }
  KernelTimes later(1);
  bool built = false;
  (void)later.time("p", [&] {
    built = true;
    return product(8, 64);
  });
  CHECK(built);
}
