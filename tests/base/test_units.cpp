#include "base/units.h"

#include <catch2/catch.hpp>

using namespace ridgeline;

TEST_CASE("times and rates are printed with three significant digits") {
  CHECK(formatMs(43.51) == "43.5 ms");
  CHECK(formatMs(1203) == "1.20 s");
  CHECK(formatMs(0.812) == "812 us");
  CHECK(formatMs(0.0123) == "12.3 us");
  CHECK(formatMs(0) == "0 ms");
  CHECK(formatRate(50.1e9, "B") == "50.1 GB/s");
  CHECK(formatRate(234e9, "FLOP") == "234 GFLOP/s");
  CHECK(formatBytes(102146336) == "102 MB");
  CHECK(formatCount(4.09e9) == "4.09 G");
  CHECK(formatBytes(999.7e6) == "1.00 GB");
  CHECK(formatPercent(0.0345) == "3.5 %");
  CHECK(formatSignificant(0.00123) == "0.00123");
}

TEST_CASE("durations, sizes and fractions need what they are given in") {
  CHECK(*parseDuration("5ms") == Approx(0.005));
  CHECK(*parseDuration("10m") == Approx(600));
  CHECK(*parseBytes("200MB") == Approx(200e6));
  CHECK(*parseBytes("1.5GiB") == Approx(1.5 * 1024 * 1024 * 1024));
  CHECK(*parseFraction("3%") == Approx(0.03));
  CHECK(*parseFraction("0.03") == Approx(0.03));
  for (const char* bad : {"", "ms", "5", "5 parsecs", "-5ms", "nan", "1e999s"}) {
    INFO(bad);
    const auto r = parseDuration(bad);
    REQUIRE_FALSE(r);
    CHECK(r.error().code == ErrorCode::Usage);
    CHECK_FALSE(r.error().hint.empty());
  }
}
