#include "collector/import/ncu/ncu_format.h"

#include "collector/import/ncu/csv.h"
#include "collector/words/privacy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>

namespace ridgeline::collector::import {
namespace {

using namespace profile;

constexpr int64_t kLongestNs = 4'000'000'000'000'000'000;  // of all kernels together

// "1,234.5" -> 1234.5. Empty for what is no number.
std::optional<double> numberOf(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c != ',' && c != ' ') plain += c;
  }
  double value = 0;
  const auto [end, ec] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (ec != std::errc() || end != plain.data() + plain.size() || plain.empty() || !std::isfinite(value)) return {};
  return value;
}

// Nanoseconds in a unit of time, or 0.
double nsPer(std::string_view unit) {
  constexpr std::array<std::pair<std::string_view, double>, 13> kUnits{{{"nsecond", 1},
                                                                        {"ns", 1},
                                                                        {"nanosecond", 1},
                                                                        {"usecond", 1e3},
                                                                        {"us", 1e3},
                                                                        {"microsecond", 1e3},
                                                                        {"msecond", 1e6},
                                                                        {"ms", 1e6},
                                                                        {"millisecond", 1e6},
                                                                        {"second", 1e9},
                                                                        {"s", 1e9},
                                                                        {"sec", 1e9},
                                                                        {"nanoseconds", 1}}};
  for (const auto& [name, ns] : kUnits) {
    if (unit == name) return ns;
  }
  return 0;
}

bool isDuration(std::string_view metric) {
  return metric == "Duration" || metric == "gpu__time_duration.sum" || metric == "gpu__time_duration.avg" ||
         metric == "gpu__time_duration_measured_user.sum";
}

// "(16, 2, 1)" and "16, 2, 1" -> numbers.
std::array<std::optional<int64_t>, 3> tripleOf(std::string_view text) {
  std::array<std::optional<int64_t>, 3> out;
  size_t n = 0;
  for (size_t i = 0; i < text.size() && n < 3;) {
    if (text[i] < '0' || text[i] > '9') {
      ++i;
      continue;
    }
    int64_t value = 0;
    const auto [end, ec] = std::from_chars(text.data() + i, text.data() + text.size(), value);
    if (ec != std::errc()) return {};
    out[n++] = value;
    i = static_cast<size_t>(end - text.data());
  }
  return out;
}

class NcuReader {
 public:
  NcuReader(Recording& recording, Names& names, std::string file)
      : m_recording(recording), m_names(names), m_file(std::move(file)) {}
  Status read(ByteSource& source, Job job);

 private:
  struct Kernel {
    uint32_t event = 0;
    bool timed = false;
  };
  using Cells = std::vector<std::string>;
  void header(const Cells& cells);
  Status line(const Cells& cells);
  const std::string& cell(const Cells& cells, int column) const;
  uint32_t kernelOf(const Cells& cells);
  uint32_t trackOf(const std::string& device, const std::string& stream);
  Status metric(Kernel& kernel, const std::string& name, const std::string& unit, const std::string& value);
  Status layOut();

  Recording& m_recording;
  Names& m_names;
  std::string m_file;
  std::map<std::string, int> m_columns;
  Cells m_header, m_units;
  bool m_long = false, m_unitsDue = false;
  std::map<std::string, size_t> m_byId;
  std::map<std::string, uint32_t> m_tracks;
  std::vector<Kernel> m_kernels;
  const std::string m_none;
};

const std::string& NcuReader::cell(const Cells& cells, int column) const {
  return column >= 0 && static_cast<size_t>(column) < cells.size() ? cells[static_cast<size_t>(column)] : m_none;
}

void NcuReader::header(const Cells& cells) {
  m_columns.clear();
  for (size_t i = 0; i < cells.size(); ++i) m_columns.emplace(cells[i], static_cast<int>(i));
  m_header = cells;
  m_long = m_columns.count("Metric Name") != 0;
  m_unitsDue = !m_long;
  m_units.clear();
}

uint32_t NcuReader::trackOf(const std::string& device, const std::string& stream) {
  const auto [it, fresh] = m_tracks.emplace(device + "/" + stream, static_cast<uint32_t>(m_recording.tracks.size()));
  if (!fresh) return it->second;
  const auto ordinal = static_cast<int64_t>(std::clamp(numberOf(device).value_or(0), 0.0, 1e6));
  int index = -1;
  for (size_t i = 0; i < m_recording.devices.size(); ++i) {
    if (m_recording.devices[i].ordinal == ordinal) index = static_cast<int>(i);
  }
  if (index < 0) {
    index = static_cast<int>(m_recording.devices.size());
    m_recording.devices.push_back(
        {.ordinal = ordinal, .name = fmt::format("GPU {}", ordinal), .vendor = "NVIDIA", .used = true});
  }
  m_recording.tracks.push_back(
      {"kernels in order, stream " + cleaned(stream.substr(0, 40)), TrackKind::Stream, index, 0});
  return it->second;
}

