#include "advisor/histogram.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <random>

using namespace ridgeline::advisor;

namespace {

std::vector<float> normal(size_t count, float scale) {
  std::mt19937 random(1);
  std::normal_distribution<float> draw(0, scale);
  std::vector<float> values(count);
  for (auto& v : values) v = draw(random);
  return values;
}

Histogram histogramOf(const std::vector<float>& values) {
  const auto [lo, hi] = std::minmax_element(values.begin(), values.end());
  Histogram histogram({*lo, *hi});
  histogram.add(values);
  return histogram;
}

// Mean squared error of the values rounded to 256 steps in this range.
double roundingError(const std::vector<float>& values, Range range) {
  const double step = (static_cast<double>(range.hi) - range.lo) / 255;
  double sum = 0;
  for (const double v : values) {
    const double rounded =
        range.lo + std::round((std::clamp(v, double{range.lo}, double{range.hi}) - range.lo) / step) * step;
    sum += (v - rounded) * (v - rounded);
  }
  return sum / static_cast<double>(values.size());
}

}  // namespace

TEST_CASE("a percentile leaves out the same share of values at either end") {
  std::vector<float> values(10001);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 10000;
  const auto histogram = histogramOf(values);
  CHECK(histogram.percentile(0.01).lo == Approx(0.01).margin(0.001));
  CHECK(histogram.percentile(0.01).hi == Approx(0.99).margin(0.001));
  CHECK(histogram.percentile(0).lo == Approx(0).margin(0.001));
  CHECK(histogram.percentile(0).hi == Approx(1).margin(0.001));
}

TEST_CASE("both methods clip a lone outlier, and gain by it") {
  auto values = normal(100000, 1);
  values.push_back(400);
  const auto histogram = histogramOf(values);
  std::vector<float> common(values.begin(), values.end() - 1);
  const double whole = roundingError(common, {*std::min_element(values.begin(), values.end()), 400});
  const Range percentile = histogram.percentile(0.00005), entropy = histogram.entropy();
  CHECK(percentile.hi < 10);
  CHECK(percentile.hi > 3);
  CHECK(entropy.hi < 60);
  CHECK(entropy.hi > 3);
  CHECK(roundingError(common, percentile) < whole / 20);
  CHECK(roundingError(common, entropy) < whole / 20);
}

TEST_CASE("evenly spread values are not clipped") {
  std::vector<float> values(100000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 50000 - 1;
  const auto entropy = histogramOf(values).entropy();
  CHECK(entropy.lo == Approx(-1).margin(0.02));
  CHECK(entropy.hi == Approx(1).margin(0.02));
}

TEST_CASE("what is on one side of zero stays there") {
  auto values = normal(50000, 1);
  for (auto& v : values) v = std::max(v, 0.0f);
  values.push_back(300);
  const auto histogram = histogramOf(values);
  CHECK(histogram.entropy().lo == 0);
  CHECK(histogram.percentile(0.00005).lo == Approx(0).margin(0.2));
}

TEST_CASE("a tensor of one value has a range without clipping") {
  Histogram histogram({2, 2});
  histogram.add(std::vector<float>(100, 2.0f));
  CHECK(histogram.percentile(0.01).lo == Approx(2));
  CHECK(histogram.percentile(0.01).hi == Approx(2));
  CHECK(std::isfinite(histogram.entropy().hi));
}
