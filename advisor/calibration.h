// Value ranges of a model's tensors over calibration samples.
#pragma once

#include "base/result.h"
#include "engine/session.h"
#include "graph/model.h"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace ridgeline::advisor {

struct Range {
  float lo = 0;
  float hi = 0;
};

class Calibration {
 public:
  // Samples must outlive the calibration.
  Calibration(std::span<const engine::NamedTensors> samples, bool synthetic, int threads)
      : m_samples(samples), m_synthetic(synthetic), m_threads(threads) {}

  // Minimum and maximum over all samples of each wanted float tensor, from running the model as the file states it.
  // Tensors that never appear, hold no element, or hold an infinity or NaN are left out. Remembered for later calls
  // with this or another model, as long as the tensor is computed by the same operators from the same tensors and
  // weights.
  Result<std::map<std::string, Range>> ranges(const graph::Model& model, std::span<const std::string> wanted);

  std::span<const engine::NamedTensors> samples() const { return m_samples; }
  bool synthetic() const { return m_synthetic; }

 private:
  struct Seen {
    uint64_t origin = 0;  // how the tensor was computed
    bool usable = false;
    Range range;
  };
  std::span<const engine::NamedTensors> m_samples;
  bool m_synthetic;
  int m_threads;
  std::map<std::string, Seen> m_known;
};

}  // namespace ridgeline::advisor
