#include "collector/launch/range_operators.h"

#include "collector/words/nesting.h"
#include "collector/words/operator_row.h"

namespace ridgeline::collector {
namespace {

int64_t number(const profile::Cell& cell) {
  const auto* value = std::get_if<int64_t>(&cell);
  return value ? *value : 0;
}

}  // namespace

void RangeOperators::addOperator(profile::SliceId slice, const std::string& name, const std::string& shapes) {
  m_any = true;
  const auto [known, fresh] = m_groupNumbers.try_emplace({name, shapes}, static_cast<uint32_t>(m_groups.size()));
  if (fresh) m_groups.push_back({.name = name, .shapes = shapes});
  ++m_groups[known->second].calls;
  m_groupOf[slice.value] = known->second;
}

Result<std::vector<RangeOperators::Caller>> RangeOperators::callersOn(const profile::Profile& profile,
                                                                      profile::TrackId track) {
  std::vector<Caller> callers;
  Nesting<int64_t> nesting;
  auto read = profile.query(
      fmt::format("SELECT id, start_ns, duration_ns, kind FROM slice WHERE track = {} AND kind IN ('call', 'operator', "
                  "'range') ORDER BY start_ns, duration_ns DESC, id",
                  track.value),
      [](const auto&) {},
      [&](const std::vector<profile::Cell>& cells) {
        const int64_t slice = number(cells[0]), start = number(cells[1]);
        const auto kind = profile::textOf(cells[3]);
        nesting.leaveBefore(start);
        if (kind != "call") {
          nesting.enter(start, start + number(cells[2]), slice, kind == "operator");
        } else if (const int64_t caller = nesting.innermost(0); caller != 0) {
          callers.push_back({{slice}, {caller}});
        }
        return true;
      });
  if (!read) return passOn(read);
  return callers;
}

Status RangeOperators::findCallers(const profile::Profile& profile, profile::TimelineWriter& writer,
                                   profile::RankId rank) {
  auto tracks = profile.all<profile::Track>();
  if (!tracks) return passOn(tracks);
  for (const auto& track : *tracks) {
    if (track.rank != rank || track.kind != profile::TrackKind::Thread) continue;
    auto callers = callersOn(profile, track.id);
    if (!callers) return passOn(callers);
    for (const auto& [call, caller] : *callers) {
      if (auto told = writer.caller(call, caller); !told) return told;
    }
  }
  return {};
}

// The time of an operator is that of the work it launched.
Status RangeOperators::sumWork(const profile::Profile& profile,
                               std::vector<std::pair<profile::SliceId, uint32_t>>& callers, profile::RankId rank) {
  return profile.query(
      fmt::format("SELECT w.caller, MIN(t.device), SUM(s.duration_ns) FROM (SELECT slice, caller FROM kernel UNION ALL "
                  "SELECT slice, caller FROM copy) w JOIN slice s ON s.id = w.slice JOIN track t ON t.id = s.track "
                  "WHERE w.caller IS NOT NULL AND t.rank = {} GROUP BY w.caller",
                  rank.value),
      [](const auto&) {},
      [&](const std::vector<profile::Cell>& cells) {
        const auto group = m_groupOf.find(number(cells[0]));
        if (group == m_groupOf.end()) return true;
        auto& g = m_groups[group->second];
        g.device = {number(cells[1])};
        g.totalNs += static_cast<double>(number(cells[2]));
        callers.emplace_back(profile::SliceId{group->first}, group->second);
        return true;
      });
}

Status RangeOperators::write(profile::Profile& profile, profile::TimelineWriter& writer, profile::RankId rank) {
  if (!m_any) return {};
  if (auto found = findCallers(profile, writer, rank); !found) return found;
  if (auto linked = writer.linkCallers(); !linked) return linked;
  std::vector<std::pair<profile::SliceId, uint32_t>> callers;
  if (auto summed = sumWork(profile, callers, rank); !summed) return summed;
  for (auto& group : m_groups) {
    if (group.totalNs <= 0) continue;
    auto row = operatorRow(group.name, group.shapes, static_cast<double>(group.calls));
    row.device = group.device;
    row.timeNs = group.totalNs;
    auto added = profile.add(row);
    if (!added) return passOn(added);
    group.row = *added;
  }
  for (const auto& [slice, group] : callers) {
    if (auto named = writer.operatorOf(slice, m_groups[group].row); !named) return named;
  }
  return writer.linkOperators();
}

}  // namespace ridgeline::collector
