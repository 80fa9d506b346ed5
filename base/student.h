// Student's t interval of a mean: for few values, of which a bootstrap knows too little.
#pragma once

#include "base/stats.h"

namespace ridgeline {

// Confidence interval of the mean of normal data. Infinitely wide for fewer than two values.
Interval meanInterval(std::span<const double> values, double confidence = 0.95);

}  // namespace ridgeline
