#include "gui/models/timeline_queries.h"

#include "gui/models/cells.h"
#include "gui/models/text.h"

#include <algorithm>
#include <limits>

namespace ridgeline::gui {
namespace {

using profile::Cell;
using profile::Profile;
using Cells = std::vector<Cell>;

template <class Visit>
void each(const Profile& profile, const std::string& sql, Visit visit, const StopFlag* stop = nullptr) {
  // What cannot be read is not shown; the spans themselves tell about damage.
  (void)profile.query(
      sql, [](const auto&) {},
      [&](const Cells& cells) {
        visit(cells);
        return true;
      },
      stop);
}

std::string listOf(const std::vector<int64_t>& ids, int sign = 1) {
  std::string out;
  for (const auto id : ids) {
    if (id * sign > 0) out += (out.empty() ? "" : ",") + std::to_string(id * sign);
  }
  return out.empty() ? "NULL" : out;
}

profile::TrackKind kindOf(const std::string& name) {
  return name == "stream"  ? profile::TrackKind::Stream
         : name == "range" ? profile::TrackKind::Range
                           : profile::TrackKind::Thread;
}

QString timeText(int64_t ns) { return msText(static_cast<double>(ns) * 1e-6); }

}  // namespace

std::vector<TimelineTrack> readTracks(const Profile& profile, const std::vector<profile::LevelTrack>& levels) {
  std::unordered_map<int64_t, const profile::LevelTrack*> byId;
  for (const auto& level : levels) byId[level.track.value] = &level;
  std::vector<TimelineTrack> tracks;
  std::vector<QString> groups;
  each(profile,
       "SELECT t.id, t.name, t.kind, COALESCE(r.name, ''), COALESCE(d.name, '') FROM track t LEFT JOIN rank r ON r.id "
       "= t.rank "
       "LEFT JOIN device d ON d.id = t.device ORDER BY COALESCE(r.ordinal, 0), t.kind = 'stream', COALESCE(d.ordinal, "
       "0), t.ordinal, t.id",
       [&](const Cells& c) {
         const auto it = byId.find(integerOf(c[0]));
         if (it == byId.end()) return;
         TimelineTrack track;
         track.id = integerOf(c[0]);
         track.name = oneLine(qs(textIn(c[1])));
         if (track.name.isEmpty()) track.name = QStringLiteral("track %1").arg(track.id);
         track.kind = kindOf(textIn(c[2]));
         const QString rank = qs(textIn(c[3])), device = qs(textIn(c[4]));
         track.group = track.kind == profile::TrackKind::Stream && !device.isEmpty()
                           ? (rank.isEmpty() ? device : rank + QStringLiteral(", ") + device)
                           : rank;
         track.lanes = static_cast<int>(it->second->lanes);
         track.startNs = it->second->startNs, track.endNs = it->second->endNs, track.slices = it->second->slices;
         if (std::find(groups.begin(), groups.end(), track.group) == groups.end()) groups.push_back(track.group);
         tracks.push_back(std::move(track));
       });
  if (groups.size() < 2) {
    for (auto& track : tracks) track.group.clear();
  }
  return tracks;
}

std::unordered_map<int64_t, QString> readNames(const Profile& profile) {
  std::unordered_map<int64_t, QString> names;
  each(profile, "SELECT id, text FROM label LIMIT 500000",
       [&](const Cells& c) { names[integerOf(c[0])] = oneLine(qs(textIn(c[1]))); });
  return names;
}

std::vector<TimelineFlow> readFlows(const Profile& profile, const std::vector<int64_t>& slices, const StopFlag& stop) {
  std::vector<TimelineFlow> flows;
  if (slices.empty()) return flows;
  const auto add = [&](const Cells& c) {
    flows.push_back(
        {integerOf(c[0]), integerOf(c[1]), integerOf(c[2]), integerOf(c[3]), integerOf(c[4]), integerOf(c[5])});
  };
  const std::string list = listOf(slices);
  // An arrow leaves a launch where it starts: a launch that waits ends long after its kernel began.
  const std::string ends = "SELECT a.id, a.track, a.start_ns, b.id, b.track, b.start_ns FROM ";
  for (const char* table : {"kernel", "copy"}) {
    const std::string join =
        std::string(table) + " k JOIN slice a ON a.id = k.launch JOIN slice b ON b.id = k.slice WHERE ";
    each(profile, ends + join + "k.slice IN (" + list + ")", add, &stop);
    // There is no index by launch, so many are not looked for.
    if (slices.size() == 1)
      each(profile, ends + join + "k.launch IN (" + list + ") AND k.slice NOT IN (" + list + ")", add, &stop);
  }
  if (slices.size() == 1) {
    each(profile,
         ends + "flow f JOIN slice a ON a.id = f.source JOIN slice b ON b.id = f.target WHERE f.source IN (" + list +
             ") OR f.target IN (" + list + ")",
         add, &stop);
  }
  return flows;
}

Facts sliceFacts(const Profile& profile, const Document& document, const Span& span, const QString& name,
                 const QString& track) {
  Facts facts;
  facts.title = name;
  const auto line = [&](const char* what, const QString& value) {
    if (!value.isEmpty()) facts.lines.emplace_back(QString::fromUtf8(what), value);
  };
  facts.subtitle = qs(nameOf(span.kind)) + QStringLiteral(" on ") + track;
  if (span.count > 1) {
    facts.subtitle = QStringLiteral("%1 slices on %2; zoom in to see each").arg(span.count).arg(track);
    line("From", timeText(span.startNs));
    line("Until", timeText(span.endNs));
    line("Busy", timeText(span.busyNs));
    line("Longest", timeText(span.longestNs));
    return facts;
  }
  line("Duration", timeText(span.endNs - span.startNs));
  line("Start", timeText(span.startNs));
  const std::string id = std::to_string(span.slice);
  each(profile, "SELECT r.kind, r.ordinal, r.name FROM slice s JOIN run r ON r.id = s.run WHERE s.id = " + id,
       [&](const Cells& c) {
         const QString run = qs(textIn(c[2]));
         line("Run", run.isEmpty() ? QStringLiteral("%1, %2").arg(integerOf(c[1])).arg(qs(textIn(c[0]))) : run);
       });
  each(profile,
       "SELECT p.grid_x, p.grid_y, p.grid_z, p.block_x, p.block_y, p.block_z, p.registers, p.static_shared_bytes + "
       "p.dynamic_shared_bytes, p.occupancy, k.caller, a.start_ns, b.start_ns FROM kernel k LEFT JOIN launch_shape p "
       "ON p.id = k.shape LEFT JOIN "
       "slice a ON a.id = k.launch JOIN slice b ON b.id = k.slice WHERE k.slice = " +
           id,
       [&](const Cells& c) {
         const auto triple = [&](size_t at) {
           return realOf(c[at]) ? QStringLiteral("%1 × %2 × %3")
                                      .arg(integerOf(c[at]))
                                      .arg(integerOf(c[at + 1]))
                                      .arg(integerOf(c[at + 2]))
                                : QString();
         };
         line("Grid", triple(0));
         line("Block", triple(3));
         if (realOf(c[6])) line("Registers", QString::number(integerOf(c[6])));
         if (realOf(c[7])) line("Shared memory", bytesText(*realOf(c[7])));
         if (realOf(c[8])) line("Occupancy", percentText(*realOf(c[8])));
         if (realOf(c[10])) line("After its launch", timeText(integerOf(c[11]) - integerOf(c[10])));
       });
  each(profile, "SELECT direction, bytes FROM copy WHERE slice = " + id, [&](const Cells& c) {
    line("Direction", qs(textIn(c[0])).replace(QLatin1Char('_'), QLatin1Char(' ')));
    const auto bytes = realOf(c[1]);
    if (!bytes) return;
    line("Bytes", bytesText(*bytes));
    if (span.endNs > span.startNs)
      line("Rate", rateText(*bytes / (static_cast<double>(span.endNs - span.startNs) * 1e-9), "B"));
  });
  each(profile,
       "SELECT COALESCE(l.text, o.name) FROM (SELECT caller FROM kernel WHERE slice = " + id +
           " UNION ALL SELECT caller FROM copy WHERE slice = " + id +
           ") k JOIN slice s ON s.id = k.caller LEFT JOIN label l ON l.id = s.label LEFT JOIN operator o ON o.id = "
           "s.operator",
       [&](const Cells& c) { line("Launched by", oneLine(qs(textIn(c[0])))); });
  if (const auto* op = span.name < 0 ? document.find(profile::OperatorId{-span.name}) : nullptr) {
    auto more = factsOf(document, {ItemKind::Operator, op->id.value});
    facts.subtitle = more.subtitle + QStringLiteral(", on ") + track;
    facts.bound = more.bound, facts.timeMs = more.timeMs, facts.roofMs = more.roofMs;
    facts.lines.emplace_back(QString(), QStringLiteral("In all runs"));
    facts.lines.insert(facts.lines.end(), more.lines.begin(), more.lines.end());
  }
  return facts;
}

Facts stretchFacts(const Profile& profile, int64_t fromNs, int64_t toNs, const std::vector<int64_t>& tracks,
                   const std::unordered_map<int64_t, QString>& names, const StopFlag& stop) {
  struct Sum {
    int64_t name, count, ns;
  };
  std::vector<Sum> sums;
  int64_t count = 0;
  each(
      profile,
      fmt::format("SELECT COALESCE(label, -operator, 0) AS n, COUNT(*), SUM(MIN(start_ns + duration_ns, {1}) - "
                  "MAX(start_ns, {0})) FROM slice WHERE track IN "
                  "({2}) AND start_ns < {1} AND start_ns + duration_ns > {0} GROUP BY n",
                  fromNs, toNs, listOf(tracks)),
      [&](const Cells& c) {
        sums.push_back({integerOf(c[0]), integerOf(c[1]), integerOf(c[2])});
        count += integerOf(c[1]);
      },
      &stop);
  std::sort(sums.begin(), sums.end(),
            [](const Sum& a, const Sum& b) { return a.ns != b.ns ? a.ns > b.ns : a.name < b.name; });
  Facts facts;
  facts.title = timeText(toNs - fromNs);
  facts.subtitle = QStringLiteral("selected: %1 slices on %2 tracks").arg(count).arg(tracks.size());
  facts.lines.emplace_back(QStringLiteral("From"), timeText(fromNs));
  facts.lines.emplace_back(QStringLiteral("Until"), timeText(toNs));
  facts.lines.emplace_back(QString(), QStringLiteral("By name, children within parents"));
  for (size_t i = 0; i < std::min<size_t>(25, sums.size()); ++i) {
    const auto it = names.find(sums[i].name);
    facts.lines.emplace_back(timeText(sums[i].ns),
                             QStringLiteral("%1 × %2")
                                 .arg(sums[i].count)
                                 .arg(shortened(it == names.end() ? QStringLiteral("(no name)") : it->second, 60)));
  }
  return facts;
}

std::optional<Found> findNext(const Profile& profile, const std::vector<int64_t>& names, int64_t afterNs,
                              const StopFlag& stop) {
  std::optional<Found> found;
  const std::string where =
      fmt::format("(label IN ({}) OR (label IS NULL AND operator IN ({})))", listOf(names), listOf(names, -1));
  for (const auto& from : {std::to_string(afterNs), std::to_string(std::numeric_limits<int64_t>::min())}) {
    each(
        profile,
        "SELECT id, track, start_ns, start_ns + duration_ns FROM slice WHERE " + where + " AND start_ns > " + from +
            " ORDER BY start_ns, id LIMIT 1",
        [&](const Cells& c) {
          found = Found{integerOf(c[0]), integerOf(c[1]), integerOf(c[2]), integerOf(c[3])};
        },
        &stop);
    if (found) break;
  }
  return found;
}

}  // namespace ridgeline::gui
