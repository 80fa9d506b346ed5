#include "advisor/check/gates.h"

#include "base/units.h"

namespace ridgeline::advisor {
namespace {

using Format = std::string (*)(double);

std::string signedPercent(double ratio) { return fmt::format("{:+.1f} %", (ratio - 1) * 100); }

class GateList {
 public:
  // `limit` may be missing; `what` is for people. `least`: the number must reach the limit, not stay below it.
  void add(const std::string& name, const std::string& what, std::optional<double> baseline,
           std::optional<double> current, std::optional<double> limit, Format format, bool least = false,
           const std::string& whyNot = {}) {
    if (!current && !limit) return;
    Gate gate{.name = name, .baseline = baseline, .current = current, .limit = limit};
    if (!current) {
      gate.state = GateState::Unknown;
      gate.text =
          fmt::format("{} is not known{}{}; the limit is {}", what, whyNot.empty() ? "" : ": ", whyNot, format(*limit));
    } else {
      gate.text = fmt::format("{} {}", what, format(*current));
      if (baseline) gate.text += fmt::format(", before {}", format(*baseline));
      if (limit) {
        const bool holds = least ? *current >= *limit : *current <= *limit;
        gate.state = holds ? GateState::Passed : GateState::Failed;
        gate.text += fmt::format(", {} {}{}", least ? "at least" : "at most", format(*limit), holds ? "" : ": not met");
      }
    }
    m_gates.push_back(std::move(gate));
  }

  // Growth over the baseline.
  void addGrowth(const std::string& name, const std::string& what, std::optional<double> baseline,
                 std::optional<double> current, std::optional<double> limit) {
    if (!limit) return;
    Gate gate{.name = name, .baseline = baseline, .current = current, .limit = limit};
    if (!baseline || !current || *baseline <= 0) {
      gate.state = GateState::Unknown;
      gate.text = fmt::format("growth of {} is not known; the limit is {}", what, formatPercent(*limit));
    } else {
      const double ratio = *current / *baseline;
      gate.state = ratio <= 1 + *limit ? GateState::Passed : GateState::Failed;
      gate.text = fmt::format("{} changed by {}, at most {:+.1f} %{}", what, signedPercent(ratio), *limit * 100,
                              gate.state == GateState::Passed ? "" : ": not met");
    }
    m_gates.push_back(std::move(gate));
  }

  std::vector<Gate> take() { return std::move(m_gates); }

 private:
  std::vector<Gate> m_gates;
};

std::string plainNumber(double v) { return fmt::format("{:.4g}", v); }
std::string cosineText(double v) { return fmt::format("{:.6f}", v); }

}  // namespace

std::string_view nameOf(GateState state) {
  switch (state) {
    case GateState::Passed:
      return "passed";
    case GateState::Failed:
      return "failed";
    case GateState::Unknown:
      return "unknown";
    case GateState::Told:
      return "told";
  }
  return "unknown";
}

std::vector<Gate> gatesOf(const Facts& facts, const Limits& limits, const Prices& prices) {
  GateList gates;
  if (limits.maxLatencyMs) {
    gates.add("latency_limit", "latency", std::nullopt, facts.latencyMs, limits.maxLatencyMs, formatMs);
  }
  gates.add("peak_memory", "peak memory", facts.memoryBytesBefore, facts.memoryBytes, limits.maxMemoryBytes,
            formatBytes, false, facts.whyNoMemory);
  gates.addGrowth("memory_growth", "peak memory", facts.memoryBytesBefore, facts.memoryBytes, limits.maxMemoryGrowth);
  gates.add("model_size", "model size", facts.modelBytesBefore, facts.modelBytes, limits.maxModelBytes, formatBytes);
  gates.addGrowth("model_growth", "model size", facts.modelBytesBefore, facts.modelBytes, limits.maxModelGrowth);
  gates.add("output_cosine", "cosine of the outputs with the baseline's", std::nullopt, facts.cosine, limits.minCosine,
            cosineText, true, facts.whyNoCosine);
  const auto million = [&](double perHour) -> std::optional<double> {
    if (!facts.latencyMs) return std::nullopt;
    return *facts.latencyMs * 1e-3 * 1e6 / 3600 * perHour;  // one inference after another
  };
  std::optional<double> cost, energy;
  if (prices.perHour) cost = million(*prices.perHour);
  const auto watts = facts.watts ? facts.watts : prices.watts;
  if (watts) energy = million(*watts * 1e-3);
  gates.add("cost_per_million", fmt::format("cost of a million inferences ({}, price as stated)", prices.currency),
            std::nullopt, cost, limits.maxCostPerMillion, plainNumber, false, "price_per_hour is not stated");
  gates.add("kwh_per_million",
            fmt::format("energy of a million inferences (kWh, power {})",
                        facts.watts ? "of the processor as measured" : "as stated"),
            std::nullopt, energy, limits.maxKwhPerMillion, plainNumber, false,
            "power cannot be measured here, and watts are not stated");
  return gates.take();
}

}  // namespace ridgeline::advisor
