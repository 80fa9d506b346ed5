// Value ranges of a model's tensors over calibration samples.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/session.h"
#include "graph/model.h"

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
  // Tensors that never appear, or hold no finite value, are left out. Remembered by tensor name.
  Result<std::map<std::string, Range>> ranges(const graph::Model& model, std::span<const std::string> wanted);

  std::span<const engine::NamedTensors> samples() const { return m_samples; }
  bool synthetic() const { return m_synthetic; }

 private:
  std::span<const engine::NamedTensors> m_samples;
  bool m_synthetic;
  int m_threads;
  std::map<std::string, Range> m_known;
};

}  // namespace ridgeline::advisor
