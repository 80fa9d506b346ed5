#include "export/export.h"
#include "export/file_writer.h"
#include "export/nesting.h"
#include "export/timeline.h"

#include <protozero/pbf_writer.hpp>

#include <map>
#include <unordered_map>

namespace ridgeline::exporting {
namespace {

// Field numbers of Perfetto's messages (protos/perfetto/trace in its repository); they never change.
namespace trace {
enum : uint32_t { packet = 1 };
}
namespace trace_packet {
enum : uint32_t {
  timestamp = 8,
  trusted_packet_sequence_id = 10,
  track_event = 11,
  interned_data = 12,
  sequence_flags = 13,
  track_descriptor = 60
};
constexpr uint32_t incremental_state_cleared = 1, needs_incremental_state = 2;
}  // namespace trace_packet
namespace track_descriptor {
enum : uint32_t { uuid = 1, name = 2, process = 3, thread = 4, parent_uuid = 5, counter = 8 };
}
namespace process_descriptor {
enum : uint32_t { pid = 1, process_name = 6 };
}
namespace thread_descriptor {
enum : uint32_t { pid = 1, tid = 2, thread_name = 5 };
}
namespace counter_descriptor {
enum : uint32_t { unit = 3, unit_name = 6 };
enum Unit : int32_t { size_bytes = 3 };
}  // namespace counter_descriptor
namespace track_event {
enum : uint32_t {
  category_iids = 3,
  debug_annotations = 4,
  type = 9,
  name_iid = 10,
  track_uuid = 11,
  double_counter_value = 44,
  flow_ids = 47,
  terminating_flow_ids = 48
};
enum Type : int32_t { slice_begin = 1, slice_end = 2, counter = 4 };
}  // namespace track_event
namespace interned_data {
enum : uint32_t { event_categories = 1, event_names = 2, debug_annotation_names = 3 };
enum Entry : uint32_t { iid = 1, name = 2 };
}  // namespace interned_data
namespace debug_annotation {
enum : uint32_t { name_iid = 1, int_value = 4, double_value = 5, string_value = 6 };
}

using protozero::pbf_writer;

// Texts that are written once and then meant by number.
class Interned {
 public:
  explicit Interned(uint32_t field) : m_field(field) {}
  // The number of `text`; a new one is put into `fresh`, the packet's interned data.
  uint64_t of(const std::string& text, std::string& fresh) {
    const auto [it, isNew] = m_ids.try_emplace(text, m_ids.size() + 1);
    if (isNew) {
      pbf_writer data(fresh);
      pbf_writer entry(data, m_field);
      entry.add_uint64(interned_data::iid, it->second);
      entry.add_string(interned_data::name, text);
    }
    return it->second;
  }

 private:
  uint32_t m_field;
  std::unordered_map<std::string, uint64_t> m_ids;
};

constexpr uint32_t kSequence = 1;

class PerfettoWriter {
 public:
  PerfettoWriter(const Timeline& timeline, FileWriter& file, Job job)
      : m_timeline(timeline), m_file(file), m_job(job) {}

  Result<ExportSummary> write() {
    for (const auto& group : m_timeline.groups()) writeProcess(group);
    int64_t tid = 0;
    for (const auto& track : m_timeline.tracks()) {
      if (auto s = writeTrack(track, ++tid); !s) return passOn(s);
    }
    for (const auto& series : m_timeline.series()) {
      if (auto s = writeSeries(series); !s) return passOn(s);
    }
    m_summary.flows = m_timeline.flowCount();
    return m_summary;
  }

 private:
  // A packet of its own; `fill` adds its payload.
  template <class Fill>
  void packet(Fill fill) {
    m_packet.clear();
    pbf_writer p(m_packet);
    p.add_uint32(trace_packet::trusted_packet_sequence_id, kSequence);
    const bool first = m_first;
    m_first = false;
    p.add_uint32(trace_packet::sequence_flags,
                 trace_packet::needs_incremental_state | (first ? trace_packet::incremental_state_cleared : 0));
    fill(p);
    m_out.clear();
    pbf_writer(m_out).add_message(trace::packet, m_packet);
    m_file.write(m_out);
  }

  uint64_t processUuid(int64_t group) const { return static_cast<uint64_t>(group); }
  uint64_t freshUuid() { return 1000 + m_timeline.groups().size() + m_uuids++; }

  void writeProcess(const TrackGroup& group) {
    packet([&](pbf_writer& p) {
      pbf_writer d(p, trace_packet::track_descriptor);
      d.add_uint64(track_descriptor::uuid, processUuid(group.id));
      pbf_writer process(d, track_descriptor::process);
      process.add_int32(process_descriptor::pid, static_cast<int32_t>(group.id));
      process.add_string(process_descriptor::process_name, group.name);
    });
  }

  // A thread's first lane is a thread to the viewer; streams, ranges and further lanes are tracks of the process.
  uint64_t writeLane(const TimelineTrack& track, int64_t tid, size_t lane) {
    const auto uuid = freshUuid();
    packet([&](pbf_writer& p) {
      pbf_writer d(p, trace_packet::track_descriptor);
      d.add_uint64(track_descriptor::uuid, uuid);
      d.add_uint64(track_descriptor::parent_uuid, processUuid(track.group));
      d.add_string(track_descriptor::name, lane == 0 ? track.name : fmt::format("{} ({})", track.name, lane + 1));
      if (track.kind == profile::TrackKind::Thread && lane == 0) {
        pbf_writer thread(d, track_descriptor::thread);
        thread.add_int32(thread_descriptor::pid, static_cast<int32_t>(track.group));
        // Apart from the process ids: a thread of its process's id would be its main thread.
        thread.add_int32(thread_descriptor::tid, static_cast<int32_t>(10000 + tid));
        thread.add_string(thread_descriptor::thread_name, track.name);
      }
    });
    return uuid;
  }

