#include "analyzers/diff/items.h"

#include <algorithm>
#include <cmath>

namespace ridgeline::analyzers {
namespace {

// Two recordings of one operator differ by about this even where each is steady: another placement in memory, another
// share of the caches.
constexpr double kPlacement = 0.01;
// Items below this share of all time say nothing about what all have in common.
constexpr double kTooSmall = 0.002;

double sumOf(const std::vector<DiffItem>& items) {
  double sum = 0;
  for (const auto& i : items) sum += i.timeMs;
  return sum;
}

// Plain, not weighted by time: one large item that did change must not pass for what all share.
double commonRatioOf(const std::vector<DiffItem>& a, const std::vector<DiffItem>& b,
                     const std::vector<DiffMatch>& matches) {
  const double total = sumOf(a);
  std::vector<double> ratios;
  for (const auto& m : matches) {
    if (!m.a || !m.b) continue;
    const double before = a[*m.a].timeMs, after = b[*m.b].timeMs;
    if (before > total * kTooSmall && after > 0) ratios.push_back(after / before);
  }
  return ratios.size() < 5 ? 1 : median(ratios);
}

struct Estimate {
  double delta = 0, error = 0;
};

// Of samples taken in turns, the difference round by round: what disturbs a round disturbs both sides.
Estimate pairedEstimate(const DiffItem& a, const DiffItem& b) {
  std::vector<double> differences(a.samplesMs.size());
  for (size_t i = 0; i < differences.size(); ++i) differences[i] = b.samplesMs[i] - a.samplesMs[i];
  // 1.2533 = sqrt(pi / 2): the median's standard error over the mean's, for normal data.
  return {median(differences), 1.2533 * robustSigma(differences) / std::sqrt(static_cast<double>(differences.size()))};
}

Estimate estimateOf(const DiffItem& a, const DiffItem& b) {
  const double placement = kPlacement * std::min(a.timeMs, b.timeMs);
  Estimate e;
  if (a.samplesMs.size() >= 5 && a.samplesMs.size() == b.samplesMs.size()) {
    e = pairedEstimate(a, b);
  } else {
    e = {b.timeMs - a.timeMs, std::hypot(a.errorMs, b.errorMs)};
  }
  e.error = std::hypot(e.error, placement);
  return e;
}

struct Judged {
  DiffRow row;
  double error = 0;
};

Judged judgedOf(const DiffItem* a, const DiffItem* b, double common) {
  Judged j;
  auto& row = j.row;
  const auto& named = b ? *b : *a;
  row.name = named.name;
  row.type = named.type;
  if (a) {
    row.shapesA = a->shapes;
    row.callsA = a->calls;
    row.aMs = a->timeMs;
  }
  if (b) {
    row.shapesB = b->shapes;
    row.callsB = b->calls;
    row.bMs = b->timeMs;
  }
  if (a && b) {
    if (a->name != b->name) row.renamedFrom = a->name;
    const auto e = estimateOf(*a, *b);
    row.deltaMs = e.delta;
    row.excessMs = e.delta - (common - 1) * a->timeMs;
    j.error = e.error;
    return j;
  }
  row.status = a ? DiffStatus::Removed : DiffStatus::Added;
  row.deltaMs = row.excessMs = a ? -a->timeMs : b->timeMs;
  j.error = std::hypot(named.errorMs, kPlacement * named.timeMs);
  return j;
}

// How much larger the errors really are than they were taken to be, told by the items themselves, most of which did not
// change. Between bounds, for when most of them did.
double calibration(const std::vector<Judged>& judged) {
  std::vector<double> z;
  for (const auto& j : judged) {
    if (j.row.aMs && j.row.bMs && j.error > 0) z.push_back(j.row.excessMs / j.error);
  }
  if (z.size() < 8) return 1;
  return std::clamp(robustSigma(z), 0.25, 3.0);
}

// z of a two-sided test at 2 % over `count` items together (Bonferroni). By the tail's bound
// Q(z) <= exp(-z^2 / 2) / 2, which asks for slightly more than needed.
double threshold(size_t count) {
  return std::sqrt(2 * std::log(static_cast<double>(std::max<size_t>(count, 1)) / 0.02));
}

int rankOf(DiffStatus status) { return status == DiffStatus::Same ? 1 : 0; }

}  // namespace

std::string_view nameOf(DiffStatus status) {
  switch (status) {
    case DiffStatus::Same:
      return "same";
    case DiffStatus::Changed:
      return "changed";
    case DiffStatus::Added:
      return "added";
    case DiffStatus::Removed:
      return "removed";
  }
  return "same";
}

ItemDiff compareItems(const std::vector<DiffItem>& a, const std::vector<DiffItem>& b, bool alike, double largestMood) {
  const auto matches = matchItems(a, b);
  ItemDiff diff;
  diff.commonRatio = commonRatioOf(a, b, matches);
  const bool mood = alike && std::fabs(diff.commonRatio - 1) <= largestMood;
  std::vector<Judged> judged;
  for (const auto& m : matches) {
    judged.push_back(judgedOf(m.a ? &a[*m.a] : nullptr, m.b ? &b[*m.b] : nullptr, mood ? diff.commonRatio : 1));
    diff.matched += m.a && m.b;
  }
  const double factor = calibration(judged), limit = threshold(diff.matched);
  for (auto& j : judged) {
    const double error = j.error * factor;
    j.row.ci95 = {j.row.deltaMs - 1.96 * error, j.row.deltaMs + 1.96 * error};
    if (j.row.aMs && j.row.bMs && std::fabs(j.row.excessMs) > limit * error) j.row.status = DiffStatus::Changed;
    diff.rows.push_back(std::move(j.row));
  }
  std::stable_sort(diff.rows.begin(), diff.rows.end(), [](const DiffRow& x, const DiffRow& y) {
    if (rankOf(x.status) != rankOf(y.status)) return rankOf(x.status) < rankOf(y.status);
    if (std::fabs(x.excessMs) != std::fabs(y.excessMs)) return std::fabs(x.excessMs) > std::fabs(y.excessMs);
    return x.bMs.value_or(0) > y.bMs.value_or(0);
  });
  return diff;
}

}  // namespace ridgeline::analyzers
