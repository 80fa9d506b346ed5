// Value ranges of a model's tensors over calibration samples.
#pragma once

#include "advisor/histogram.h"
#include "base/result.h"
#include "engine/session.h"
#include "graph/model.h"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::advisor {

class Origins;  // calibration.cpp: how tensors were computed

// How a range is chosen from the values seen: what lies outside is clipped, what lies inside is told apart more finely.
enum class RangeMethod {
  MinMax,      // nothing is clipped
  Percentile,  // all but the outermost 0.005 % on either side
  Entropy      // the range whose 256 steps keep most of the distribution (least Kullback-Leibler divergence)
};
std::string_view nameOf(RangeMethod method);

class Calibration {
 public:
  // Samples must outlive the calibration.
  Calibration(std::span<const engine::NamedTensors> samples, bool synthetic, int threads)
      : m_samples(samples), m_synthetic(synthetic), m_threads(threads) {}

  // Range over all samples of each wanted float tensor, from running the model as the file states it. Tensors that
  // never appear, hold no element, or hold an infinity or NaN are left out. Remembered for later calls with this or
  // another model, as long as the tensor is computed by the same operators from the same tensors and weights.
  Result<std::map<std::string, Range>> ranges(const graph::Model& model, std::span<const std::string> wanted,
                                              RangeMethod method = RangeMethod::MinMax);

  std::span<const engine::NamedTensors> samples() const { return m_samples; }
  bool synthetic() const { return m_synthetic; }

 private:
  struct Seen {
    uint64_t origin = 0;  // how the tensor was computed
    bool usable = false;
    Range range;                         // minimum and maximum
    std::optional<Histogram> histogram;  // between them; made at the first need
  };
  Status seeExtremes(const graph::Model& model, std::vector<std::string> names, const Origins& origins);
  Status seeHistograms(const graph::Model& model, std::span<const std::string> names);
  std::span<const engine::NamedTensors> m_samples;
  bool m_synthetic;
  int m_threads;
  std::map<std::string, Seen> m_known;
};

}  // namespace ridgeline::advisor
