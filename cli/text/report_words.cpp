#include "cli/text/report_words.h"

#include "base/units.h"

#include <algorithm>
#include <map>
#include <set>

namespace ridgeline::cli {
namespace {

using analyzers::Report;

constexpr double kKnownOfNothing = 0.99;

std::string latencyText(const Report& r) {
  if (!r.latencyMs) return "no plain run was recorded";
  std::string line = formatMs(*r.latencyMs);
  if (r.latencyLoMs && r.latencyHiMs) {
    line += fmt::format(" (95 % interval {} to {}, {} runs)", formatMs(*r.latencyLoMs), formatMs(*r.latencyHiMs),
                        r.plainRuns);
  }
  return line;
}

std::string observedText(const Report& r) {
  if (!r.observedLatencyMs) return "no observed run was recorded";
  std::string line = formatMs(*r.observedLatencyMs);
  if (r.latencyMs && *r.latencyMs > 0) {
    line += fmt::format(" ({:+.1f} % for observing, {} runs); operators sum to {}",
                        (*r.observedLatencyMs / *r.latencyMs - 1) * 100, r.observedRuns, formatMs(r.operatorTimeMs));
  }
  return line;
}

// "6 steps, median 127 ms"; "23 in each of 2 ranks, median 29.3 ms to 29.4 ms".
std::string stepsText(const Report& r) {
  const auto& ranks = r.recorded.ranks;
  int64_t fewest = INT64_MAX, most = 0;
  double shortest = 1e300, longest = 0;
  for (const auto& rank : ranks) {
    fewest = std::min(fewest, rank.steps), most = std::max(most, rank.steps);
    if (rank.stepMs) shortest = std::min(shortest, *rank.stepMs), longest = std::max(longest, *rank.stepMs);
  }
  if (most == 0) return {};
  const auto count = fewest == most ? std::to_string(most) : fmt::format("{} to {}", fewest, most);
  const auto time = formatMs(shortest) == formatMs(longest)
                        ? formatMs(longest)
                        : fmt::format("{} to {}", formatMs(shortest), formatMs(longest));
  if (ranks.size() == 1) return fmt::format("{}, median {}", count, time);
  return fmt::format("{} in each of {} ranks, median {}", count, ranks.size(), time);
}

}  // namespace

std::string reportTitle(const Report& r) {
  const auto& name = r.model.empty() ? r.profileName : r.model;
  if (r.recorded.isRecording()) {
    return r.observedLatencyMs ? fmt::format("{}: {} a step", name, formatMs(*r.observedLatencyMs)) : name;
  }
  return fmt::format("{}: {}", name, r.latencyMs ? formatMs(*r.latencyMs) : "no latency");
}

std::vector<std::string> reportOrigin(const Report& r) {
  std::vector<std::string> out;
  const auto add = [&](std::string text) {
    if (!text.empty()) out.push_back(std::move(text));
  };
  add(r.device);
  if (r.threads > 0) add(fmt::format("{} {}", r.threads, r.threads == 1 ? "thread" : "threads"));
  add(r.engine);
  std::set<std::string> sources, formats;
  for (const auto& rank : r.recorded.ranks) {
    if (rank.format == "ridgeline") continue;  // recorded here
    sources.insert(rank.source);
    formats.insert(rank.format);
  }
  if (!sources.empty()) {
    add(fmt::format("imported from {}{} ({})", *sources.begin(),
                    sources.size() > 1 ? fmt::format(" and {} more", sources.size() - 1) : "",
                    fmt::join(formats, ", ")));
  } else {
    add(r.created);
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> reportFacts(const Report& r) {
  if (!r.recorded.isRecording()) return {{"plain runs", latencyText(r)}, {"observed runs", observedText(r)}};
  std::vector<std::pair<std::string, std::string>> out;
  if (const auto steps = stepsText(r); !steps.empty()) out.emplace_back("steps", steps);
  if (r.operatorTimeMs > 0 && r.recorded.kernels.empty()) {
    out.emplace_back("operators", fmt::format("{} in {} of them", formatMs(r.operatorTimeMs), r.operators.size()));
  }
  return out;
}

std::vector<std::string> reportRemarks(const Report& r) {
  std::vector<std::string> lines;
  if (!r.complete) lines.push_back("This recording was cut short; what it had is shown.");
  if (r.syntheticInputs && !r.recorded.isRecording()) {
    lines.push_back("Inputs were made up from shapes; give record --inputs DIR with your own where values matter.");
  }
  lines.insert(lines.end(), r.notes.begin(), r.notes.end());
  return lines;
}

std::vector<TimeByBound> timeByBound(const Report& r) {
  std::map<std::string, TimeByBound> byName;
  for (const auto& o : r.operators) {
    if (o.depth > 0) continue;
    auto& entry = byName[o.boundText()];
    entry.bound = o.boundText(), entry.kind = o.bound, entry.timeMs += o.timeMs;
  }
  std::vector<TimeByBound> out;
  for (auto& [name, entry] : byName) {
    if (r.operatorTimeMs > 0) entry.share = entry.timeMs / r.operatorTimeMs;
    if (entry.kind == profile::Bound::Unknown && entry.share > kKnownOfNothing) return {};
    out.push_back(std::move(entry));
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.timeMs > b.timeMs; });
  return out;
}

std::string boundHeading(const Report& r) {
  return r.recorded.devices.empty() ? "Where the time goes" : "Where the time of operators goes";
}

std::string gainText(const Report& r, const profile::Advice& advice) {
  if (!advice.predictedGainMs) return "gain unknown";
  const auto gain = formatMs(*advice.predictedGainMs);
  if (!r.recorded.isRecording()) return gain;
  return gain + (r.observedLatencyMs ? fmt::format(" of {} a step", formatMs(*r.observedLatencyMs)) : " in all");
}

std::string deviceTitle(const Report& r, const std::string& rank, const std::string& device) {
  return r.recorded.ranks.size() > 1 && !rank.empty() ? fmt::format("{}: {}", rank, device) : device;
}

std::string pathTitle(const Report& r, const analyzers::ReportPath& path) {
  return fmt::format("critical path of {}{} ({})", path.of.empty() ? "the recording" : path.of,
                     r.recorded.ranks.size() > 1 ? ", " + path.rank : "", formatMs(path.totalMs));
}

}  // namespace ridgeline::cli
