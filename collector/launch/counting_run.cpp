#include "collector/launch/counting_run.h"

#include "collector/launch/counter_kinds.h"
#include "collector/launch/match_counters.h"
#include "collector/launch/process_names.h"

#include <algorithm>

namespace ridgeline::collector {
namespace {

constexpr size_t kBatch = 1 << 15;

// The kernels of one process of the recording, by the name of its rank.
Result<LaunchMatcher> recordedKernels(const profile::Profile& profile, const std::string& rank) {
  LaunchMatcher matcher;
  int64_t id = 0;
  auto ranks = profile.all<profile::Rank>();
  if (!ranks) return passOn(ranks);
  for (const auto& r : *ranks) {
    if (r.name == rank) id = r.id.value;
  }
  const auto number = [](const profile::Cell& cell) {
    const auto* value = std::get_if<int64_t>(&cell);
    return value ? *value : 0;
  };
  // Correlations grow with every call; the nodes of a graph share one.
  auto read = profile.query(
      fmt::format("SELECT k.slice, l.text, h.grid_x, h.grid_y, h.grid_z, h.block_x, h.block_y, h.block_z "
                  "FROM kernel k JOIN slice s ON s.id = k.slice JOIN track t ON t.id = s.track "
                  "JOIN label l ON l.id = s.label LEFT JOIN launch_shape h ON h.id = k.shape "
                  "WHERE t.rank = {} ORDER BY k.correlation, s.start_ns",
                  id),
      [](const auto&) {},
      [&](const std::vector<profile::Cell>& cells) {
        LaunchMatcher::Shape shape{};
        for (size_t i = 0; i < shape.size(); ++i) shape[i] = number(cells[i + 2]);
        matcher.recorded(profile::textOf(cells[1]), shape, {number(cells[0])});
        return true;
      });
  if (!read) return passOn(read);
  return matcher;
}

// One process's counters: a kernel comes before what was counted of it.
class CounterIngest final : public plugins::SpoolVisitor {
 public:
  CounterIngest(profile::Profile& profile, const SpoolContext& context, const std::string& plugin,
                LaunchMatcher& matcher, CounterKinds& kinds, CountingTotals& totals)
      : m_profile(profile),
        m_context(context),
        m_plugin(plugin),
        m_matcher(matcher),
        m_kinds(kinds),
        m_totals(totals) {}

  Status kernel(const RidgelineKernel& k) override {
    const LaunchMatcher::Shape shape{k.grid[0], k.grid[1], k.grid[2], k.block[0], k.block[1], k.block[2]};
    const auto slice = m_matcher.counted(k.name ? k.name : "", shape);
    m_correlation = k.correlation;
    m_slice = slice.value_or(profile::SliceId{});
    ++(slice ? m_totals.matched : m_totals.unmatched);
    return {};
  }
  Status count(const RidgelineCount& c) override {
    if (!c.counter || !m_slice || c.correlation != m_correlation) return {};
    auto counter = m_kinds.of(m_profile, m_context.plugins, m_plugin, c.counter);
    if (!counter) return passOn(counter);
    m_rows.push_back({m_slice, *counter, c.value, profile::Provenance::Measured});
    return m_rows.size() < kBatch ? Status() : flush();
  }
  Status lost(const RidgelineLost& l) override {
    m_totals.lost += static_cast<int64_t>(std::min<uint64_t>(l.count, INT64_MAX / 2));
    return {};
  }
  Status note(const RidgelineNote& n) override {
    if (!n.text) return {};
    auto line = fmt::format("{}: {}", m_plugin, n.text);
    auto& notes = m_totals.notes;
    if (std::find(notes.begin(), notes.end(), line) == notes.end() && notes.size() < 100) notes.push_back(line);
    return {};
  }
  Status flush() {
    auto added = m_profile.addAll(m_rows);
    m_rows.clear();
    return added;
  }

 private:
  profile::Profile& m_profile;
  const SpoolContext& m_context;
  const std::string& m_plugin;
  LaunchMatcher& m_matcher;
  CounterKinds& m_kinds;
  CountingTotals& m_totals;
  uint64_t m_correlation = 0;
  profile::SliceId m_slice;
  std::vector<profile::KernelCounter> m_rows;
};

}  // namespace

Result<CountingTotals> writeCounters(profile::Profile& profile, const SpoolFolder& spools, const SpoolContext& context,
                                     Job job) {
  CountingTotals totals;
  totals.notes = spools.problems;
  ProcessNames names;
  CounterKinds kinds;
  std::map<std::pair<int64_t, std::string>, std::string> ranks;  // exec() keeps a process's number
  std::map<std::string, LaunchMatcher> matchers;
  job.progress.phase("match counters");
  auto transaction = profile.begin();
  if (!transaction) return passOn(transaction);
  for (const auto& spool : spools.spools) {
    if (auto go = job.stop.check(); !go) return passOn(go);
    auto& rank = ranks[{spool.info.process, spool.info.program}];
    if (rank.empty()) {
      rank = names.next(spool.info.program);
      auto matcher = recordedKernels(profile, rank);
      if (!matcher) return passOn(matcher);
      matchers.emplace(rank, std::move(*matcher));
    }
    CounterIngest ingest(profile, context, spool.info.plugin, matchers.at(rank), kinds, totals);
    if (auto read = plugins::readSpool(spool.path, ingest); !read) return passOn(read);
    if (auto done = ingest.flush(); !done) return passOn(done);
  }
  if (auto done = transaction->commit(); !done) return passOn(done);
  for (const auto& [rank, matcher] : matchers) totals.uncounted += matcher.left();
  return totals;
}

}  // namespace ridgeline::collector
