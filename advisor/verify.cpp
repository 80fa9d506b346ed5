#include "advisor/verify.h"

#include <algorithm>
#include <cmath>

namespace ridgeline::advisor {
namespace {

constexpr double kExactCosine = 0.99999;
constexpr double kExactRelative = 1e-3;

struct Sums {
  double aa = 0, bb = 0, ab = 0, dd = 0;
  double cosine() const {
    if (aa == 0 && bb == 0) return 1;
    if (aa == 0 || bb == 0) return 0;
    return ab / std::sqrt(aa * bb);
  }
};

double top1(std::span<const float> a, std::span<const float> b, int64_t row) {
  if (row <= 1 || a.empty()) return 1;
  const auto width = static_cast<size_t>(row);
  size_t same = 0, rows = 0;
  for (size_t at = 0; at + width <= a.size(); at += width, ++rows) {
    const auto best = [&](std::span<const float> v) {
      return std::max_element(v.begin() + static_cast<std::ptrdiff_t>(at),
                              v.begin() + static_cast<std::ptrdiff_t>(at + width)) -
             v.begin();
    };
    same += best(a) == best(b);
  }
  return rows ? static_cast<double>(same) / static_cast<double>(rows) : 1;
}

void compareFloats(const graph::Tensor& reference, const graph::Tensor& candidate, OutputError& e) {
  const auto a = reference.toFloats(), b = candidate.toFloats();
  Sums sums;
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double x = a[i], y = b[i];
    if (!std::isfinite(x) || !std::isfinite(y)) {
      const bool alike = (std::isnan(x) && std::isnan(y)) || x == y;
      if (!alike) e.finite = false;
      continue;
    }
    sums.aa += x * x;
    sums.bb += y * y;
    sums.ab += x * y;
    sums.dd += (x - y) * (x - y);
    largest = std::max(largest, std::fabs(x));
    e.maxAbs = std::max(e.maxAbs, std::fabs(x - y));
  }
  e.cosine = sums.cosine();
  e.relativeError = sums.dd == 0 ? 0 : std::sqrt(sums.dd / std::max(sums.aa, 1e-30));
  e.maxRelative = e.maxAbs == 0 ? 0 : e.maxAbs / std::max(largest, 1e-30);
  e.top1Agreement = top1(a, b, reference.dims().empty() ? 1 : reference.dims().back());
}

// Integers, bools, strings: the share of equal elements stands where top-1 agreement does.
void compareDiscrete(const graph::Tensor& reference, const graph::Tensor& candidate, OutputError& e) {
  if (reference == candidate) return;
  const auto a = reference.toInts(), b = candidate.toInts();
  size_t same = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    same += a[i] == b[i];
    e.maxAbs = std::max(e.maxAbs, std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  e.top1Agreement = a.empty() ? 0 : static_cast<double>(same) / static_cast<double>(a.size());
}

void keepWorst(OutputError& worst, const OutputError& e) {
  worst.floating = e.floating;
  worst.shapesAgree &= e.shapesAgree;
  worst.finite &= e.finite;
  worst.cosine = std::min(worst.cosine, e.cosine);
  worst.maxAbs = std::max(worst.maxAbs, e.maxAbs);
  worst.maxRelative = std::max(worst.maxRelative, e.maxRelative);
  worst.relativeError = std::max(worst.relativeError, e.relativeError);
}

std::optional<std::string> unacceptableExact(const OutputError& e) {
  if (e.floating && (e.cosine < kExactCosine || e.maxRelative > kExactRelative)) {
    return fmt::format("output {} differs by more than rounding: cosine {:.6f}, largest difference {:.2g} of its range",
                       e.name, e.cosine, e.maxRelative);
  }
  if (!e.floating && e.maxAbs > 0) return fmt::format("output {} is not equal", e.name);
  return std::nullopt;
}

}  // namespace

const OutputError* Verification::primary() const {
  for (const auto& o : outputs) {
    if (o.floating) return &o;
  }
  return nullptr;
}

Result<Reference> Reference::take(engine::Session& original, std::span<const engine::NamedTensors> samples, Job job) {
  Reference r;
  r.m_samples = samples;
  for (const auto& port : original.outputs()) r.m_names.push_back(port.name);
  for (const auto& sample : samples) {
    if (auto s = job.stop.check(); !s) return passOn(s);
    if (auto s = original.bind(sample); !s) return passOn(s);
    auto out = original.runForOutputs();
    if (!out) return passOn(out);
    r.m_outputs.push_back(std::move(*out));
  }
  if (!samples.empty()) {
    if (auto s = original.bind(samples.front()); !s) return passOn(s);
  }
  return r;
}

Result<Verification> Reference::compare(engine::Session& candidate, Job job) const {
  Verification v;
  v.samples = static_cast<int>(m_samples.size());
  std::vector<double> agreement(m_names.size(), 0);
  for (const auto& name : m_names) v.outputs.push_back({.name = name});
  for (size_t s = 0; s < m_samples.size(); ++s) {
    if (auto stop = job.stop.check(); !stop) return passOn(stop);
    if (auto bound = candidate.bind(m_samples[s]); !bound) return passOn(bound);
    auto out = candidate.runForOutputs();
    if (!out) return passOn(out);
    for (size_t i = 0; i < m_names.size(); ++i) {
      const auto reference = m_outputs[s].find(m_names[i]);
      if (reference == m_outputs[s].end()) {  // a sequence or a map: not compared
        agreement[i] += 1;
        continue;
      }
      const auto got = out->find(m_names[i]);
      OutputError e;
      if (got == out->end()) {
        e.shapesAgree = false;
      } else {
        e = compareTensors(reference->second, got->second);
      }
      keepWorst(v.outputs[i], e);
      agreement[i] += e.top1Agreement;
    }
  }
  for (size_t i = 0; i < m_names.size(); ++i) {
    v.outputs[i].top1Agreement = v.samples ? agreement[i] / v.samples : 1;
  }
  if (!m_samples.empty()) {
    if (auto bound = candidate.bind(m_samples.front()); !bound) return passOn(bound);
  }
  return v;
}

OutputError compareTensors(const graph::Tensor& reference, const graph::Tensor& candidate) {
  OutputError e;
  e.floating = graph::isFloating(reference.type());
  if (reference.type() != candidate.type() || reference.dims() != candidate.dims()) {
    e.shapesAgree = false;
    return e;
  }
  if (e.floating) {
    compareFloats(reference, candidate, e);
  } else {
    compareDiscrete(reference, candidate, e);
  }
  return e;
}

std::optional<std::string> unacceptable(const Verification& verification, const Constraints& constraints, bool lossy) {
  for (const auto& e : verification.outputs) {
    if (!e.shapesAgree) return fmt::format("output {} changed its type or shape", e.name);
    if (!e.finite) return fmt::format("output {} has NaN or infinite values that the original has not", e.name);
    if (!lossy) {
      if (auto why = unacceptableExact(e)) return why;
      continue;
    }
    if (e.floating && e.cosine < constraints.minCosine) {
      return fmt::format("output {} has cosine {:.4f}, below {}", e.name, e.cosine, constraints.minCosine);
    }
    if (e.floating && e.relativeError > 3 * std::sqrt(2 * (1 - std::min(constraints.minCosine, 1.0)))) {
      return fmt::format("output {} is off by {:.0f} % of its length", e.name, e.relativeError * 100);
    }
  }
  const auto* first = verification.primary();
  if (first == nullptr && !verification.outputs.empty()) first = &verification.outputs.front();
  if (first && constraints.minTop1 && first->top1Agreement < *constraints.minTop1) {
    return fmt::format("output {} has top-1 agreement {:.4f}, below {}", first->name, first->top1Agreement,
                       *constraints.minTop1);
  }
  return std::nullopt;
}

}  // namespace ridgeline::advisor
