#include "export/export.h"
#include "export/file_writer.h"
#include "export/nesting.h"
#include "export/timeline.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <unordered_map>

namespace ridgeline::exporting {
namespace {

// The format counts in microseconds; three decimals keep every nanosecond.
std::string microseconds(int64_t ns) { return fmt::format("{}.{:03}", ns / 1000, ns % 1000); }

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string valueText(const profile::Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return quoted(*text);
  if (const auto* d = std::get_if<double>(&cell); d && !std::isfinite(*d)) return "null";
  return std::holds_alternative<std::monostate>(cell) ? "null" : profile::textOf(cell);
}

class ChromeWriter {
 public:
  ChromeWriter(const Timeline& timeline, FileWriter& file, Job job) : m_timeline(timeline), m_file(file), m_job(job) {}

  Result<ExportSummary> write() {
    m_file.write("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
    for (const auto& group : m_timeline.groups()) {
      event(fmt::format(R"({{"ph":"M","name":"process_name","pid":{},"args":{{"name":{}}}}})", group.id,
                        quoted(group.name)));
      event(fmt::format(R"({{"ph":"M","name":"process_sort_index","pid":{0},"args":{{"sort_index":{0}}}}})", group.id));
    }
    for (const auto& track : m_timeline.tracks()) {
      if (auto s = writeTrack(track); !s) return passOn(s);
    }
    for (const auto& series : m_timeline.series()) {
      if (auto s = writeSeries(series); !s) return passOn(s);
    }
    m_file.write("\n]}\n");
    m_summary.flows = m_timeline.flowCount();
    return m_summary;
  }

 private:
  void event(std::string_view json) {
    m_file.write(m_first ? "\n" : ",\n");
    m_first = false;
    m_file.write(json);
  }

  int64_t writeLane(const TimelineTrack& track, size_t lane) {
    const int64_t tid = ++m_tids;
    const auto name = lane == 0 ? track.name : fmt::format("{} ({})", track.name, lane + 1);
    event(fmt::format(R"({{"ph":"M","name":"thread_name","pid":{},"tid":{},"args":{{"name":{}}}}})", track.group, tid,
                      quoted(name)));
    event(fmt::format(R"({{"ph":"M","name":"thread_sort_index","pid":{},"tid":{},"args":{{"sort_index":{}}}}})",
                      track.group, tid, tid));
    return tid;
  }

  Status writeTrack(const TimelineTrack& track) {
    std::vector<int64_t> lanes;
    Nesting nesting([](size_t, int64_t) {});
    return m_timeline.eachSlice(
        track,
        [&](const TimelineSlice& slice) {
          const size_t lane = nesting.begin(slice.startNs, slice.startNs + slice.durationNs);
          while (lanes.size() <= lane) lanes.push_back(writeLane(track, lanes.size()));
          writeSlice(slice, track.group, lanes[lane]);
        },
        m_job);
  }

  void writeSlice(const TimelineSlice& slice, int64_t pid, int64_t tid) {
    auto text =
        fmt::format(R"({{"ph":"X","pid":{},"tid":{},"ts":{},"dur":{},"cat":"{}","name":{})", pid, tid,
                    microseconds(slice.startNs), microseconds(slice.durationNs), slice.kind, nameOf(slice.name));
    if (!slice.details.empty()) {
      text += ",\"args\":{";
      for (size_t i = 0; i < slice.details.size(); ++i) {
        text += fmt::format("{}\"{}\":{}", i ? "," : "", slice.details[i].name, valueText(slice.details[i].value));
      }
      text += '}';
    }
    text += '}';
    event(text);
    for (const auto id : slice.flowsOut) arrow("s", "", id, slice, pid, tid);
    for (const auto id : slice.flowsIn) arrow("f", R"("bp":"e",)", id, slice, pid, tid);
    ++m_summary.slices;
    if (m_summary.slices % 4096 == 0) {
      m_job.progress.fraction(static_cast<double>(m_summary.slices) / static_cast<double>(m_timeline.sliceCount()));
    }
  }

  void arrow(const char* phase, const char* extra, int64_t id, const TimelineSlice& slice, int64_t pid, int64_t tid) {
    event(fmt::format(R"({{"ph":"{}",{}"id":{},"pid":{},"tid":{},"ts":{},"cat":"flow","name":"launch"}})", phase, extra,
                      id, pid, tid, microseconds(slice.startNs)));
  }

  Status writeSeries(const TimelineSeries& series) {
    const auto name = quoted(series.name);
    const auto unit = quoted(series.unit.empty() ? "value" : series.unit);
    return m_timeline.eachSample(
        series,
        [&](int64_t ns, double value) {
          if (!std::isfinite(value)) return;
          event(fmt::format(R"({{"ph":"C","pid":{},"ts":{},"name":{},"args":{{{}:{}}}}})", series.group,
                            microseconds(ns), name, unit, value));
          ++m_summary.counters;
        },
        m_job);
  }

  // Few names, many slices.
  const std::string& nameOf(const std::string& text) {
    const auto [it, fresh] = m_quoted.try_emplace(text);
    if (fresh) it->second = quoted(text);
    return it->second;
  }

  const Timeline& m_timeline;
  FileWriter& m_file;
  Job m_job;
  ExportSummary m_summary;
  std::unordered_map<std::string, std::string> m_quoted;
  int64_t m_tids = 0;
  bool m_first = true;
};

}  // namespace

Result<ExportSummary> exportChrome(const profile::Profile& profile, const std::filesystem::path& output, Job job) {
  auto file = FileWriter::create(output);
  if (!file) return passOn(file);
  job.progress.phase("export");
  auto timeline = Timeline::open(profile);
  if (!timeline) return passOn(timeline);
  auto summary = ChromeWriter(*timeline, *file, job).write();
  if (!summary) return passOn(summary);
  if (auto s = file->commit(); !s) return passOn(s);
  return summary;
}

}  // namespace ridgeline::exporting
