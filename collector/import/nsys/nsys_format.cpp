#include "collector/import/nsys/nsys_format.h"

#include "collector/import/gpu_roofs.h"
#include "collector/import/kineto/shapes.h"
#include "collector/import/nsys/nsys_database.h"
#include "collector/import/privacy.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace ridgeline::collector::import {
namespace {

using namespace profile;
using Row = NsysDatabase::Row;

constexpr int64_t kProcessMask = ~int64_t{0xffffff};  // global ids: the thread is in the lowest 24 bits

// copyKind of CUPTI: CUpti_ActivityMemcpyKind.
CopyDirection directionOf(int64_t kind) {
  switch (kind) {
    case 1:
    case 3:
    case 11:
      return CopyDirection::HostToDevice;
    case 2:
    case 4:
    case 12:
      return CopyDirection::DeviceToHost;
    case 5:
    case 6:
    case 7:
    case 8:
    case 13:
      return CopyDirection::DeviceToDevice;
    case 9:
      return CopyDirection::HostToHost;
    case 10:
      return CopyDirection::PeerToPeer;
    default:
      return CopyDirection::Unknown;
  }
}

const char* copyName(CopyDirection direction) {
  switch (direction) {
    case CopyDirection::HostToDevice:
      return "copy host to device";
    case CopyDirection::DeviceToHost:
      return "copy device to host";
    case CopyDirection::DeviceToDevice:
      return "copy device to device";
    case CopyDirection::PeerToPeer:
      return "copy peer to peer";
    case CopyDirection::HostToHost:
      return "copy host to host";
    default:
      return "copy";
  }
}

// "cudaLaunchKernel_v7000" -> "cudaLaunchKernel".
std::string_view withoutVersion(std::string_view name) {
  const auto at = name.rfind("_v");
  if (at == std::string_view::npos || at + 2 == name.size()) return name;
  const auto digits = name.substr(at + 2);
  return std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }) ? name.substr(0, at)
                                                                                                : name;
}

// PyTorch's NVTX ranges: "aten::mm, seq = 12, sizes = [[2, 3], [3, 4]], op_id = 7".
struct NvtxName {
  std::string_view name, sizes;
  bool isOperator = false;
};

NvtxName splitNvtx(std::string_view text) {
  NvtxName out{text, {}, false};
  const auto end = std::min({text.find(", seq = "), text.find(", op_id = "), text.find(", sizes = ")});
  out.isOperator = end != std::string_view::npos || text.starts_with("aten::");
  if (end == std::string_view::npos) return out;
  out.name = text.substr(0, end);
  const auto sizes = text.find(", sizes = ");
  if (sizes != std::string_view::npos) {
    out.sizes = text.substr(sizes + 10);
    out.sizes = out.sizes.substr(0, out.sizes.rfind(']') + 1);
  }
  return out;
}

// Within 146 years, so that there is room to add and subtract.
bool isTime(int64_t ns) {
  constexpr int64_t kLatest = 4'600'000'000'000'000'000;
  return ns >= -kLatest && ns <= kLatest;
}

class NsysReader {
 public:
  NsysReader(NsysDatabase& db, Names& names, Job job, std::string file)
      : m_db(db), m_names(names), m_job(job), m_file(std::move(file)) {}
  Result<std::vector<Recording>> read();

 private:
  Recording& processOf(int64_t globalId);
  int deviceOf(Recording& recording, int64_t ordinal);
  uint32_t trackOf(Recording& recording, const std::string& key, RecordedTrack track);
  uint32_t streamOf(Recording& r, const Row& row, int device, int stream, TrackKind kind, const char* name);
  uint32_t threadOf(Recording& recording, int64_t globalTid);
  uint32_t labelOf(int64_t stringId);
  uint32_t shapeOf(Recording& recording, const Row& row, int first);
  Result<Event*> event(Recording& r, const Row& row, uint32_t track, uint32_t label, SliceKind kind, const char* what);
  Status readGpus();
  Status readKernels();
  Status readCopies();
  Status readSets();
  Status readCalls();
  Status readHost(const char* table, SliceKind kind);
  Status readSyncs();
  Status readGraphs();
  Status readNvtx();
  Status readMemory();
  Status countRest();

  NsysDatabase& m_db;
  Names& m_names;
  Job m_job;
  std::string m_file;
  std::map<int64_t, Recording> m_processes;
  std::map<int64_t, RecordedDevice> m_gpus;
  std::unordered_map<std::string, uint32_t> m_tracks;  // process/key
  std::unordered_map<int64_t, uint32_t> m_labels;
  std::map<std::pair<int64_t, std::vector<int64_t>>, uint32_t> m_shapes;
  std::set<std::string> m_read;
  int64_t m_process = 0;  // of the recording in hand
};

