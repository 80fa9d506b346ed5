#include "export/timeline.h"

#include <algorithm>

namespace ridgeline::exporting {
namespace {

using namespace profile;

int64_t integerOf(const Cell& cell) {
  const auto* i = std::get_if<int64_t>(&cell);
  return i ? *i : 0;
}

bool isNull(const Cell& cell) { return std::holds_alternative<std::monostate>(cell); }

std::vector<int64_t> arrowsOf(const std::vector<std::pair<int64_t, int64_t>>& ends, int64_t slice) {
  std::vector<int64_t> out;
  for (auto it = std::lower_bound(ends.begin(), ends.end(), std::pair<int64_t, int64_t>(slice, 0));
       it != ends.end() && it->first == slice; ++it) {
    out.push_back(it->second);
  }
  return out;
}

constexpr const char* kSlices = R"sql(
SELECT s.id, s.start_ns, s.duration_ns, COALESCE(l.text, o.name, ''), s.kind, o.op_type, NULLIF(o.input_shapes, ''),
  g.grid_x || 'x' || g.grid_y || 'x' || g.grid_z, g.block_x || 'x' || g.block_y || 'x' || g.block_z, g.registers, g.occupancy,
  COALESCE(k.correlation, c.correlation), c.direction, c.bytes, b.bound
FROM slice s LEFT JOIN label l ON l.id = s.label LEFT JOIN operator o ON o.id = s.operator
  LEFT JOIN kernel k ON k.slice = s.id LEFT JOIN copy c ON c.slice = s.id LEFT JOIN launch_shape g ON g.id = k.shape
  LEFT JOIN classification b ON b.operator = s.operator
WHERE s.track = {} ORDER BY s.start_ns, s.duration_ns DESC, s.id)sql";
constexpr const char* kDetails[] = {"op_type",   "input_shapes", "grid",      "block", "registers",
                                    "occupancy", "correlation",  "direction", "bytes", "bound"};
constexpr size_t kFirstDetail = 5;

TimelineSlice sliceOf(const std::vector<Cell>& row) {
  TimelineSlice s;
  s.id = integerOf(row[0]);
  s.startNs = integerOf(row[1]);
  s.durationNs = std::max<int64_t>(integerOf(row[2]), 0);
  s.name = textOf(row[3]);
  s.kind = textOf(row[4]);
  for (size_t i = 0; i < std::size(kDetails); ++i) {
    if (!isNull(row[kFirstDetail + i])) s.details.push_back({kDetails[i], row[kFirstDetail + i]});
  }
  return s;
}

}  // namespace

Result<Timeline> Timeline::open(const Profile& profile) {
  Timeline timeline(profile);
  if (auto s = timeline.loadTracks(); !s) return passOn(s);
  if (auto s = timeline.loadFlows(); !s) return passOn(s);
  if (auto s = timeline.loadExtent(); !s) return passOn(s);
  return timeline;
}

int64_t Timeline::groupOf(RankId rank, DeviceId device, bool ofDevice) {
  const std::pair<int64_t, int64_t> key{rank.value, ofDevice ? device.value : 0};
  const auto known = std::find(m_groupKeys.begin(), m_groupKeys.end(), key);
  if (known != m_groupKeys.end()) return m_groups[static_cast<size_t>(known - m_groupKeys.begin())].id;
  std::string name;
  for (const auto& r : m_ranks) {
    if (r.id == rank) name = r.name;
  }
  if (name.empty() && !ofDevice) name = m_profile->metaValue(meta::model).value_or("");
  for (const auto& d : m_devices) {
    if (!ofDevice || d.id != device) continue;
    if (!name.empty()) name += ": ";
    name += d.name.empty() ? d.kind : d.name;
    if (d.ordinal) name += fmt::format(" #{}", *d.ordinal);
  }
  if (name.empty()) name = ofDevice ? "device" : "process";
  m_groupKeys.push_back(key);
  m_groups.push_back({static_cast<int64_t>(m_groups.size()) + 1, name});
  return m_groups.back().id;
}

Status Timeline::loadTracks() {
  auto ranks = m_profile->all<Rank>();
  if (!ranks) return passOn(ranks);
  auto devices = m_profile->all<Device>();
  if (!devices) return passOn(devices);
  auto tracks = m_profile->all<Track>();
  if (!tracks) return passOn(tracks);
  auto series = m_profile->all<Series>();
  if (!series) return passOn(series);
  m_ranks = std::move(*ranks);
  m_devices = std::move(*devices);
  std::stable_sort(tracks->begin(), tracks->end(), [](const Track& x, const Track& y) {
    return std::pair(x.rank.value, x.ordinal) < std::pair(y.rank.value, y.ordinal);
  });
  for (const auto& t : *tracks) {
    m_tracks.push_back({t.id, groupOf(t.rank, t.device, t.kind == TrackKind::Stream), t.name, t.kind});
  }
  for (const auto& s : *series) {
    m_series.push_back({s.id, groupOf(s.rank, s.device, static_cast<bool>(s.device)), s.name, s.unit});
  }
  return {};
}

// Arrows are numbered by where they come from: those of launches first, then the recorded ones.
Status Timeline::loadFlows() {
  const auto add = [this](const std::vector<Cell>& row) {
    ++m_flowCount;
    m_out.emplace_back(integerOf(row[0]), m_flowCount);
    m_in.emplace_back(integerOf(row[1]), m_flowCount);
    return true;
  };
  const auto s = m_profile->query(R"sql(
SELECT launch, slice FROM kernel WHERE launch IS NOT NULL UNION ALL
SELECT launch, slice FROM copy WHERE launch IS NOT NULL UNION ALL
SELECT source, target FROM flow WHERE source IS NOT NULL AND target IS NOT NULL)sql",
                                  [](const std::vector<std::string>&) {}, add);
  if (!s) return s;
  std::sort(m_out.begin(), m_out.end());
  std::sort(m_in.begin(), m_in.end());
  return {};
}

Status Timeline::loadExtent() {
  auto extent = m_profile->query(
      "SELECT (SELECT COUNT(*) FROM slice), MIN(COALESCE((SELECT MIN(start_ns) FROM slice), 0), COALESCE((SELECT "
      "MIN(at_ns) FROM sample), 0))");
  if (!extent) return passOn(extent);
  m_sliceCount = integerOf(extent->rows[0][0]);
  m_shiftNs = std::max<int64_t>(0, -integerOf(extent->rows[0][1]));
  return {};
}

Status Timeline::eachSlice(const TimelineTrack& track, const std::function<void(const TimelineSlice&)>& visit,
                           Job job) const {
  return m_profile->query(
      fmt::format(kSlices, track.id.value), [](const std::vector<std::string>&) {},
      [&](const std::vector<Cell>& row) {
        auto slice = sliceOf(row);
        slice.startNs += m_shiftNs;
        slice.flowsOut = arrowsOf(m_out, slice.id);
        slice.flowsIn = arrowsOf(m_in, slice.id);
        visit(slice);
        return true;
      },
      &job.stop);
}

Status Timeline::eachSample(const TimelineSeries& series, const std::function<void(int64_t, double)>& visit,
                            Job job) const {
  return m_profile->query(
      fmt::format("SELECT at_ns, value FROM sample WHERE series = {} ORDER BY at_ns, id", series.id.value),
      [](const std::vector<std::string>&) {},
      [&](const std::vector<Cell>& row) {
        const auto* real = std::get_if<double>(&row[1]);
        visit(integerOf(row[0]) + m_shiftNs, real ? *real : static_cast<double>(integerOf(row[1])));
        return true;
      },
      &job.stop);
}

}  // namespace ridgeline::exporting
