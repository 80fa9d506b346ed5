#include "analyzers/timeline/advice/advice.h"

#include "analyzers/timeline/advice/rules.h"
#include "base/units.h"

#include <algorithm>
#include <array>

namespace ridgeline::analyzers {
namespace {

using namespace profile;

constexpr std::array kRules{useGraphs, fuseChains,   lowerPrecision, keepChannelsLast,
                            pinMemory, keepOnDevice, overlap,        batchMore};

constexpr double kWorthwhile = 0.01;  // of a step; where there are none, of the time the device worked
constexpr double kLeastNs = 10e3;     // in the whole recording

struct Candidate {
  ProgramChange change;
  double stepNs = 0;  // gain per step
  int64_t devices = 1;
};

bool isWorthwhile(const TraceFacts& f, const ProgramChange& change) {
  const auto whole = static_cast<double>(f.steps > 0 ? f.use.durationNs : f.use.busyNs);
  return change.gainNs >= kLeastNs && change.gainNs >= kWorthwhile * whole;
}

// Devices that want the same are one proposal, with the numbers of the one that wins most.
void merge(const TraceFacts& f, ProgramChange change, std::vector<Candidate>& candidates) {
  Candidate fresh{std::move(change)};
  fresh.stepNs = f.perStep(fresh.change.gainNs);
  const auto same = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& c) {
    return c.change.rule == fresh.change.rule && c.change.variant == fresh.change.variant;
  });
  if (same == candidates.end()) {
    candidates.push_back(std::move(fresh));
    return;
  }
  fresh.devices = same->devices + 1;
  if (fresh.stepNs > same->stepNs) {
    *same = std::move(fresh);
  } else {
    same->devices = fresh.devices;
  }
}

Advice rowOf(Candidate candidate) {
  auto& change = candidate.change;
  if (candidate.devices > 1) {
    change.evidence.push_back(fmt::format(
        "the same holds for {} devices; these are the numbers of the one that gains most", candidate.devices));
  }
  Advice row{.rule = std::move(change.rule), .kind = std::string(kProgramAdvice), .lossy = change.lossy};
  row.variant = std::move(change.variant), row.target = std::move(change.target);
  row.evidence = std::move(change.evidence), row.risk = std::move(change.assumption);
  row.predictedGainMs = candidate.stepNs * 1e-6;
  return row;
}

}  // namespace

std::string timeText(double ns) { return formatMs(ns * 1e-6); }

std::string stepText(const TraceFacts& f, double ns) {
  if (f.steps == 0)
    return fmt::format("{} of {} that the device worked", timeText(ns), timeText(static_cast<double>(f.use.busyNs)));
  return fmt::format("{} of a step of {}", timeText(f.perStep(ns)), timeText(f.stepNs));
}

Status forgetAdvice(Profile& profile) {
  auto rows = profile.all<Advice>();
  if (!rows) return passOn(rows);
  if (std::erase_if(*rows, [](const Advice& a) { return a.kind == kProgramAdvice; }) == 0) return {};
  if (auto s = profile.clear<Advice>(); !s) return s;
  return profile.addAll(*rows);
}

Status writeAdvice(Profile& profile, const Scene& scene) {
  auto facts = factsOf(profile, scene);
  if (!facts) return passOn(facts);
  std::vector<Candidate> candidates;
  for (const auto& f : *facts) {
    for (const auto& rule : kRules) {
      for (auto& change : rule(f)) {
        if (isWorthwhile(f, change)) merge(f, std::move(change), candidates);
      }
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.stepNs > b.stepNs; });
  for (auto& candidate : candidates) {
    if (auto id = profile.add(rowOf(std::move(candidate))); !id) return passOn(id);
  }
  return {};
}

}  // namespace ridgeline::analyzers
