#include "collector/import/kineto/kineto_format.h"

#include "collector/import/chrome/trace_reader.h"
#include "collector/words/privacy.h"
#include "collector/words/shapes.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace ridgeline::collector::import {
namespace {

using profile::CopyDirection;
using profile::SliceKind;
using profile::TrackKind;
using Json = nlohmann::json;

constexpr std::array<std::pair<std::string_view, SliceKind>, 22> kKinds{{
    {"cpu_op", SliceKind::Operator},
    {"Operator", SliceKind::Operator},
    {"kernel", SliceKind::Kernel},
    {"Kernel", SliceKind::Kernel},
    {"concurrent_kernel", SliceKind::Kernel},
    {"mtia_ccp_events", SliceKind::Kernel},
    {"gpu_memcpy", SliceKind::Copy},
    {"Memcpy", SliceKind::Copy},
    {"gpu_memset", SliceKind::Set},
    {"Memset", SliceKind::Set},
    {"Runtime", SliceKind::Call},
    {"cuda_sync", SliceKind::Sync},
    {"user_annotation", SliceKind::Range},
    {"gpu_user_annotation", SliceKind::Range},
    {"cuda_profiler_range", SliceKind::Range},
    {"Trace", SliceKind::Range},
    {"python_function", SliceKind::Frame},
    {"overhead", SliceKind::Other},
    {"glow_runtime", SliceKind::Call},
    {"cpu_instant_event", SliceKind::Other},
    {"external_correlation", SliceKind::Other},
    {"collective_comm", SliceKind::Range},
}};

CopyDirection directionOf(std::string_view name) {
  if (name.find("HtoD") != name.npos) return CopyDirection::HostToDevice;
  if (name.find("DtoH") != name.npos) return CopyDirection::DeviceToHost;
  if (name.find("DtoD") != name.npos) return CopyDirection::DeviceToDevice;
  if (name.find("PtoP") != name.npos) return CopyDirection::PeerToPeer;
  if (name.find("HtoH") != name.npos) return CopyDirection::HostToHost;
  return CopyDirection::Unknown;
}

std::string vendorOf(std::string_view device) {
  for (const std::string_view word : {"NVIDIA", "Tesla", "Quadro", "GeForce", "TITAN", "GRID"}) {
    if (device.find(word) != device.npos) return "NVIDIA";
  }
  if (device.find("AMD") != device.npos || device.find("Radeon") != device.npos ||
      device.find("Instinct") != device.npos) {
    return "AMD";
  }
  return device.find("Intel") != device.npos ? "Intel" : "";
}

int64_t wholeNumber(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_number_integer() ? it->get<int64_t>() : kNoNumber;
}

bool sameShape(const profile::LaunchShape& a, const profile::LaunchShape& b) {
  return a.gridX == b.gridX && a.gridY == b.gridY && a.gridZ == b.gridZ && a.blockX == b.blockX &&
         a.blockY == b.blockY && a.blockZ == b.blockZ && a.registers == b.registers &&
         a.dynamicShared == b.dynamicShared && a.occupancy == b.occupancy;
}

std::optional<int64_t> known(int64_t number) { return number == kNoNumber ? std::nullopt : std::optional(number); }

class KinetoReader final : public TraceReader {
 public:
  using TraceReader::TraceReader;
  Status member(std::string_view key, std::string_view value) override;

 protected:
  SliceKind kindOf(std::string_view category) const override;
  void complete(const TraceEvent& event, Event& row) override;
  bool instant(const TraceEvent& event) override;
  std::string whyNoFlow(std::string_view category) const override;

 private:
  void work(const TraceEvent& event, Event& row);
  void range(const TraceEvent& event, Event& row);
  uint32_t streamTrack(const TraceEvent& event, TrackKind kind, char key, const char* name);
  uint32_t shapeOf(const EventArgs& args);
  uint32_t opShapes(const EventArgs& args);
  void devices(const Json& list);