Recording& NsysReader::processOf(int64_t globalId) {
  m_process = globalId & kProcessMask;
  auto& r = m_processes[m_process];
  r.format = "nsys";
  return r;
}

int NsysReader::deviceOf(Recording& recording, int64_t ordinal) {
  for (size_t i = 0; i < recording.devices.size(); ++i) {
    if (recording.devices[i].ordinal == ordinal) return static_cast<int>(i);
  }
  const auto known = m_gpus.find(ordinal);
  RecordedDevice device{.ordinal = ordinal, .name = fmt::format("GPU {}", ordinal), .vendor = "NVIDIA"};
  if (known != m_gpus.end()) device = known->second;
  device.used = true;
  recording.devices.push_back(device);
  return static_cast<int>(recording.devices.size()) - 1;
}

uint32_t NsysReader::trackOf(Recording& recording, const std::string& key, RecordedTrack track) {
  const auto [it, fresh] =
      m_tracks.emplace(fmt::format("{}/{}", m_process, key), static_cast<uint32_t>(recording.tracks.size()));
  if (fresh) recording.tracks.push_back(std::move(track));
  return it->second;
}

// `device` and `stream` are columns; the context stands between them.
uint32_t NsysReader::streamOf(Recording& r, const Row& row, int device, int stream, TrackKind kind, const char* name) {
  const int64_t d = row.integer(device), s = row.integer(stream);
  return trackOf(r, fmt::format("{}{}/{}/{}", name, d, row.integer(device + 1), s),
                 {fmt::format("{}{}", name, s), kind, deviceOf(r, d), s});
}

uint32_t NsysReader::threadOf(Recording& recording, int64_t globalTid) {
  const int64_t tid = globalTid & ~kProcessMask;
  return trackOf(recording, fmt::format("thread{}", tid),
                 {fmt::format("thread {}", tid), TrackKind::Thread, -1, static_cast<int64_t>(recording.tracks.size())});
}

uint32_t NsysReader::labelOf(int64_t stringId) {
  const auto [it, fresh] = m_labels.emplace(stringId, 0);
  if (fresh) it->second = m_names.labels.intern(cleaned(withoutVersion(m_db.string(stringId))));
  return it->second;
}

Result<Event*> NsysReader::event(Recording& r, const Row& row, uint32_t track, uint32_t label, SliceKind kind,
                                 const char* what) {
  if (r.events.size() >= kNone - 2) return badInput(m_file + " has more than 4 billion events");
  int64_t start = row.integer(0), end = row.isNull(1) ? start : row.integer(1);
  if (!isTime(start) || !isTime(end)) {
    return badInput(fmt::format("{}: a {} has a time that makes no sense: {}", m_file, what, start));
  }
  if (end < start) {
    r.count("event of negative duration", true, "kept, without a duration");
    end = start;
  }
  r.events.push_back({start, end - start, label, track, kNone, kind});
  r.count(what, true);
  return &r.events.back();
}

uint32_t NsysReader::shapeOf(Recording& recording, const Row& row, int first) {
  std::vector<int64_t> key;
  for (int i = first; i < first + 9; ++i) key.push_back(row.isNull(i) ? kNoNumber : row.integer(i));
  if (std::all_of(key.begin(), key.end(), [](int64_t n) { return n == kNoNumber; })) return kNone;
  const auto [it, fresh] = m_shapes.emplace(std::pair(m_process, key), static_cast<uint32_t>(recording.shapes.size()));
  if (!fresh) return it->second;
  const auto number = [&](size_t i) { return key[i] == kNoNumber ? std::nullopt : std::optional(key[i]); };
  LaunchShape shape{{}, number(0), number(1), number(2), number(3), number(4), number(5), number(6)};
  shape.staticShared = number(7), shape.dynamicShared = number(8);
  recording.shapes.push_back(shape);
  return it->second;
}

Status NsysReader::readGpus() {
  return m_db.each(
      "TARGET_INFO_GPU",
      {"id", "cuDevice", "name", "totalMemory", "memoryBandwidth", "clockRate", "smCount", "computeMajor",
       "computeMinor", "l2CacheSize"},
      m_job, [&](const Row& row) -> Status {
        GpuFacts facts{.major = static_cast<int>(row.integer(7)), .minor = static_cast<int>(row.integer(8))};
        facts.multiprocessors = row.real(6), facts.clockHz = row.real(5);
        facts.memoryBytesPerS = row.real(4), facts.memoryBytes = row.real(3), facts.l2Bytes = row.real(9);
        const int64_t ordinal = row.isNull(1) ? row.integer(0) : row.integer(1);
        auto& gpu = m_gpus[ordinal];
        gpu.ordinal = ordinal, gpu.vendor = "NVIDIA";
        gpu.name = row.text(2).empty() ? fmt::format("GPU {}", ordinal) : cleaned(row.text(2).substr(0, 200));
        gpu.properties = propertiesOf(facts), gpu.roofs = roofsOf(facts);
        return {};
      });
}

