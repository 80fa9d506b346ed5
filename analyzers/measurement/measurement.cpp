#include "analyzers/measurement/measurement.h"

#include "base/stats.h"
#include "base/units.h"
#include "profile/timeline_vocabulary.h"

#include <charconv>
#include <cmath>

namespace ridgeline::analyzers {
namespace {

using namespace profile;

constexpr double kObservingCost = 0.10;
constexpr double kSumDisagreement = 0.05;
constexpr double kNoise = 0.10;
constexpr size_t kEnoughRuns = 5;

struct Latencies {
  std::vector<double> plainMs, observedMs;
};

Finding finding(Severity severity, std::string text, std::vector<std::string> evidence, double value) {
  return {{}, "measurement", severity, std::move(text), "", std::move(evidence), value};
}

Result<Latencies> latenciesOf(const Profile& profile) {
  auto runs = profile.all<Run>();
  if (!runs) return passOn(runs);
  Latencies latencies;
  for (const auto& run : *runs) {
    auto& list = run.kind == RunKind::Plain ? latencies.plainMs : latencies.observedMs;
    list.push_back(static_cast<double>(run.durationNs) * 1e-6);
  }
  return latencies;
}

void checkObservingCost(const Latencies& l, std::vector<Finding>& findings) {
  if (l.plainMs.empty() || l.observedMs.empty()) return;
  const double plain = median(l.plainMs), observed = median(l.observedMs);
  const double cost = observed / plain - 1;
  if (!(cost > kObservingCost)) return;
  const auto much = cost < 1 ? formatPercent(cost) + " slower" : formatSignificant(cost + 1, 2) + " times as long";
  findings.push_back(
      finding(Severity::Notice, fmt::format("observing made runs {}: short operators look longer than they are", much),
              {fmt::format("plain runs take {}, observed ones {}", formatMs(plain), formatMs(observed))}, cost));
}

// What operators of the main graph take of an observed run whose timeline was kept. Unlike medians over runs, which
// fall short of the median run when every run is disturbed in another place, these must add up.
struct KeptRun {
  double ms = 0, operatorsMs = 0;
  double off() const { return operatorsMs / ms - 1; }
};

Result<std::vector<KeptRun>> keptRunsOf(const Profile& profile) {
  auto table = profile.query(
      "SELECT r.duration_ns / 1e6, SUM(s.duration_ns) / 1e6 FROM slice s JOIN operator o ON o.id = s.operator "
      "JOIN run r ON r.id = s.run WHERE o.depth = 0 AND r.kind = 'observed' AND r.duration_ns > 0 GROUP BY r.id");
  if (!table) return passOn(table);
  std::vector<KeptRun> runs;
  for (const auto& row : table->rows) {
    const auto* ms = std::get_if<double>(&row[0]);
    const auto* operatorsMs = std::get_if<double>(&row[1]);
    if (ms != nullptr && operatorsMs != nullptr && *ms > 0) runs.push_back({*ms, *operatorsMs});
  }
  return runs;
}

std::string sumText(std::string_view what, double sumMs, std::string_view ofWhat, double wholeMs) {
  const double off = sumMs / wholeMs - 1;
  return fmt::format("{} add up to {}, {} {} than {} {}", what, formatMs(sumMs), formatPercent(std::abs(off)),
                     off < 0 ? "less" : "more", ofWhat, formatMs(wholeMs));
}

std::string whyOff(double off) {
  return off < 0 ? "time is spent between operators, or operators are missing from the observation"
                 : "operators ran at the same time, or some are counted twice";
}

void checkSum(const Latencies& l, const std::vector<Operator>& operators, const std::vector<KeptRun>& kept,
              std::vector<Finding>& findings) {
  for (const auto& run : kept) {
    if (!(std::abs(run.off()) > kSumDisagreement)) continue;
    findings.push_back(finding(Severity::Warning,
                               sumText("operator times", run.operatorsMs, "the observed run of", run.ms),
                               {whyOff(run.off())}, run.off()));
    return;
  }
  if (l.observedMs.empty() || operators.empty()) return;
  double sum = 0;
  for (const auto& op : operators) {
    if (op.depth == 0) sum += op.timeNs * 1e-6;
  }
  const double observed = median(l.observedMs);
  const double off = sum / observed - 1;
  if (!(std::abs(off) > kSumDisagreement)) return;
  const auto text = sumText("operator times", sum, "the observed latency of", observed);
  if (kept.empty()) {
    findings.push_back(finding(Severity::Warning, text, {whyOff(off)}, off));
    return;
  }
  findings.push_back(
      finding(Severity::Notice, text + ": runs differ too much",
              {fmt::format("within one run operators add up to {} of {}; each run was disturbed in another place",
                           formatMs(kept.front().operatorsMs), formatMs(kept.front().ms))},
              off));
}

void checkNoise(const Latencies& l, std::vector<Finding>& findings) {
  if (l.plainMs.size() < kEnoughRuns) return;
  const double noise = robustSigma(l.plainMs) / median(l.plainMs);
  if (!(noise > kNoise)) return;
  findings.push_back(
      finding(Severity::Notice,
              fmt::format("plain runs vary by {}: the machine was busy, or changed its clock", formatPercent(noise)),
              {fmt::format("{} runs, median {}", l.plainMs.size(), formatMs(median(l.plainMs)))}, noise));
}

void checkLosses(const Profile& profile, std::vector<Finding>& findings) {
  const auto text = profile.metaValue(meta::lostEvents).value_or("0");
  int64_t lost = 0;
  std::from_chars(text.data(), text.data() + text.size(), lost);
  if (lost <= 0) return;
  findings.push_back(finding(Severity::Warning,
                             fmt::format("{} operator events were lost: times of some operators are too small", lost),
                             {}, static_cast<double>(lost)));
}

}  // namespace

Status analyzeMeasurement(Profile& profile) {
  auto latencies = latenciesOf(profile);
  if (!latencies) return passOn(latencies);
  auto operators = profile.all<Operator>();
  if (!operators) return passOn(operators);
  auto kept = keptRunsOf(profile);
  if (!kept) return passOn(kept);
  std::vector<Finding> findings;
  checkObservingCost(*latencies, findings);
  // Of a recording of others, operators may be spans within each other, run on devices beside the host, or in several
  // ranks: their sum says nothing.
  auto ranks = profile.count<Rank>();
  if (!ranks) return passOn(ranks);
  if (*ranks == 0) checkSum(*latencies, *operators, *kept, findings);
  checkNoise(*latencies, findings);
  checkLosses(profile, findings);
  if (auto s = profile.clearFindings("measurement"); !s) return s;
  return profile.addAll(findings);
}

}  // namespace ridgeline::analyzers