// A kernel is a launch: its id, and in long tables several lines.
uint32_t NcuReader::kernelOf(const Cells& cells) {
  const auto at = [&](const char* name) -> const std::string& {
    const auto it = m_columns.find(name);
    return cell(cells, it == m_columns.end() ? -1 : it->second);
  };
  const auto key = at("Process ID") + "/" + at("ID");
  const auto found = m_byId.find(key);
  if (m_long && found != m_byId.end()) return static_cast<uint32_t>(found->second);
  m_byId[key] = m_kernels.size();
  LaunchShape shape;
  const auto grid = tripleOf(at("Grid Size")), block = tripleOf(at("Block Size"));
  shape.gridX = grid[0], shape.gridY = grid[1], shape.gridZ = grid[2];
  shape.blockX = block[0], shape.blockY = block[1], shape.blockZ = block[2];
  Work work;
  if (shape.gridX || shape.blockX) {
    work.shape = static_cast<uint32_t>(m_recording.shapes.size());
    m_recording.shapes.push_back(shape);
  }
  Event event{0, 0, m_names.labels.intern(cleaned(at("Kernel Name"))), trackOf(at("Device"), at("Stream"))};
  event.extra = static_cast<uint32_t>(m_recording.works.size()), event.kind = SliceKind::Kernel;
  m_kernels.push_back({static_cast<uint32_t>(m_recording.events.size())});
  m_recording.works.push_back(work);
  m_recording.events.push_back(event);
  return static_cast<uint32_t>(m_kernels.size() - 1);
}

Status NcuReader::metric(Kernel& kernel, const std::string& name, const std::string& unit, const std::string& text) {
  if (name.empty() || text.empty()) return {};
  const auto value = numberOf(text);
  if (!value) {
    m_recording.count("metric", false, "its value is no number");
    return {};
  }
  if (isDuration(name) && !kernel.timed) {
    const double ns = *value * nsPer(unit);
    if (nsPer(unit) == 0 || ns < 0 || ns > 1e15) {
      return badInput(fmt::format("{}: a duration of {} {} makes no sense", m_file, cleaned(text.substr(0, 40)),
                                  cleaned(unit.substr(0, 20))));
    }
    m_recording.events[kernel.event].durationNs = std::llround(ns);
    kernel.timed = true;
  }
  m_recording.counters.push_back({kernel.event, m_names.labels.intern(cleaned(name.substr(0, 200))),
                                  m_names.labels.intern(cleaned(unit.substr(0, 40))), *value});
  m_recording.count("metric", true);
  return {};
}

Status NcuReader::line(const Cells& cells) {
  if (m_unitsDue) {
    m_unitsDue = false;
    if (cell(cells, m_columns["ID"]).empty()) {  // wide tables have a line of units
      m_units = cells;
      return {};
    }
  }
  if (m_recording.events.size() >= kNone - 2) return badInput(m_file + " has more than 4 billion kernels");
  auto& kernel = m_kernels[kernelOf(cells)];
  if (m_long) {
    const auto column = [&](const char* name) -> const std::string& {
      return cell(cells, m_columns.count(name) ? m_columns[name] : -1);
    };
    return metric(kernel, column("Metric Name"), column("Metric Unit"), column("Metric Value"));
  }
  for (size_t i = 0; i < cells.size() && i < m_header.size(); ++i) {
    const bool isMetric = m_header[i].find("__") != std::string::npos;
    if (!isMetric) continue;
    if (auto s = metric(kernel, m_header[i], cell(m_units, static_cast<int>(i)), cells[i]); !s) return s;
  }
  return {};
}

// The tool runs kernels one at a time and records no points in time: they stand end to end, in order.
Status NcuReader::layOut() {
  if (m_kernels.empty()) return badInput(fmt::format("{} holds no kernel", m_file));
  int64_t at = 0, untimed = 0;
  for (const auto& kernel : m_kernels) {
    auto& event = m_recording.events[kernel.event];
    event.startNs = at;
    if (event.durationNs > kLongestNs - at) return badInput(m_file + ": its durations add up to more than a century");
    at += event.durationNs;
    untimed += kernel.timed ? 0 : 1;
  }
  m_recording.count("kernel", true, "", static_cast<int64_t>(m_kernels.size()));
  m_recording.count("kernel without a duration", true, "none was among the metrics", untimed);
  m_recording.timed = false;
  m_recording.format = "ncu";
  return {};
}

Status NcuReader::read(ByteSource& source, Job job) {
  CsvReader csv(source, m_file);
  Cells cells;
  for (int64_t n = 0;; ++n) {
    if (n % 4096 == 0) {
      if (auto s = job.stop.check(); !s) return s;
    }
    auto more = csv.next(cells);
    if (!more) return passOn(more);
    if (!*more) break;
    if (cells.empty() || cells[0].starts_with("==")) continue;  // what the tool says while it runs
    if (cells[0] == "ID") {
      header(cells);
    } else if (!m_header.empty() && cells.size() * 2 >= m_header.size()) {
      if (auto s = line(cells); !s) return s;
    } else {
      m_recording.count("line outside the table", false, "output of the program");
    }
  }
  return layOut();
}

}  // namespace

bool recognizesNcu(std::string_view head) {
  return head.find("\"ID\",\"Process ID\"") != std::string_view::npos ||
         head.find("ID,Process ID,") != std::string_view::npos ||
         (head.find("\"ID\"") != std::string_view::npos && head.find("\"Kernel Name\"") != std::string_view::npos);
}

Result<std::vector<Recording>> readNcu(Input& input, Names& names, Job job) {
  std::vector<Recording> out(1);
  if (auto s = NcuReader(out[0], names, input.name()).read(*input.bytes, job); !s) return passOn(s);
  return out;
}

}  // namespace ridgeline::collector::import