Status NsysReader::readKernels() {
  m_read.insert("CUPTI_ACTIVITY_KIND_KERNEL");
  return m_db.each("CUPTI_ACTIVITY_KIND_KERNEL",
                   {"start", "end", "deviceId", "contextId", "streamId", "correlationId", "globalPid", "demangledName",
                    "shortName", "gridX", "gridY", "gridZ", "blockX", "blockY", "blockZ", "registersPerThread",
                    "staticSharedMemory", "dynamicSharedMemory", "graphNodeId"},
                   m_job, [&](const Row& row) -> Status {
                     auto& r = processOf(row.integer(6));
                     auto made =
                         event(r, row, streamOf(r, row, 2, 4, TrackKind::Stream, "stream "),
                               labelOf(row.isNull(7) ? row.integer(8) : row.integer(7)), SliceKind::Kernel, "kernel");
                     if (!made) return passOn(made);
                     (*made)->extra = static_cast<uint32_t>(r.works.size());
                     Work work;
                     if (!row.isNull(5)) work.correlation = row.integer(5);
                     work.shape = shapeOf(r, row, 9);
                     if (!row.isNull(18)) work.graphNode = static_cast<int32_t>(row.integer(18) & 0x7fffffff);
                     r.works.push_back(work);
                     return {};
                   });
}

Status NsysReader::readCopies() {
  m_read.insert("CUPTI_ACTIVITY_KIND_MEMCPY");
  return m_db.each("CUPTI_ACTIVITY_KIND_MEMCPY",
                   {"start", "end", "deviceId", "contextId", "streamId", "correlationId", "globalPid", "bytes",
                    "copyKind", "srcKind", "dstKind"},
                   m_job, [&](const Row& row) -> Status {
                     auto& r = processOf(row.integer(6));
                     Work work;
                     work.direction = directionOf(row.integer(8));
                     auto made = event(r, row, streamOf(r, row, 2, 4, TrackKind::Stream, "stream "),
                                       m_names.labels.intern(copyName(work.direction)), SliceKind::Copy, "copy");
                     if (!made) return passOn(made);
                     (*made)->extra = static_cast<uint32_t>(r.works.size());
                     if (!row.isNull(5)) work.correlation = row.integer(5);
                     work.bytes = row.integer(7);
                     // CUpti_ActivityMemoryKind as exported: 0 pageable, 1 pinned.
                     const int host = work.direction == CopyDirection::HostToDevice   ? 9
                                      : work.direction == CopyDirection::DeviceToHost ? 10
                                                                                      : -1;
                     if (host > 0 && !row.isNull(host) && row.integer(host) <= 1) {
                       work.pinned = static_cast<int8_t>(row.integer(host) == 1 ? 1 : 0);
                     }
                     r.works.push_back(work);
                     return {};
                   });
}

Status NsysReader::readSets() {
  m_read.insert("CUPTI_ACTIVITY_KIND_MEMSET");
  return m_db.each("CUPTI_ACTIVITY_KIND_MEMSET",
                   {"start", "end", "deviceId", "contextId", "streamId", "correlationId", "globalPid", "bytes"}, m_job,
                   [&](const Row& row) -> Status {
                     auto& r = processOf(row.integer(6));
                     auto made = event(r, row, streamOf(r, row, 2, 4, TrackKind::Stream, "stream "),
                                       m_names.labels.intern("set memory"), SliceKind::Set, "memory set");
                     if (!made) return passOn(made);
                     (*made)->extra = static_cast<uint32_t>(r.works.size());
                     Work work;
                     if (!row.isNull(5)) work.correlation = row.integer(5);
                     work.bytes = row.integer(7), work.direction = CopyDirection::Set;
                     r.works.push_back(work);
                     return {};
                   });
}

