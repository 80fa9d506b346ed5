#include "analyzers/report_model.h"

#include "analyzers/analyze.h"
#include "base/stats.h"
#include "profile/timeline_vocabulary.h"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <unordered_map>

namespace ridgeline::analyzers {
namespace {

using namespace profile;

std::optional<double> scaled(const std::optional<double>& value, double factor) {
  return value ? std::optional(*value * factor) : std::nullopt;
}

ReportOperator operatorOf(const Operator& op, const Classification* c, double totalMs) {
  ReportOperator out{.id = op.id, .name = op.name, .opType = op.opType, .provider = op.provider};
  out.inputShapes = op.inputShapes;
  out.outputShapes = op.outputShapes;
  out.depth = op.depth;
  out.calls = op.callsPerRun;
  out.timeMs = op.timeNs * 1e-6;
  out.timeMadMs = op.timeMadNs * 1e-6;
  if (op.depth == 0 && totalMs > 0) out.share = out.timeMs / totalMs;
  if (op.work) {
    out.flops = op.work->operations();
    out.bytes = op.work->bytes();
    out.computeType = op.work->computeType;
  }
  out.provenanceTime = op.provenanceTime;
  out.provenanceWork = op.provenanceWork;
  if (c == nullptr) return out;
  out.bound = c->bound;
  out.level = c->level;
  out.intensity = c->intensity;
  out.achievedGflops = scaled(c->achievedOpsPerS, 1e-9);
  out.achievedGbps = scaled(c->achievedBytesPerS, 1e-9);
  out.roofTimeMs = scaled(c->roofTimeNs, 1e-6);
  out.headroomMs = scaled(c->headroomNs, 1e-6);
  return out;
}

// Names of the ranks that devices belong to.
Result<std::unordered_map<DeviceId, std::string>> ranksOf(const Profile& profile) {
  auto devices = profile.all<Device>();
  if (!devices) return passOn(devices);
  auto ranks = profile.all<Rank>();
  if (!ranks) return passOn(ranks);
  std::unordered_map<DeviceId, std::string> out;
  for (const auto& device : *devices) {
    for (const auto& rank : *ranks) {
      if (rank.id == device.rank) out[device.id] = rank.name;
    }
  }
  return out;
}

Status loadOperators(const Profile& profile, Report& report) {
  auto ranks = ranksOf(profile);
  if (!ranks) return passOn(ranks);
  auto operators = profile.all<Operator>();
  if (!operators) return passOn(operators);
  auto classifications = profile.all<Classification>();
  if (!classifications) return passOn(classifications);
  std::unordered_map<OperatorId, const Classification*> byOperator;
  for (const auto& c : *classifications) byOperator[c.op] = &c;
  std::unordered_map<std::string, double> totalMs;  // by rank
  for (const auto& op : *operators) {
    if (op.depth != 0) continue;
    report.operatorTimeMs += op.timeNs * 1e-6;
    totalMs[(*ranks)[op.device]] += op.timeNs * 1e-6;
  }
  for (const auto& op : *operators) {
    const auto it = byOperator.find(op.id);
    const auto& rank = (*ranks)[op.device];
    report.operators.push_back(operatorOf(op, it == byOperator.end() ? nullptr : it->second, totalMs[rank]));
    report.operators.back().rank = rank;
    if (op.depth == 0) report.headroomMs += report.operators.back().headroomMs.value_or(0);
  }
  std::stable_sort(report.operators.begin(), report.operators.end(), [](const auto& a, const auto& b) {
    if (a.headroomMs.has_value() != b.headroomMs.has_value()) return a.headroomMs.has_value();
    if (a.headroomMs && *a.headroomMs != *b.headroomMs) return *a.headroomMs > *b.headroomMs;
    return a.timeMs > b.timeMs;
  });
  return {};
}

Status loadLatency(const Profile& profile, Report& report) {
  auto runs = profile.all<Run>();
  if (!runs) return passOn(runs);
  std::vector<double> plain, observed;
  for (const auto& run : *runs) {
    (run.kind == RunKind::Plain ? plain : observed).push_back(static_cast<double>(run.durationNs) * 1e-6);
  }
  report.plainRuns = static_cast<int64_t>(plain.size());
  report.observedRuns = static_cast<int64_t>(observed.size());
  if (!plain.empty()) {
    report.latencyMs = median(plain);
    const auto interval = bootstrapMedian(plain);
    report.latencyLoMs = interval.lo;
    report.latencyHiMs = interval.hi;
  }
  if (!observed.empty()) report.observedLatencyMs = median(observed);
  return {};
}

void loadMeta(const Profile& profile, Report& report) {
  const auto get = [&](std::string_view key) { return profile.metaValue(key).value_or(""); };
  report.profileName = profile.name();
  report.model = get(meta::model);
  report.device = get(meta::device);
  report.engine = get(meta::engine);
  report.created = get(meta::created);
  report.complete = profile.complete();
  report.syntheticInputs = get(meta::inputs) != nameOf(InputKind::Given);
  const auto threads = get(meta::threads);
  std::from_chars(threads.data(), threads.data() + threads.size(), report.threads);
  std::istringstream notes(get(meta::notes));
  for (std::string line; std::getline(notes, line);) {
    if (!line.empty()) report.notes.push_back(line);
  }
}

}  // namespace

std::string boundText(Bound bound, const std::string& level) {
  return bound == Bound::Memory && !level.empty() ? fmt::format("memory ({})", level) : std::string(nameOf(bound));
}

std::string ReportOperator::boundText() const { return analyzers::boundText(bound, level); }

Result<Report> loadReport(const Profile& profile) {
  Report report;
  loadMeta(profile, report);
  if (auto s = loadLatency(profile, report); !s) return passOn(s);
  if (auto s = loadOperators(profile, report); !s) return passOn(s);
  auto roofs = profile.all<Roof>();
  if (!roofs) return passOn(roofs);
  report.roofs = std::move(*roofs);
  auto findings = profile.all<Finding>();
  if (!findings) return passOn(findings);
  report.findings = std::move(*findings);
  auto advice = profile.all<Advice>();
  if (!advice) return passOn(advice);
  report.advice = std::move(*advice);
  std::stable_sort(report.advice.begin(), report.advice.end(), [](const auto& a, const auto& b) {
    return a.predictedGainMs.value_or(-1) > b.predictedGainMs.value_or(-1);
  });
  auto recorded = loadDevices(profile);
  if (!recorded) return passOn(recorded);
  report.recorded = std::move(*recorded);
  std::stable_sort(report.findings.begin(), report.findings.end(),
                   [](const auto& a, const auto& b) { return a.severity > b.severity; });
  return report;
}

Result<Report> loadReport(const std::filesystem::path& path) {
  auto profile = Profile::open(path, Profile::Mode::ReadOnly);
  if (!profile) return passOn(profile);
  if (isAnalyzed(*profile)) return loadReport(*profile);
  auto writable = Profile::open(path, Profile::Mode::ReadWrite);
  if (writable && analyze(*writable)) return loadReport(*writable);
  auto copy = Profile::open(path, Profile::Mode::Copy);
  if (!copy) return passOn(copy);
  if (auto s = analyze(*copy); !s) return passOn(s);
  return loadReport(*copy);
}

}  // namespace ridgeline::analyzers
