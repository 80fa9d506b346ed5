#include "collector/launch/match_counters.h"

#include <catch2/catch.hpp>

using namespace ridgeline::collector;

namespace {

constexpr LaunchMatcher::Shape kSmall{1, 1, 1, 32, 1, 1}, kLarge{64, 1, 1, 32, 1, 1};

int64_t counted(LaunchMatcher& matcher, const std::string& name, const LaunchMatcher::Shape& shape) {
  const auto slice = matcher.counted(name, shape);
  return slice ? slice->value : 0;
}

}  // namespace

TEST_CASE("counters go to the launch of the same name, shape and occurrence") {
  LaunchMatcher matcher;
  matcher.recorded("gemm", kSmall, {1});
  matcher.recorded("gemm", kLarge, {2});
  matcher.recorded("relu", kSmall, {3});
  matcher.recorded("gemm", kSmall, {4});
  // Kernels that only one of the runs launched shift nothing.
  CHECK(counted(matcher, "autotune", kSmall) == 0);
  CHECK(counted(matcher, "gemm", kLarge) == 2);
  CHECK(counted(matcher, "gemm", kSmall) == 1);
  CHECK(counted(matcher, "gemm", kSmall) == 4);
  CHECK(counted(matcher, "gemm", kSmall) == 0);  // once more than it was recorded
  CHECK(matcher.left() == 1);
  CHECK(counted(matcher, "relu", kSmall) == 3);
  CHECK(matcher.left() == 0);
}

TEST_CASE("a name cannot run into a shape") {
  LaunchMatcher matcher;
  matcher.recorded(std::string("a\0b", 3), kSmall, {1});
  CHECK(counted(matcher, "a", kSmall) == 0);
  CHECK(counted(matcher, std::string("a\0b", 3), kSmall) == 1);
}