Status NsysReader::readCalls() {
  m_read.insert("CUPTI_ACTIVITY_KIND_RUNTIME");
  return m_db.each("CUPTI_ACTIVITY_KIND_RUNTIME", {"start", "end", "globalTid", "correlationId", "nameId"}, m_job,
                   [&](const Row& row) -> Status {
                     auto& r = processOf(row.integer(2));
                     auto made = event(r, row, threadOf(r, row.integer(2)), labelOf(row.integer(4)), SliceKind::Call,
                                       "CUDA call");
                     if (!made) return passOn(made);
                     (*made)->extra = static_cast<uint32_t>(r.calls.size());
                     r.calls.push_back({row.isNull(3) ? kNoNumber : row.integer(3)});
                     return {};
                   });
}

// Tables of spans on threads.
Status NsysReader::readHost(const char* table, SliceKind kind) {
  m_read.insert(table);
  return m_db.each(table, {"start", "end", "globalTid", "nameId"}, m_job, [&](const Row& row) -> Status {
    auto& r = processOf(row.integer(2));
    auto made = event(r, row, threadOf(r, row.integer(2)), labelOf(row.integer(3)), kind, table);
    if (!made) return passOn(made);
    return {};
  });
}

Status NsysReader::readSyncs() {
  m_read.insert("CUPTI_ACTIVITY_KIND_SYNCHRONIZATION");
  return m_db.each("CUPTI_ACTIVITY_KIND_SYNCHRONIZATION",
                   {"start", "end", "deviceId", "contextId", "streamId", "globalPid", "syncType"}, m_job,
                   [&](const Row& row) -> Status {
                     auto& r = processOf(row.integer(5));
                     // CUpti_ActivitySynchronizationType.
                     constexpr std::array kNames{"wait", "wait for event", "stream waits for event", "wait for stream",
                                                 "wait for context"};
                     const auto type = static_cast<size_t>(row.integer(6));
                     const auto label = m_names.labels.intern(kNames[type < kNames.size() ? type : 0]);
                     auto made = event(r, row, streamOf(r, row, 2, 4, TrackKind::Range, "waits of stream "), label,
                                       SliceKind::Sync, "synchronization");
                     if (!made) return passOn(made);
                     return {};
                   });
}

// With graph-level tracing a graph's kernels are one span.
Status NsysReader::readGraphs() {
  m_read.insert("CUPTI_ACTIVITY_KIND_GRAPH_TRACE");
  return m_db.each(
      "CUPTI_ACTIVITY_KIND_GRAPH_TRACE", {"start", "end", "deviceId", "contextId", "streamId", "globalPid", "graphId"},
      m_job, [&](const Row& row) -> Status {
        auto& r = processOf(row.integer(5));
        const auto label = m_names.labels.intern(fmt::format("CUDA graph {}", row.integer(6)));
        auto made =
            event(r, row, streamOf(r, row, 2, 4, TrackKind::Stream, "stream "), label, SliceKind::Other, "CUDA graph");
        if (!made) return passOn(made);
        return {};
      });
}

Status NsysReader::readNvtx() {
  m_read.insert("NVTX_EVENTS");
  std::unordered_map<std::string, std::pair<uint32_t, uint32_t>> shapes;
  return m_db.each(
      "NVTX_EVENTS", {"start", "end", "eventType", "text", "textId", "globalTid"}, m_job,
      [&](const Row& row) -> Status {
        // The export's own types: 34 and 65 mark a moment, 59 and 70 nest on a thread, 60 and 71 do not.
        const int64_t type = row.integer(2);
        auto& r = processOf(row.integer(5));
        const bool mark = type == 34 || type == 65, nests = type == 59 || type == 70, free = type == 60 || type == 71;
        if (!mark && !nests && !free) {
          r.count("NVTX event", false, "names of domains, threads and categories");
          return {};
        }
        const auto text = row.text(3).empty() ? m_db.string(row.integer(4)) : row.text(3);
        const auto name = splitNvtx(text);
        const auto label = m_names.labels.intern(cleaned(name.name));
        const auto sizes = std::string(name.sizes);
        const uint32_t track =
            free ? trackOf(r, "ranges", {"ranges", TrackKind::Range, -1, 1000}) : threadOf(r, row.integer(5));
        const auto kind = mark ? SliceKind::Other : name.isOperator ? SliceKind::Operator : SliceKind::Range;
        auto made = event(r, row, track, label, kind, mark ? "NVTX mark" : "NVTX range");
        if (!made) return passOn(made);
        if (row.isNull(1) && !mark) r.count("begin without an end", true, "kept, without a duration");
        if (kind != SliceKind::Operator) return {};
        (*made)->extra = static_cast<uint32_t>(r.ops.size());
        const auto shape = sizes.size() > 4 ? shapesText(sizes, "") : "";
        r.ops.push_back({kNoNumber, shape.empty() ? kNone : m_names.labels.intern(shape)});
        return {};
      });
}

