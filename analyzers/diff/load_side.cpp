#include "analyzers/diff/diff.h"

#include <charconv>
#include <cmath>
#include <map>

namespace ridgeline::analyzers {
namespace {

using namespace profile;

double numberOf(const Cell& cell) {
  if (const auto* i = std::get_if<int64_t>(&cell)) return static_cast<double>(*i);
  if (const auto* d = std::get_if<double>(&cell)) return *d;
  return 0;
}

Status loadRuns(const Profile& profile, DiffSide& side, int64_t& observedRuns) {
  auto runs = profile.all<Run>();
  if (!runs) return passOn(runs);
  std::vector<double> plain, observed;
  for (const auto& run : *runs) {
    (run.kind == RunKind::Plain ? plain : observed).push_back(static_cast<double>(run.durationNs) * 1e-6);
  }
  observedRuns = static_cast<int64_t>(observed.size());
  side.runsMs = plain.empty() ? std::move(observed) : std::move(plain);
  return {};
}

Status loadOperators(const Profile& profile, DiffSide& side, int64_t observedRuns) {
  auto operators = profile.all<Operator>();
  if (!operators) return passOn(operators);
  for (const auto& op : *operators) {
    if (op.depth > 0) continue;
    DiffItem item{.name = op.name, .type = op.opType, .shapes = op.inputShapes, .calls = op.callsPerRun};
    item.timeMs = op.timeNs * 1e-6;
    // 1.2533: of a median, over that of a mean.
    item.errorMs = 1.2533 * op.timeMadNs * 1e-6 / std::sqrt(static_cast<double>(std::max<int64_t>(observedRuns, 1)));
    side.operators.push_back(std::move(item));
  }
  return {};
}

// "ampere_sgemm<128, 64>(float*)" -> "ampere_sgemm"; what a mere change of template arguments leaves alone.
std::string withoutArguments(const std::string& name) {
  size_t from = name.rfind("void ", 0) == 0 ? 5 : 0;
  const auto end = name.find_first_of("<(", from);
  return name.substr(from, end == std::string::npos ? end : end - from);
}

struct KernelSum {
  DiffItem item;
  double calls = 0, squares = 0;     // ms^2, over calls
  std::map<int64_t, double> perRun;  // ms; run 0: outside of any
  double total() const {
    double sum = 0;
    for (const auto& [run, ms] : perRun) sum += ms;
    return sum;
  }
};

// Per run where the recording has several steps, else of the whole recording.
DiffItem itemOf(const KernelSum& sum, size_t runs) {
  DiffItem item = sum.item;
  const double total = sum.total();
  const auto outside = sum.perRun.find(0);
  const double inside = total - (outside == sum.perRun.end() ? 0 : outside->second);
  const bool byRun = runs >= 2 && inside > total / 2;
  const double n = byRun ? static_cast<double>(runs) : 1;
  item.calls = sum.calls / n;
  item.timeMs = (byRun ? inside : total) / n;
  if (byRun && runs >= 4) {
    double squares = 0;
    for (const auto& [run, ms] : sum.perRun) squares += run == 0 ? 0 : ms * ms;
    const double variance = std::max(0.0, squares / n - item.timeMs * item.timeMs);
    item.errorMs = std::sqrt(variance / (n - 1));
  } else if (sum.calls > 1) {
    const double mean = total / sum.calls;
    item.errorMs = std::sqrt(std::max(0.0, sum.squares / sum.calls - mean * mean) * sum.calls) / n;
  }
  return item;
}

Status loadKernels(const Profile& profile, DiffSide& side) {
  auto rows = profile.query(R"sql(
SELECT l.text, COALESCE(g.grid_x || 'x' || g.grid_y || 'x' || g.grid_z || ' ' || g.block_x || 'x' || g.block_y || 'x' || g.block_z, ''),
  COALESCE(s.run, 0), COUNT(*), SUM(s.duration_ns) / 1e6, SUM(s.duration_ns * 1e-6 * s.duration_ns * 1e-6), MIN(s.start_ns) AS first
FROM kernel k JOIN slice s ON s.id = k.slice LEFT JOIN label l ON l.id = s.label LEFT JOIN launch_shape g ON g.id = k.shape
GROUP BY 1, 2, 3 ORDER BY first)sql");
  if (!rows) return passOn(rows);
  std::map<std::pair<std::string, std::string>, size_t> index;
  std::vector<KernelSum> sums;
  std::map<int64_t, bool> runs;
  for (const auto& row : rows->rows) {
    const auto name = textOf(row[0]), shape = textOf(row[1]);
    const auto [it, fresh] = index.try_emplace({name, shape}, sums.size());
    if (fresh) sums.push_back({.item = {.name = name, .type = withoutArguments(name), .shapes = shape}});
    auto& sum = sums[it->second];
    const auto run = static_cast<int64_t>(numberOf(row[2]));
    sum.perRun[run] += numberOf(row[4]);
    sum.calls += numberOf(row[3]);
    sum.squares += numberOf(row[5]);
    if (run != 0) runs[run] = true;
  }
  for (const auto& sum : sums) side.kernels.push_back(itemOf(sum, runs.size()));
  return {};
}

}  // namespace

Result<DiffSide> loadDiffSide(const Profile& profile) {
  DiffSide side;
  const auto get = [&](std::string_view key) { return profile.metaValue(key).value_or(""); };
  side.profileName = profile.name();
  side.model = get(meta::model);
  side.modelSha256 = get(meta::modelSha256);
  side.device = get(meta::device);
  side.engine = get(meta::engine);
  side.created = get(meta::created);
  side.complete = profile.complete();
  const auto threads = get(meta::threads);
  std::from_chars(threads.data(), threads.data() + threads.size(), side.threads);
  int64_t observedRuns = 0;
  if (auto s = loadRuns(profile, side, observedRuns); !s) return passOn(s);
  if (auto s = loadOperators(profile, side, observedRuns); !s) return passOn(s);
  if (auto s = loadKernels(profile, side); !s) return passOn(s);
  return side;
}

}  // namespace ridgeline::analyzers