  StringTable m_rawShapes;
  std::vector<uint32_t> m_shapeLabels;
  std::unordered_map<uint64_t, std::vector<uint32_t>> m_launchShapes;  // hash -> rows of m_recording.shapes
  std::string m_text;
  std::map<int64_t, double> m_memory;  // bytes in use since the start, by device type and number
};

SliceKind KinetoReader::kindOf(std::string_view category) const {
  for (const auto& [name, kind] : kKinds) {
    if (category == name) return kind;
  }
  if (category.ends_with("_runtime") || category.ends_with("_driver")) return SliceKind::Call;
  if (category.ends_with("_op")) return SliceKind::Operator;
  return SliceKind::Other;
}

std::string KinetoReader::whyNoFlow(std::string_view category) const {
  if (category == "ac2g" || category == "async" || category == "async_cpu_to_gpu" || category == "async_gpu") {
    return "the correlation of calls and work says the same";
  }
  return {};
}

uint32_t KinetoReader::streamTrack(const TraceEvent& event, TrackKind kind, char key, const char* name) {
  const auto& a = event.args;
  const int64_t device = a.device != kNoNumber ? a.device : integerOf(event.pid).value_or(0);
  int64_t stream = a.stream;
  if (stream == kNoNumber) {
    auto tid = event.tid;
    if (tid.starts_with("stream ")) tid.remove_prefix(7);
    stream = integerOf(tid).value_or(0);
  }
  char text[64];
  const auto end = fmt::format_to_n(text, sizeof text, "{}{}/{}", key, device, stream).out;
  const int index = deviceOf(device);
  m_recording.devices[static_cast<size_t>(index)].used = true;
  return track({text, static_cast<size_t>(end - text)}, kind, index, fmt::format(fmt::runtime(name), stream), stream);
}

uint32_t KinetoReader::shapeOf(const EventArgs& a) {
  if (a.grid[0] == kNoNumber && a.block[0] == kNoNumber && a.registers == kNoNumber) return kNone;
  profile::LaunchShape shape;
  shape.gridX = known(a.grid[0]), shape.gridY = known(a.grid[1]), shape.gridZ = known(a.grid[2]);
  shape.blockX = known(a.block[0]), shape.blockY = known(a.block[1]), shape.blockZ = known(a.block[2]);
  shape.registers = known(a.registers), shape.dynamicShared = known(a.sharedMemory);
  if (a.occupancy >= 0) shape.occupancy = a.occupancy / 100;
  uint64_t hash = 0;
  for (const int64_t n : {a.grid[0], a.grid[1], a.grid[2], a.block[0], a.block[1], a.block[2], a.registers}) {
    hash = (hash ^ static_cast<uint64_t>(n)) * 0x9e3779b97f4a7c15U;
  }
  auto& rows = m_launchShapes[hash];
  for (const auto row : rows) {
    if (sameShape(m_recording.shapes[row], shape)) return row;
  }
  rows.push_back(static_cast<uint32_t>(m_recording.shapes.size()));
  m_recording.shapes.push_back(shape);
  return rows.back();
}

uint32_t KinetoReader::opShapes(const EventArgs& a) {
  if (a.inputDims.size() < 3) return kNone;
  m_text.assign(a.inputDims).append("\n").append(a.inputTypes);
  const uint32_t number = m_rawShapes.intern(m_text);
  if (number == m_shapeLabels.size()) {
    const auto text = shapesText(a.inputDims, a.inputTypes);
    m_shapeLabels.push_back(text.empty() ? kNone : m_names.labels.intern(text));
  }
  return m_shapeLabels[number];
}

void KinetoReader::work(const TraceEvent& event, Event& row) {
  const auto& a = event.args;
  row.track = streamTrack(event, TrackKind::Stream, 'g', "stream {}");
  row.extra = static_cast<uint32_t>(m_recording.works.size());
  Work work;
  work.correlation = a.correlation, work.externalId = a.externalId, work.bytes = a.bytes;
  if (row.kind == SliceKind::Kernel) {
    work.shape = shapeOf(a);
    if (a.graphNode != kNoNumber) work.graphNode = static_cast<int32_t>(a.graphNode);
  } else if (row.kind == SliceKind::Set) {
    work.direction = CopyDirection::Set;
  } else {
    work.direction = directionOf(event.name);
    if (event.name.find("Pinned") != std::string_view::npos) work.pinned = 1;
    if (event.name.find("Pageable") != std::string_view::npos) work.pinned = 0;
  }
  m_recording.works.push_back(work);
}

void KinetoReader::range(const TraceEvent& event, Event& row) {
  if (event.category == "gpu_user_annotation") {
    row.track = streamTrack(event, TrackKind::Range, 'r', "ranges of stream {}");
    return;
  }
  if (event.category == "cuda_profiler_range") {
    row.track = streamTrack(event, TrackKind::Range, 'p', "counted ranges {}");
    const auto index = static_cast<uint32_t>(m_recording.events.size() - 1);
    m_parser.numbers(event, [&](std::string_view name, double value) {
      m_recording.counters.push_back({index, labelOf(name), m_names.labels.intern(""), value});
    });
    return;
  }
  row.track = trackOf(event);
}

void KinetoReader::complete(const TraceEvent& event, Event& row) {
  switch (row.kind) {
    case SliceKind::Kernel:
    case SliceKind::Copy:
    case SliceKind::Set:
      return work(event, row);
    case SliceKind::Sync:
      row.track = streamTrack(event, TrackKind::Range, 'y', "waits of stream {}");
      return;
    case SliceKind::Range:
      return range(event, row);
    case SliceKind::Call:
      row.extra = static_cast<uint32_t>(m_recording.calls.size());
      m_recording.calls.push_back({event.args.correlation});
      break;
    case SliceKind::Operator:
      if (event.name.starts_with("ProfilerStep#")) {  // had the category of operators in 2021
        row.kind = SliceKind::Range;
        break;
      }
      row.extra = static_cast<uint32_t>(m_recording.ops.size());
      m_recording.ops.push_back({event.args.externalId, opShapes(event.args)});
      break;
    default:
      break;
  }
  row.track = trackOf(event);
}

// "[memory]": an allocation, or what is in use after it.
bool KinetoReader::instant(const TraceEvent& event) {
  if (event.name != "[memory]" || event.args.bytes == kNoNumber) return false;
  const auto& a = event.args;
  const bool onDevice = a.deviceType != kNoNumber && a.deviceType != 0;
  const int device = onDevice ? deviceOf(a.deviceId == kNoNumber ? 0 : a.deviceId) : -1;
  if (device >= 0) m_recording.devices[static_cast<size_t>(device)].used = true;
  double& sum = m_memory[device];
  sum += static_cast<double>(a.bytes);
  if (a.totalAllocated != kNoNumber && a.totalAllocated >= 0) {
    sample("memory in use", "B", device, event.timeNs, static_cast<double>(a.totalAllocated));
  } else {
    sample("memory allocated since the start", "B", device, event.timeNs, sum);
  }
  m_recording.count("[memory]", true, "as a series");
  return true;
}

void KinetoReader::devices(const Json& list) {
  for (const auto& entry : list) {
    if (!entry.is_object()) continue;
    const int64_t id = wholeNumber(entry, "id");
    if (id < 0) continue;
    auto& device = m_recording.devices[static_cast<size_t>(deviceOf(id))];
    if (const auto name = entry.find("name"); name != entry.end() && name->is_string()) {
      device.name = cleaned(name->get_ref<const std::string&>().substr(0, 200));
      device.vendor = vendorOf(device.name);
    }
    Json properties = Json::object();
    if (const auto major = wholeNumber(entry, "computeMajor"), minor = wholeNumber(entry, "computeMinor");
        major >= 0 && minor >= 0 && device.vendor == "NVIDIA") {
      properties["compute_capability"] = fmt::format("{}.{}", major, minor);
    }
    if (const auto n = wholeNumber(entry, "numSms"); n > 0) properties["multiprocessors"] = n;
    if (const auto n = wholeNumber(entry, "totalGlobalMem"); n > 0) properties["memory_bytes"] = n;
    if (const auto n = wholeNumber(entry, "maxThreadsPerMultiprocessor"); n > 0) {
      properties["threads_per_multiprocessor"] = n;
    }
    if (const auto n = wholeNumber(entry, "warpSize"); n > 0) properties["warp_size"] = n;
    device.properties = properties.dump();
  }
}

Status KinetoReader::member(std::string_view key, std::string_view value) {
  if (key == "baseTimeNanoseconds") {
    constexpr int64_t kLatest = 4'000'000'000'000'000'000;  // leaves room for the events' own times
    const auto base = integerOf(value);
    if (base && *base >= -kLatest && *base <= kLatest) m_recording.clockOffsetNs = *base;
    return {};
  }
  if (key != "distributedInfo" && key != "deviceProperties") return {};
  const auto json = Json::parse(value, nullptr, false);
  if (json.is_discarded()) return badInput(fmt::format("{}: its \"{}\" is no valid JSON", m_file, key));
  if (key == "deviceProperties" && json.is_array()) devices(json);
  if (key == "distributedInfo" && json.is_object()) {
    if (const auto rank = wholeNumber(json, "rank"); rank >= 0) m_recording.ordinal = rank;
  }
  return {};
}

}  // namespace

bool recognizesKineto(std::string_view head) {
  const auto first = head.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  if (first == std::string_view::npos || head[first] != '{') return false;
  const auto has = [&](std::string_view word) { return head.find(word) != std::string_view::npos; };
  const bool properties = has("\"schemaVersion\"") || has("\"deviceProperties\"") || has("\"distributedInfo\"") ||
                          has("\"baseTimeNanoseconds\"") || has("\"record_shapes\"");
  if (!has("\"traceEvents\"")) return properties;
  return properties || has("\"cpu_op\"") || has("\"cuda_runtime\"") || has("PyTorch Profiler") ||
         has("\"External id\"") || has("\"external id\"");
}

Result<std::vector<Recording>> readKineto(Input& input, Names& names, Job job) {
  std::vector<Recording> out(1);
  out[0].format = "kineto";
  out[0].engine = "PyTorch";
  KinetoReader reader(out[0], names, input.name());
  if (auto s = JsonStream(*input.bytes, input.name(), reader, job).run(false); !s) return passOn(s);
  reader.finish();
  return out;
}

}  // namespace ridgeline::collector::import