Status NsysReader::readMemory() {
  m_read.insert("CUDA_GPU_MEMORY_USAGE_EVENTS");
  std::map<std::pair<int64_t, int64_t>, std::pair<uint32_t, double>> inUse;  // process, device -> series, bytes
  return m_db.each("CUDA_GPU_MEMORY_USAGE_EVENTS", {"start", "globalPid", "deviceId", "bytes", "memoryOperationType"},
                   m_job, [&](const Row& row) -> Status {
                     auto& r = processOf(row.integer(1));
                     const auto key = std::pair(m_process, row.integer(2));
                     if (inUse.count(key) == 0) {
                       inUse[key].first = static_cast<uint32_t>(r.series.size());
                       r.series.push_back({"memory allocated since the start", "B", deviceOf(r, row.integer(2))});
                     }
                     auto& [series, bytes] = inUse[key];
                     bytes += row.integer(4) == 0 ? row.real(3) : -row.real(3);
                     if (!isTime(row.integer(0))) {
                       return badInput(fmt::format("{}: a memory event has a time that makes no sense", m_file));
                     }
                     r.samples.push_back({series, row.integer(0), bytes});
                     r.count("memory event", true, "as a series");
                     return {};
                   });
}

// What else the recorder saw. Tables about the machine and the export hold no events.
Status NsysReader::countRest() {
  if (m_processes.empty()) return {};
  auto& r = m_processes.begin()->second;
  for (const auto& [table, columns] : m_db.tables()) {
    const bool events = columns.count("start") != 0 || columns.count("timestamp") != 0 || table.ends_with("_EVENTS");
    if (!events || m_read.count(table) != 0 || table.starts_with("TARGET_INFO")) continue;
    auto n = m_db.count(table);
    if (!n) return passOn(n);
    r.count(cleaned(table.substr(0, 80)), false, "a table that is not read", *n);
  }
  return {};
}

Result<std::vector<Recording>> NsysReader::read() {
  for (auto step : {&NsysReader::readGpus, &NsysReader::readKernels, &NsysReader::readCopies, &NsysReader::readSets,
                    &NsysReader::readCalls, &NsysReader::readSyncs, &NsysReader::readGraphs, &NsysReader::readNvtx,
                    &NsysReader::readMemory}) {
    if (auto s = (this->*step)(); !s) return passOn(s);
  }
  for (const auto& [table, kind] : {std::pair{"CUDNN_EVENTS", SliceKind::Range},
                                    {"CUBLAS_EVENTS", SliceKind::Range},
                                    {"OSRT_API", SliceKind::Call},
                                    {"MPI_P2P_EVENTS", SliceKind::Call},
                                    {"MPI_COLLECTIVES_EVENTS", SliceKind::Call},
                                    {"MPI_OTHER_EVENTS", SliceKind::Call}}) {
    const auto known = m_db.tables().find(table);
    if (known == m_db.tables().end() || known->second.count("nameId") == 0) {
      continue;
    }
    if (auto s = readHost(table, kind); !s) return passOn(s);
  }
  if (auto s = countRest(); !s) return passOn(s);
  std::vector<Recording> out;
  for (auto& [process, recording] : m_processes) {
    if (recording.events.empty() && recording.samples.empty()) continue;
    recording.ordinal = m_processes.size() > 1 ? std::optional(static_cast<int64_t>(out.size())) : std::nullopt;
    out.push_back(std::move(recording));
  }
  if (out.empty()) return badInput(fmt::format("{} holds no events", m_file), "was anything recorded?");
  return out;
}

}  // namespace

bool recognizesNsys(std::string_view head) { return head.starts_with(std::string_view("SQLite format 3\0", 16)); }

Result<std::vector<Recording>> readNsys(Input& input, Names& names, Job job) {
  auto db = NsysDatabase::open(input.path);
  if (!db) return passOn(db);
  if (db->has("intake") && db->has("operator")) {
    return badInput(fmt::format("{} is a Ridgeline profile already", input.name()), "`ridgeline report` reads it");
  }
  if (!db->has("StringIds") || (!db->has("EXPORT_META_DATA") && !db->has("META_DATA_EXPORT") &&
                                !db->has("CUPTI_ACTIVITY_KIND_KERNEL") && !db->has("NVTX_EVENTS"))) {
    return badInput(fmt::format("{} is a database, but no export of Nsight Systems", input.name()),
                    "`nsys export --type sqlite` makes one");
  }
  return NsysReader(*db, names, job, input.name()).read();
}

}  // namespace ridgeline::collector::import
