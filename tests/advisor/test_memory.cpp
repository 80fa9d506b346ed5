#include "advisor/memory.h"

#include <catch2/catch.hpp>

#include <vector>

using namespace ridgeline;
using namespace ridgeline::advisor;

TEST_CASE("this process's own peak grows by what it takes") {
  resetOwnPeakMemory();  // of what other tests took
  const auto before = ownPeakMemory();
  REQUIRE(before);
  std::vector<char> taken(64 << 20, 1);
  const auto after = ownPeakMemory();
  REQUIRE(after);
  CHECK(taken[12345] == 1);
  CHECK(*after - *before > 50e6);
}

TEST_CASE("a child tells its peak as the last number it prints") {
  CHECK(*peakMemoryOf({"/bin/sh", "-c", "echo ran 3 times, peak 123456789 bytes"}) == 123456789);
}

TEST_CASE("a command that fails, is not there or says nothing gives no number") {
  CHECK_FALSE(peakMemoryOf({"/bin/false"}));
  CHECK(peakMemoryOf({"/no/such/program"}).error().code == ErrorCode::Unavailable);
  CHECK(peakMemoryOf({"/bin/true"}).error().code == ErrorCode::Unavailable);
}

TEST_CASE("the metric is the last number the command prints, and it is given the model") {
  const auto metric = runMetric("echo accuracy of 7 samples: 0.875; test -n", "model.onnx");
  REQUIRE(metric);
  CHECK(*metric == Approx(0.875));
  CHECK(runMetric("exit 3;", "m").error().code == ErrorCode::BadInput);
  CHECK(runMetric("true", "m").error().message.find("printed no number") != std::string::npos);
}
