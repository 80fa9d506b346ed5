#include "advisor/calibration.h"

#include "engine/tap.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string_view>
#include <unordered_map>

namespace ridgeline::advisor {
// Names alone do not tell whether a tensor still holds the same values: a rewrite may reuse them (a convolution's
// output after batch normalization went into its weights). This hashes everything a tensor is computed from.
class Origins {
 public:
  // Nodes are taken in the file's order; one that comes before what it reads is told by the names it reads.
  explicit Origins(const graph::Model& model) {
    for (const auto& weight : model.graphProto().initializer()) m_hashes[weight.name()] = ofWeight(weight);
    for (const auto& node : model.graphProto().node()) rememberOutputs(node);
  }

  uint64_t of(const std::string& tensor) const {
    const auto it = m_hashes.find(tensor);
    return it != m_hashes.end() ? it->second : hash(tensor, 1);
  }

 private:
  static uint64_t hash(std::string_view text, uint64_t seed) {
    return (std::hash<std::string_view>{}(text) ^ seed) * 0x9E3779B97F4A7C15u + (seed >> 7);
  }

  static uint64_t ofWeight(const onnx::TensorProto& weight) {
    // The first bytes tell two weights of one name apart; all of them would cost as much as a run.
    constexpr size_t kEnough = 4096;
    uint64_t h = hash(std::string_view(weight.raw_data()).substr(0, kEnough), 2);
    for (const auto dim : weight.dims()) h = hash(std::to_string(dim), h);
    for (int i = 0; i < std::min(weight.float_data_size(), 1024); ++i)
      h = hash(std::to_string(weight.float_data(i)), h);
    for (const auto& entry : weight.external_data()) h = hash(entry.value(), h);
    return h;
  }

  void rememberOutputs(const onnx::NodeProto& node) {
    uint64_t h = hash(node.op_type(), hash(node.domain(), 3));
    for (const auto& input : node.input()) h = hash("input", h ^ of(input));
    for (const auto& attribute : node.attribute()) h = hash(attribute.SerializeAsString(), h);
    for (int i = 0; i < node.output_size(); ++i) m_hashes[node.output(i)] = hash(std::to_string(i), h);
  }

  std::unordered_map<std::string, uint64_t> m_hashes;
};

namespace {

// Cut off on either side by RangeMethod::Percentile.
constexpr double kOutliers = 0.00005;

struct Extremes {
  bool finite = true;
  float lo = INFINITY, hi = -INFINITY;

  void see(std::span<const float> values) {
    // A sum of zeros times values is NaN exactly if one of them is not finite, and vectorizes, unlike isfinite().
    float poison = 0;
    for (const float v : values) {
      lo = std::min(lo, v);
      hi = std::max(hi, v);
      poison += v * 0.0f;
    }
    finite = finite && poison == 0.0f;
  }
  bool usable() const { return finite && lo <= hi; }
};

}  // namespace

std::string_view nameOf(RangeMethod method) {
  switch (method) {
    case RangeMethod::MinMax:
      return "minmax";
    case RangeMethod::Percentile:
      return "percentile";
    case RangeMethod::Entropy:
      return "entropy";
  }
  return "unknown";
}

Result<std::map<std::string, Range>> Calibration::ranges(const graph::Model& model, std::span<const std::string> wanted,
                                                         RangeMethod method) {
  const Origins origins(model);
  std::vector<std::string> missing, uncounted;
  for (const auto& name : wanted) {
    const auto it = m_known.find(name);
    if (it == m_known.end() || it->second.origin != origins.of(name)) missing.push_back(name);
  }
  if (auto seen = seeExtremes(model, std::move(missing), origins); !seen) return passOn(seen);
  for (const auto& name : wanted) {
    const Seen& seen = m_known.at(name);
    if (method != RangeMethod::MinMax && seen.usable && !seen.histogram) uncounted.push_back(name);
  }
  if (auto seen = seeHistograms(model, uncounted); !seen) return passOn(seen);
  std::map<std::string, Range> result;
  for (const auto& name : wanted) {
    const Seen& seen = m_known.at(name);
    if (!seen.usable) continue;
    result[name] = method == RangeMethod::MinMax       ? seen.range
                   : method == RangeMethod::Percentile ? seen.histogram->percentile(kOutliers)
                                                       : seen.histogram->entropy();
  }
  return result;
}

Status Calibration::seeExtremes(const graph::Model& model, std::vector<std::string> names, const Origins& origins) {
  if (names.empty()) return {};
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::unordered_map<std::string, Extremes> extremes;
  auto done =
      engine::tapTensors(model, m_samples, names, m_threads, [&](const std::string& name, const graph::Tensor& value) {
        if (value.type() != graph::DataType::Float) return;
        extremes[name].see(value.as<float>());
      });
  if (!done) return done;
  for (const auto& name : names) {
    const Extremes& e = extremes[name];
    m_known[name] = {origins.of(name), e.usable(), {e.lo, e.hi}, std::nullopt};
  }
  return {};
}

Status Calibration::seeHistograms(const graph::Model& model, std::span<const std::string> names) {
  if (names.empty()) return {};
  for (const auto& name : names) m_known.at(name).histogram.emplace(m_known.at(name).range);
  return engine::tapTensors(model, m_samples, names, m_threads,
                            [&](const std::string& name, const graph::Tensor& value) {
                              if (value.type() == graph::DataType::Float)
                                m_known.at(name).histogram->add(value.as<float>());
                            });
}

}  // namespace ridgeline::advisor
