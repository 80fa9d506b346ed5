#include "collector/launch/spool_ingest.h"

#include "collector/words/privacy.h"
#include "collector/words/range_name.h"
#include "collector/words/shapes.h"

#include <algorithm>
#include <cstring>

namespace ridgeline::collector {
namespace {

constexpr size_t kBatch = 1 << 15;
constexpr size_t kMostRemembered = 1 << 18;

profile::TrackKind kindOf(const RidgelineTrack& track) {
  switch (track.kind) {
    case RIDGELINE_STREAM:
      return profile::TrackKind::Stream;
    case RIDGELINE_RANGES:
      return profile::TrackKind::Range;
    default:
      return profile::TrackKind::Thread;
  }
}

profile::SliceKind kindOf(const RidgelineSpan& span) {
  switch (span.kind) {
    case RIDGELINE_CALL:
      return profile::SliceKind::Call;
    case RIDGELINE_RANGE:
      return profile::SliceKind::Range;
    case RIDGELINE_SYNC:
      return profile::SliceKind::Sync;
    default:
      return profile::SliceKind::Other;
  }
}

profile::CopyDirection directionOf(const RidgelineCopy& copy) {
  using profile::CopyDirection;
  switch (copy.kind) {
    case RIDGELINE_HOST_TO_DEVICE:
      return CopyDirection::HostToDevice;
    case RIDGELINE_DEVICE_TO_HOST:
      return CopyDirection::DeviceToHost;
    case RIDGELINE_DEVICE_TO_DEVICE:
      return CopyDirection::DeviceToDevice;
    case RIDGELINE_PEER_TO_PEER:
      return CopyDirection::PeerToPeer;
    case RIDGELINE_SET:
      return CopyDirection::Set;
    default:
      return CopyDirection::Unknown;
  }
}

std::optional<int64_t> known(uint64_t value) {
  if (value == 0) return std::nullopt;
  return static_cast<int64_t>(value);
}

}  // namespace

SpoolIngest::SpoolIngest(profile::Profile& profile, const plugins::SpoolInfo& info, profile::RankId rank,
                         const SpoolContext& context, int64_t namespaceOffsetNs, const SpoolSurvey& survey,
                         Shared& shared, profile::TimelineWriter& writer, SpoolTotals& totals)
    : m_profile(profile),
      m_info(info),
      m_rank(rank),
      m_context(context),
      m_namespaceOffsetNs(namespaceOffsetNs),
      m_shared(shared),
      m_survey(survey),
      m_operators(shared.operators[rank]),
      m_totals(totals),
      m_links([this](const LaunchLinks::Work& work) { return give(work); }),
      m_writer(writer) {
  for (const auto& [clock, at] : survey.moments) m_clocks.emplace(clock, plugins::ClockMap(at));
}

Result<plugins::SpoolDamage> SpoolIngest::run(const std::filesystem::path& file) {
  auto damage = plugins::readSpool(file, *this);
  if (!damage) return damage;
  if (auto done = m_links.finish(); !done) return passOn(done);
  if (auto done = flushCounters(); !done) return passOn(done);
  if (auto done = writeIntake(); !done) return passOn(done);
  return damage;
}

Status SpoolIngest::device(const RidgelineDevice& device) {
  if (!device.id) return {};
  auto& known = m_shared.devices[{m_info.plugin, device.id}];
  if (known.row) return {};
  const auto text = [](const char* t) { return std::string(t ? t : ""); };
  profile::Device row{.name = text(device.name), .kind = text(device.kind), .vendor = text(device.vendor)};
  if (row.name.empty()) row.name = m_info.plugin + " device " + device.id;
  if (row.kind.empty()) row.kind = "device";
  if (device.properties) row.properties = device.properties;
  for (const auto& plugin : m_context.plugins) {
    if (plugin.description.name != m_info.plugin) continue;
    for (const auto& described : plugin.description.devices) {
      if (described.id == device.id && described.name == row.name) row.properties = described.properties;
    }
  }
  if (auto free = m_writer.settle(); !free) return free;
  auto id = m_profile.add(row);
  if (!id) return passOn(id);
  known = {.row = *id, .plugin = m_info.plugin, .id = device.id, .name = row.name};
  return {};
}

SpooledDevice* SpoolIngest::deviceOf(const char* id) {
  if (!id) return nullptr;
  const auto known = m_shared.devices.find({m_info.plugin, id});
  return known == m_shared.devices.end() ? nullptr : &known->second;
}

Status SpoolIngest::track(const RidgelineTrack& track) {
  OpenTrack open;
  open.device = deviceOf(track.device);
  const auto clock = m_clocks.find(track.clock);
  if (track.clock != 0 && clock != m_clocks.end()) open.clock = &clock->second;
  open.name = track.name ? track.name : fmt::format("track {}", track.track);
  open.kind = kindOf(track);
  m_tracks[track.track] = open;
  m_lastTrack = nullptr;
  return {};
}

Status SpoolIngest::giveRow(OpenTrack& track) {
  if (auto free = m_writer.settle(); !free) return free;
  auto id = m_profile.add(profile::Track{.device = track.device ? track.device->row : profile::DeviceId{},
                                         .name = track.name,
                                         .kind = track.kind,
                                         .ordinal = m_shared.lastTrack++,
                                         .rank = m_rank});
  if (!id) return passOn(id);
  track.row = *id;
  return {};
}

// Records may come without their track, when the block that held it was lost.
Result<SpoolIngest::OpenTrack*> SpoolIngest::trackOf(uint64_t number) {
  if (m_lastTrack && m_lastTrackNumber == number) return m_lastTrack;
  auto known = m_tracks.find(number);
  if (known == m_tracks.end()) {
    auto unnamed = RIDGELINE_INIT(RidgelineTrack);
    unnamed.track = number;
    unnamed.kind = RIDGELINE_STREAM;
    if (auto made = track(unnamed); !made) return passOn(made);
    known = m_tracks.find(number);
  }
  m_lastTrackNumber = number;
  m_lastTrack = &known->second;
  return m_lastTrack;
}

int64_t SpoolIngest::toProfile(const OpenTrack& track, int64_t ns) const {
  const int64_t host = track.clock ? track.clock->toHost(ns) : ns;
  return host + m_namespaceOffsetNs - m_context.originNs;
}

Result<profile::LabelId> SpoolIngest::label(const char* text) {
  if (const auto seen = m_labels.find(text); seen != m_labels.end()) return seen->second;
  if (auto free = m_writer.settle(); !free) return passOn(free);
  auto id = m_profile.label(text);
  if (id) m_labels.emplace(text, *id);
  return id;
}

Result<profile::SliceId> SpoolIngest::addSlice(OpenTrack& track, const char* name, profile::SliceKind kind,
                                               int64_t startNs, int64_t endNs) {
  auto id = label(name ? name : "(no name)");
  if (!id) return passOn(id);
  return addSlice(track, *id, kind, startNs, endNs);
}

Result<profile::SliceId> SpoolIngest::addSlice(OpenTrack& track, profile::LabelId label, profile::SliceKind kind,
                                               int64_t startNs, int64_t endNs) {
  if (startNs <= 0 || endNs < startNs) {
    ++m_totals.dropped;
    ++m_counts[kind].second;
    return profile::SliceId{};
  }
  if (!track.row) {
    if (auto given = giveRow(track); !given) return passOn(given);
  }
  // The duration is the device's own: two clocks of a machine agree about that better than about the time.
  const profile::Slice row{.id = {++m_shared.lastSlice},
                           .track = track.row,
                           .label = label,
                           .startNs = toProfile(track, startNs),
                           .durationNs = endNs - startNs,
                           .kind = kind};
  if (auto written = m_writer.slice(row); !written) return passOn(written);
  ++m_counts[kind].first;
  return row.id;
}

Result<profile::LaunchShapeId> SpoolIngest::shapeOf(const RidgelineKernel& k) {
  const ShapeKey key{k.grid[0],
                     k.grid[1],
                     k.grid[2],
                     k.block[0],
                     k.block[1],
                     k.block[2],
                     k.registers,
                     k.static_shared_bytes,
                     k.dynamic_shared_bytes};
  if (m_lastShape && key == m_lastShapeKey) return m_lastShape;
  m_lastShapeKey = key;
  auto& id = m_shared.shapes[key];
  m_lastShape = id;
  if (id) return id;
  profile::LaunchShape row;
  row.gridX = known(k.grid[0]), row.gridY = known(k.grid[1]), row.gridZ = known(k.grid[2]);
  row.blockX = known(k.block[0]), row.blockY = known(k.block[1]), row.blockZ = known(k.block[2]);
  row.registers = known(k.registers);
  // Where the registers are known, no shared memory means that there is none.
  if (k.registers || k.static_shared_bytes || k.dynamic_shared_bytes) {
    row.staticShared = k.static_shared_bytes;
    row.dynamicShared = k.dynamic_shared_bytes;
  }
  if (auto free = m_writer.settle(); !free) return passOn(free);
  auto added = m_profile.add(row);
  if (added) m_lastShape = id = *added;
  return added;
}

void SpoolIngest::remember(uint64_t correlation, profile::SliceId kernel) {
  if (correlation == 0 || !m_survey.hasKernelCounts) return;
  if (m_kernels.size() >= kMostRemembered) m_kernels.clear();
  m_kernels[correlation] = kernel;
}

Status SpoolIngest::kernel(const RidgelineKernel& k) {
  const auto track = trackOf(k.track);
  if (!track) return tl::unexpected<Error>(track.error());
  const auto slice = addSlice(**track, k.name, profile::SliceKind::Kernel, k.start_ns, k.end_ns);
  if (!slice || !*slice) return slice ? Status() : tl::unexpected<Error>(slice.error());
  auto shape = shapeOf(k);
  if (!shape) return passOn(shape);
  ++m_totals.kernels;
  if (auto* device = (*track)->device) {
    ++device->kernels;
    device->busyNs += k.end_ns - k.start_ns;
  }
  remember(k.correlation, *slice);
  const profile::KernelLaunch row{
      .slice = *slice, .shape = *shape, .correlation = known(k.correlation), .graphNode = known(k.graph_node)};
  return m_survey.hasCalls ? m_links.work(k.correlation, row) : m_writer.kernel(row);
}

Status SpoolIngest::copy(const RidgelineCopy& c) {
  const auto track = trackOf(c.track);
  if (!track) return tl::unexpected<Error>(track.error());
  const auto direction = directionOf(c);
  const auto kind = direction == profile::CopyDirection::Set ? profile::SliceKind::Set : profile::SliceKind::Copy;
  const auto slice = addSlice(**track, c.name ? c.name : copyLabel(direction), kind, c.start_ns, c.end_ns);
  if (!slice || !*slice) return slice ? Status() : tl::unexpected<Error>(slice.error());
  ++m_totals.copies;
  profile::Copy row{.slice = *slice, .direction = direction, .correlation = known(c.correlation)};
  row.bytes = static_cast<int64_t>(c.bytes);
  if (c.flags & RIDGELINE_PAGEABLE) row.pinned = false;
  return m_survey.hasCalls ? m_links.work(c.correlation, row) : m_writer.copy(row);
}

Status SpoolIngest::span(const RidgelineSpan& s) {
  const auto track = trackOf(s.track);
  if (!track) return tl::unexpected<Error>(track.error());
  ++m_totals.spans;
  if (s.kind == RIDGELINE_RANGE) return range(**track, s);
  const auto slice = addSlice(**track, s.name, kindOf(s), s.start_ns, s.end_ns);
  if (!slice || !*slice) return slice ? Status() : tl::unexpected<Error>(slice.error());
  if (s.kind == RIDGELINE_CALL && s.correlation) m_links.call(s.correlation, *slice);
  return {};
}

// The program named it: what it says of the machine stays out of the profile. Operators are known by their names.
Status SpoolIngest::range(OpenTrack& track, const RidgelineSpan& s) {
  const std::string_view text = s.name ? s.name : "(no name)";
  const auto split = splitRangeName(text);
  const auto name = cleaned(split.name);
  auto& known = m_rangeLabels[name];
  if (!known) {
    if (auto free = m_writer.settle(); !free) return free;
    auto made = m_profile.label(name);
    if (!made) return passOn(made);
    known = *made;
  }
  const auto kind = split.isOperator ? profile::SliceKind::Operator : profile::SliceKind::Range;
  const auto slice = addSlice(track, known, kind, s.start_ns, s.end_ns);
  if (!slice || !*slice) return slice ? Status() : tl::unexpected<Error>(slice.error());
  if (!split.isOperator) {
    m_operators.addRange();
  } else {
    m_operators.addOperator(*slice, name, split.sizes.size() > 4 ? shapesText(split.sizes, "") : "");
  }
  return {};
}

Status SpoolIngest::count(const RidgelineCount& c) {
  if (!c.counter) return {};
  if (c.correlation != 0) {
    const auto kernel = m_kernels.find(c.correlation);
    if (kernel == m_kernels.end()) {
      ++m_missing[{"counter", "its kernel is not there"}];
      return {};
    }
    if (auto free = m_writer.settle(); !free) return free;
    auto counter = m_shared.counters.of(m_profile, m_context.plugins, m_info.plugin, c.counter);
    if (!counter) return passOn(counter);
    m_kernelCounters.push_back({kernel->second, *counter, c.value, profile::Provenance::Measured});
    return m_kernelCounters.size() < kBatch ? Status() : flushCounters();
  }
  const auto track = trackOf(c.track);
  if (!track) return tl::unexpected<Error>(track.error());
  auto& series = m_series[{c.track, c.counter}];
  if (!series) {
    if (auto free = m_writer.settle(); !free) return free;
    const auto* device = (*track)->device;
    auto added =
        m_profile.add(profile::Series{.rank = m_rank,
                                      .device = device ? device->row : profile::DeviceId{},
                                      .name = c.counter,
                                      .unit = describeCounter(m_context.plugins, m_info.plugin, c.counter).unit});
    if (!added) return passOn(added);
    series = *added;
  }
  return m_writer.sample({.series = series, .atNs = toProfile(**track, c.time_ns), .value = c.value});
}

Status SpoolIngest::lost(const RidgelineLost& l) {
  const auto count = static_cast<int64_t>(std::min<uint64_t>(l.count, INT64_MAX / 2));
  m_totals.lost += count;
  m_missing[{"record", l.why ? l.why : "lost"}] += count;
  return {};
}

Status SpoolIngest::note(const RidgelineNote& n) {
  if (!n.text) return {};
  const auto line = fmt::format("{}: {}", m_info.plugin, n.text);
  auto& notes = m_totals.notes;
  if (std::find(notes.begin(), notes.end(), line) == notes.end() && notes.size() < 100) notes.push_back(line);
  return {};
}

Status SpoolIngest::give(const LaunchLinks::Work& work) {
  if (const auto* kernel = std::get_if<profile::KernelLaunch>(&work)) return m_writer.kernel(*kernel);
  return m_writer.copy(std::get<profile::Copy>(work));
}

Status SpoolIngest::flushCounters() {
  if (auto free = m_writer.settle(); !free) return free;
  auto added = m_profile.addAll(m_kernelCounters);
  m_kernelCounters.clear();
  return added;
}

Status SpoolIngest::writeIntake() {
  if (auto free = m_writer.settle(); !free) return free;
  const auto write = [this](std::string what, int64_t count, bool kept, std::string note) -> Status {
    if (count == 0) return {};
    auto added = m_profile.add(profile::Intake{
        .rank = m_rank, .what = std::move(what), .count = count, .kept = kept, .note = std::move(note)});
    return added ? Status() : passOn(added);
  };
  for (const auto& [kind, counts] : m_counts) {
    const std::string what(nameOf(kind));
    if (auto done = write(what, counts.first, true, ""); !done) return done;
    if (auto done = write(what, counts.second, false, "its times make no sense"); !done) return done;
  }
  for (const auto& [key, count] : m_missing) {
    if (auto done = write(key.first, count, false, key.second); !done) return done;
  }
  return {};
}

}  // namespace ridgeline::collector
