#include "analyzers/diff/diff.h"

#include "base/units.h"

#include <cmath>
#include <limits>

namespace ridgeline::analyzers {
namespace {

std::vector<std::string> settingsThatDiffer(const DiffSide& a, const DiffSide& b) {
  std::vector<std::string> out;
  const auto compareTexts = [&](std::string_view what, const std::string& x, const std::string& y) {
    if (x != y) out.push_back(fmt::format("{}: {}, then {}", what, x.empty() ? "none" : x, y.empty() ? "none" : y));
  };
  compareTexts("device", a.device, b.device);
  compareTexts("engine", a.engine, b.engine);
  if (a.threads != b.threads) out.push_back(fmt::format("threads: {}, then {}", a.threads, b.threads));
  return out;
}

bool isNothing(const ItemDiff& items) {
  for (const auto& row : items.rows) {
    if (row.status != DiffStatus::Same) return false;
  }
  return true;
}

// Where there are no runs, what the items add up to; its error is theirs.
std::optional<LatencyChange> compareSums(const std::vector<DiffItem>& a, const std::vector<DiffItem>& b) {
  if (a.empty() || b.empty()) return std::nullopt;
  LatencyChange change;
  double errors = 0;
  const auto add = [&errors](const std::vector<DiffItem>& items, double& sum) {
    for (const auto& i : items) {
      sum += i.timeMs;
      errors += i.errorMs * i.errorMs;
    }
  };
  add(a, change.aMs);
  add(b, change.bMs);
  if (!(change.aMs > 0) || !(change.bMs > 0)) return std::nullopt;
  change.ratio = change.bMs / change.aMs;
  const double sigma = std::hypot(std::sqrt(errors) / change.aMs, 0.012);
  change.ci95 = {change.ratio * std::exp(-1.96 * sigma), change.ratio * std::exp(1.96 * sigma)};
  change.verdict = verdictOf(change.ci95);
  return change;
}

void compareLatency(Diff& diff) {
  if (!diff.a.runsMs.empty() && !diff.b.runsMs.empty()) {
    diff.latency = compareRuns(diff.a.runsMs, diff.b.runsMs);
    diff.latencyOf = "runs";
  } else if (auto kernels = compareSums(diff.a.kernels, diff.b.kernels)) {
    diff.latency = kernels;
    diff.latencyOf = "kernels";
  } else if (auto operators = compareSums(diff.a.operators, diff.b.operators)) {
    diff.latency = operators;
    diff.latencyOf = "operators";
  }
}

// The very same file, run alike: nothing but the machine can make a difference, however large.
bool sameModel(const DiffSide& a, const DiffSide& b) {
  return !a.modelSha256.empty() && a.modelSha256 == b.modelSha256;
}

// A change that every operator shares and that no setting explains is as likely the machine's as the model's.
void doubtCommonChange(Diff& diff) {
  auto& latency = diff.latency;
  if (!latency || !diff.settings.empty()) return;
  const auto& items = diff.kernels.matched > 0 ? diff.kernels : diff.operators;
  if (items.matched < 5 || !isNothing(diff.operators) || !isNothing(diff.kernels)) return;
  if (std::fabs(items.commonRatio - 1) > kLargestMood && !sameModel(diff.a, diff.b)) return;
  if (latency->verdict == DiffVerdict::Same) return;
  if (latency->verdict == DiffVerdict::Inconclusive) return;
  latency->verdict = DiffVerdict::Inconclusive;
  diff.notes.push_back(fmt::format(
      "No operator stands out: all changed alike, by {}. That is as likely the machine's mood as the model; "
      "`ridgeline check` measures both in turns.",
      formatPercent(items.commonRatio - 1)));
}

}  // namespace

Diff compare(DiffSide a, DiffSide b) {
  Diff diff;
  diff.settings = settingsThatDiffer(a, b);
  const bool alike = diff.settings.empty();
  const double mood = sameModel(a, b) ? std::numeric_limits<double>::infinity() : kLargestMood;
  diff.operators = compareItems(a.operators, b.operators, alike, mood);
  diff.kernels = compareItems(a.kernels, b.kernels, alike, mood);
  diff.a = std::move(a);
  diff.b = std::move(b);
  compareLatency(diff);
  doubtCommonChange(diff);
  for (const auto* side : {&diff.a, &diff.b}) {
    if (!side->complete) diff.notes.push_back(fmt::format("{} was cut short", side->profileName));
  }
  if (!diff.latency) diff.notes.push_back("Nothing that both recordings have tells how long a run takes.");
  if (diff.a.modelSha256 != diff.b.modelSha256 && diff.operators.matched == 0 && !diff.operators.rows.empty()) {
    diff.notes.push_back("The two have no operator in common: they seem to be different models.");
  }
  return diff;
}

Result<Diff> diffProfiles(const std::filesystem::path& pathA, const std::filesystem::path& pathB) {
  DiffSide sides[2];
  const std::filesystem::path* paths[] = {&pathA, &pathB};
  for (int i = 0; i < 2; ++i) {
    auto profile = profile::Profile::open(*paths[i], profile::Profile::Mode::ReadOnly);
    if (!profile) return passOn(profile);
    auto side = loadDiffSide(*profile);
    if (!side) return passOn(side);
    sides[i] = std::move(*side);
  }
  return compare(std::move(sides[0]), std::move(sides[1]));
}

}  // namespace ridgeline::analyzers
