#include "base/stats.h"
#include "base/student.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace ridgeline;

TEST_CASE("median of odd, even and no values") {
  CHECK(median(std::vector<double>{3, 1, 2}) == 2);
  CHECK(median(std::vector<double>{4, 1, 2, 3}) == 2.5);
  CHECK(std::isnan(median(std::vector<double>{})));
}

TEST_CASE("quantile interpolates between order statistics") {
  const std::vector<double> v{10, 20, 30, 40, 50};
  CHECK(quantile(v, 0) == 10);
  CHECK(quantile(v, 1) == 50);
  CHECK(quantile(v, 0.125) == Approx(15));
}

TEST_CASE("robust sigma is not moved by an outlier") {
  const std::vector<double> v{9, 10, 11, 10, 9, 11, 10, 1e6};
  CHECK(robustSigma(v) == Approx(1.4826 * 0.5).margin(0.8));
}

TEST_CASE("the bootstrap interval holds the median, is reproducible and narrows with more values") {
  std::vector<double> few, many;
  for (int i = 0; i < 1000; ++i) {
    const double x = 1.0 + 0.1 * std::sin(i * 12.9898);
    many.push_back(x);
    if (i < 20) few.push_back(x);
  }
  const auto a = bootstrapMedian(few), b = bootstrapMedian(many);
  CHECK(a.lo <= median(few));
  CHECK(a.hi >= median(few));
  CHECK(b.width() < a.width());
  CHECK(bootstrapMedian(few).lo == a.lo);
}

TEST_CASE("the interval of a mean is Student's") {
  // Mean 3, standard error sqrt(2.5 / 5), t of 4 degrees of freedom at 97.5 %: 2.776445 (any table).
  const auto interval = meanInterval(std::vector<double>{1, 2, 3, 4, 5});
  CHECK(interval.lo == Approx(3 - 2.776445 * std::sqrt(0.5)).epsilon(1e-6));
  CHECK(interval.hi == Approx(3 + 2.776445 * std::sqrt(0.5)).epsilon(1e-6));
  CHECK(std::isinf(meanInterval(std::vector<double>{7}).width()));
}
