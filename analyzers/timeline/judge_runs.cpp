// Steps, ranks, copies and memory: what is worth a finding beyond the tables.
#include "analyzers/timeline/parts.h"
#include "base/stats.h"
#include "base/units.h"

#include <algorithm>

namespace ridgeline::analyzers {
namespace {

using namespace profile;

constexpr double kSlowRun = 1.2;     // times the median
constexpr double kStraggler = 1.05;  // times the median of all ranks
constexpr double kPageableNoticeMs = 0.1;

std::vector<double> runsMs(const Scene& scene, RankId rank) {
  std::vector<double> out;
  for (const auto& run : scene.runs) {
    if (run.rank == rank) out.push_back(static_cast<double>(run.durationNs) * 1e-6);
  }
  return out;
}

void judgeSpread(const Scene& scene, const Rank& rank, Findings& findings) {
  const auto times = runsMs(scene, rank.id);
  if (times.size() < 3) return;
  const double middle = median(times);
  const Run* slowest = nullptr;
  for (const auto& run : scene.runs) {
    if (run.rank == rank.id && (slowest == nullptr || run.durationNs > slowest->durationNs)) slowest = &run;
  }
  const double worst = static_cast<double>(slowest->durationNs) * 1e-6;
  const bool slow = worst > kSlowRun * middle;
  findings.push_back(
      timelineFinding(slow ? Severity::Notice : Severity::Info,
                      fmt::format("{}: {} steps, median {}, from {} to {}", rank.name, times.size(), formatMs(middle),
                                  formatMs(*std::min_element(times.begin(), times.end())), formatMs(worst)),
                      slow ? slowest->name : "",
                      {fmt::format("scaled median absolute deviation {}", formatMs(robustSigma(times))),
                       fmt::format("the longest is {}", slowest->name)},
                      middle));
}

// The rank that computes longest holds the others up; they wait in their communication.
Status judgeStragglers(const Profile& profile, const Scene& scene, Findings& findings) {
  if (scene.ranks.size() < 2) return {};
  auto uses = profile.all<DeviceUse>();
  if (!uses) return passOn(uses);
  struct Entry {
    std::string name;
    double computeMs, communicationMs;
  };
  std::vector<Entry> entries;
  std::vector<double> compute;
  for (const auto& use : *uses) {
    entries.push_back({nameOfDevice(scene, use.device), static_cast<double>(use.computeNs) * 1e-6,
                       static_cast<double>(use.communicationNs) * 1e-6});
    compute.push_back(entries.back().computeMs);
  }
  if (entries.size() < 2) return {};
  const auto slowest = std::max_element(entries.begin(), entries.end(),
                                        [](const auto& a, const auto& b) { return a.computeMs < b.computeMs; });
  const double middle = median(compute);
  if (middle <= 0 || slowest->computeMs < kStraggler * middle) return {};
  std::vector<std::string> evidence;
  for (const auto& e : entries) {
    evidence.push_back(
        fmt::format("{}: computes {}, communicates {}", e.name, formatMs(e.computeMs), formatMs(e.communicationMs)));
  }
  findings.push_back(
      timelineFinding(Severity::Warning,
                      fmt::format("{} computes {} longer than the median of {} devices: the others wait for it",
                                  slowest->name, formatPercent(slowest->computeMs / middle - 1), entries.size()),
                      slowest->name, std::move(evidence), slowest->computeMs / middle - 1));
  return {};
}

Status judgeCopies(const Profile& profile, Findings& findings) {
  auto table = profile.query(
      "SELECT COUNT(*), SUM(s.duration_ns) / 1e6, SUM(c.bytes) / 1e6 FROM copy c JOIN slice s ON s.id = c.slice "
      "WHERE c.pinned = 0 AND c.direction IN ('host_to_device', 'device_to_host')");
  if (!table) return passOn(table);
  const auto& row = table->rows.at(0);
  const auto* count = std::get_if<int64_t>(&row[0]);
  const auto* ms = std::get_if<double>(&row[1]);
  if (count == nullptr || ms == nullptr || *ms < kPageableNoticeMs) return {};
  const auto* mbytes = std::get_if<double>(&row[2]);
  std::vector<std::string> evidence;
  if (mbytes != nullptr && *ms > 0) {
    evidence.push_back(fmt::format("{} at {}", formatBytes(*mbytes * 1e6), formatRate(*mbytes * 1e9 / *ms, "B/s")));
  }
  evidence.push_back("page-locked (pinned) memory copies faster and beside other work");
  findings.push_back(timelineFinding(
      Severity::Notice, fmt::format("{} copies between host and device use pageable memory: {}", *count, formatMs(*ms)),
      "", std::move(evidence), *ms));
  return {};
}

Status judgeMemory(const Profile& profile, Findings& findings) {
  auto table = profile.query(
      "SELECT s.name, d.name, MAX(v.value), COUNT(*) FROM sample v JOIN series s ON s.id = v.series "
      "LEFT JOIN device d ON d.id = s.device WHERE s.unit = 'B' GROUP BY s.id ORDER BY s.id");
  if (!table) return passOn(table);
  for (const auto& row : table->rows) {
    const auto* peak = std::get_if<double>(&row[2]);
    if (peak == nullptr || *peak <= 0) continue;
    const auto device = textOf(row[1]);
    findings.push_back(timelineFinding(
        Severity::Info,
        fmt::format("{} ({}): at most {}", textOf(row[0]), device.empty() ? "host" : device, formatBytes(*peak)), "",
        {}, *peak * 1e-6));
  }
  return {};
}

Status judgeIntake(const Profile& profile, Findings& findings) {
  auto rows = profile.all<Intake>();
  if (!rows) return passOn(rows);
  for (const auto& row : *rows) {
    const bool odd = row.what == "work that begins before its launch" || row.what == "event of negative duration" ||
                     row.what == "end without a begin" || row.what == "begin without an end";
    if (!odd) continue;
    findings.push_back(timelineFinding(Severity::Notice, fmt::format("{} x {}: {}", row.count, row.what, row.note), "",
                                       {}, static_cast<double>(row.count)));
  }
  return {};
}

}  // namespace

Status judgeRuns(const Profile& profile, const Scene& scene, Findings& findings) {
  for (const auto& rank : scene.ranks) judgeSpread(scene, rank, findings);
  if (auto s = judgeStragglers(profile, scene, findings); !s) return s;
  if (auto s = judgeCopies(profile, findings); !s) return s;
  if (auto s = judgeMemory(profile, findings); !s) return s;
  return judgeIntake(profile, findings);
}

}  // namespace ridgeline::analyzers
