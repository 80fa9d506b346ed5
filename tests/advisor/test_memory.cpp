#include <catch2/catch.hpp>

#include "advisor/memory.h"

using namespace ridgeline;
using namespace ridgeline::advisor;

TEST_CASE("the peak of a process that takes 64 MiB is more than that") {
  const auto small = peakMemoryOf({"/bin/sh", "-c", "true"});
  const auto large = peakMemoryOf({"python3", "-c", "x = bytearray(b'1') * (64 << 20)"});
  REQUIRE(small);
  REQUIRE(large);
  CHECK(*small > 1e5);
  CHECK(*large - *small > 60e6);
}

TEST_CASE("a command that fails or is not there gives no number") {
  CHECK_FALSE(peakMemoryOf({"/bin/false"}));
  CHECK(peakMemoryOf({"/no/such/program"}).error().code == ErrorCode::Unavailable);
}

TEST_CASE("the metric is the last number the command prints, and it is given the model") {
  const auto metric = runMetric("echo accuracy of 7 samples: 0.875; test -n", "model.onnx");
  REQUIRE(metric);
  CHECK(*metric == Approx(0.875));
  CHECK(runMetric("exit 3;", "m").error().code == ErrorCode::BadInput);
  CHECK(runMetric("true", "m").error().message.find("printed no number") != std::string::npos);
}