  Status writeTrack(const TimelineTrack& track, int64_t tid) {
    std::vector<uint64_t> lanes;
    Nesting nesting([&](size_t lane, int64_t ns) { writeEnd(lanes[lane], ns); });
    const auto s = m_timeline.eachSlice(
        track,
        [&](const TimelineSlice& slice) {
          const size_t lane = nesting.begin(slice.startNs, slice.startNs + slice.durationNs);
          while (lanes.size() <= lane) lanes.push_back(writeLane(track, tid, lanes.size()));
          writeBegin(slice, lanes[lane]);
          ++m_summary.slices;
          if (m_summary.slices % 4096 == 0) {
            m_job.progress.fraction(static_cast<double>(m_summary.slices) /
                                    static_cast<double>(m_timeline.sliceCount()));
          }
        },
        m_job);
    if (!s) return s;
    nesting.finish();
    if (lanes.empty()) writeLane(track, tid, 0);
    return {};
  }

  void addDetails(pbf_writer& event, const std::vector<Detail>& details, std::string& fresh) {
    for (const auto& detail : details) {
      const auto nameId = m_details.of(detail.name, fresh);
      pbf_writer annotation(event, track_event::debug_annotations);
      annotation.add_uint64(debug_annotation::name_iid, nameId);
      if (const auto* i = std::get_if<int64_t>(&detail.value)) annotation.add_int64(debug_annotation::int_value, *i);
      if (const auto* d = std::get_if<double>(&detail.value)) annotation.add_double(debug_annotation::double_value, *d);
      if (const auto* t = std::get_if<std::string>(&detail.value)) {
        annotation.add_string(debug_annotation::string_value, *t);
      }
    }
  }

  void writeBegin(const TimelineSlice& slice, uint64_t uuid) {
    packet([&](pbf_writer& p) {
      p.add_uint64(trace_packet::timestamp, static_cast<uint64_t>(slice.startNs));
      std::string fresh, event;
      pbf_writer e(event);
      e.add_enum(track_event::type, track_event::slice_begin);
      e.add_uint64(track_event::track_uuid, uuid);
      e.add_uint64(track_event::name_iid, m_names.of(slice.name, fresh));
      e.add_uint64(track_event::category_iids, m_categories.of(slice.kind, fresh));
      for (const auto id : slice.flowsOut) e.add_fixed64(track_event::flow_ids, static_cast<uint64_t>(id));
      for (const auto id : slice.flowsIn) e.add_fixed64(track_event::terminating_flow_ids, static_cast<uint64_t>(id));
      addDetails(e, slice.details, fresh);
      if (!fresh.empty()) p.add_message(trace_packet::interned_data, fresh);
      p.add_message(trace_packet::track_event, event);
    });
  }

  void writeEnd(uint64_t uuid, int64_t ns) {
    packet([&](pbf_writer& p) {
      p.add_uint64(trace_packet::timestamp, static_cast<uint64_t>(ns));
      pbf_writer e(p, trace_packet::track_event);
      e.add_enum(track_event::type, track_event::slice_end);
      e.add_uint64(track_event::track_uuid, uuid);
    });
  }

  Status writeSeries(const TimelineSeries& series) {
    const auto uuid = freshUuid();
    packet([&](pbf_writer& p) {
      pbf_writer d(p, trace_packet::track_descriptor);
      d.add_uint64(track_descriptor::uuid, uuid);
      d.add_uint64(track_descriptor::parent_uuid, processUuid(series.group));
      d.add_string(track_descriptor::name, series.name);
      pbf_writer counter(d, track_descriptor::counter);
      if (series.unit == "B") {
        counter.add_enum(counter_descriptor::unit, counter_descriptor::size_bytes);
      } else if (!series.unit.empty() && series.unit != "1") {
        counter.add_string(counter_descriptor::unit_name, series.unit);
      }
    });
    return m_timeline.eachSample(
        series,
        [&](int64_t ns, double value) {
          packet([&](pbf_writer& p) {
            p.add_uint64(trace_packet::timestamp, static_cast<uint64_t>(ns));
            pbf_writer e(p, trace_packet::track_event);
            e.add_enum(track_event::type, track_event::counter);
            e.add_uint64(track_event::track_uuid, uuid);
            e.add_double(track_event::double_counter_value, value);
          });
          ++m_summary.counters;
        },
        m_job);
  }

  const Timeline& m_timeline;
  FileWriter& m_file;
  Job m_job;
  ExportSummary m_summary;
  Interned m_names{interned_data::event_names};
  Interned m_categories{interned_data::event_categories};
  Interned m_details{interned_data::debug_annotation_names};
  std::string m_packet, m_out;  // reused, so that a packet costs no allocation
  uint64_t m_uuids = 0;
  bool m_first = true;
};

}  // namespace

Result<ExportSummary> exportPerfetto(const profile::Profile& profile, const std::filesystem::path& output, Job job) {
  auto file = FileWriter::create(output);
  if (!file) return passOn(file);
  job.progress.phase("export");
  auto timeline = Timeline::open(profile);
  if (!timeline) return passOn(timeline);
  auto summary = PerfettoWriter(*timeline, *file, job).write();
  if (!summary) return passOn(summary);
  if (auto s = file->commit(); !s) return passOn(s);
  return summary;
}

}  // namespace ridgeline::exporting
