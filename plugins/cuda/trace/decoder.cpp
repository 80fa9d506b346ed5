#include "plugins/cuda/trace/decoder.h"

#include "plugins/cuda/trace/device_record.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace ridgeline::cuda {
namespace {

constexpr uint64_t kThreadTracks = uint64_t{1} << 32, kDeviceTracks = uint64_t{2} << 32;
// A program that never ends its ranges must not fill the memory.
constexpr size_t kMostOpenRanges = 1 << 16;

template <class Record>
const Record& as(const CUpti_Activity& record) {
  return reinterpret_cast<const Record&>(record);
}

int64_t ns(uint64_t time) { return static_cast<int64_t>(time); }

int32_t kindOf(uint8_t copyKind) {
  switch (copyKind) {
    case CUPTI_ACTIVITY_MEMCPY_KIND_HTOD:
    case CUPTI_ACTIVITY_MEMCPY_KIND_HTOA:
      return RIDGELINE_HOST_TO_DEVICE;
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOH:
    case CUPTI_ACTIVITY_MEMCPY_KIND_ATOH:
      return RIDGELINE_DEVICE_TO_HOST;
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOD:
    case CUPTI_ACTIVITY_MEMCPY_KIND_ATOA:
    case CUPTI_ACTIVITY_MEMCPY_KIND_ATOD:
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOA:
      return RIDGELINE_DEVICE_TO_DEVICE;
    case CUPTI_ACTIVITY_MEMCPY_KIND_PTOP:
      return RIDGELINE_PEER_TO_PEER;
    default:
      return RIDGELINE_OTHER_COPY;
  }
}

const char* nameOf(CUpti_ActivitySynchronizationType type) {
  switch (type) {
    case CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_EVENT_SYNCHRONIZE:
      return "event synchronize";
    case CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_WAIT_EVENT:
      return "stream wait event";
    case CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_SYNCHRONIZE:
      return "stream synchronize";
    case CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_CONTEXT_SYNCHRONIZE:
      return "context synchronize";
    default:
      return "synchronize";
  }
}

std::string payloadOf(const CUpti_ActivityMarkerData2& data) {
  char text[64];
  switch (data.payloadKind) {
    case CUPTI_METRIC_VALUE_KIND_DOUBLE:
      std::snprintf(text, sizeof text, "%.17g", data.payload.metricValueDouble);
      break;
    case CUPTI_METRIC_VALUE_KIND_INT64:
      std::snprintf(text, sizeof text, "%" PRId64, data.payload.metricValueInt64);
      break;
    default:
      std::snprintf(text, sizeof text, "%" PRIu64, data.payload.metricValueUint64);
  }
  return text;
}

}  // namespace

// Copies within a device, between devices, and fills differ in name only.
template <class Record>
void ActivityDecoder::tellCopy(const Record& r, int32_t kind, uint32_t flags) {
  if (isSpoiled(r.start, r.end)) return;
  auto c = RIDGELINE_INIT(RidgelineCopy);
  c.track = streamTrack(r.deviceId, r.contextId, r.streamId);
  c.start_ns = ns(r.start);
  c.end_ns = ns(r.end);
  c.correlation = r.correlationId;
  c.bytes = r.bytes;
  c.kind = kind;
  c.flags = flags;
  c.graph = r.graphId;
  c.graph_node = r.graphNodeId;
  m_out(RIDGELINE_RECORD_COPY, &c);
}

void ActivityDecoder::decode(const CUpti_Activity& record) {
  switch (record.kind) {
    case CUPTI_ACTIVITY_KIND_KERNEL:
    case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL:
      return kernel(record);
    case CUPTI_ACTIVITY_KIND_MEMCPY:
      return memcpy(record);
    case CUPTI_ACTIVITY_KIND_MEMCPY2:
      return tellCopy(as<CUpti_ActivityMemcpyPtoP4>(record), RIDGELINE_PEER_TO_PEER, 0);
    case CUPTI_ACTIVITY_KIND_MEMSET:
      return tellCopy(as<CUpti_ActivityMemset4>(record), RIDGELINE_SET, 0);
    case CUPTI_ACTIVITY_KIND_RUNTIME:
    case CUPTI_ACTIVITY_KIND_DRIVER:
      return call(record);
    case CUPTI_ACTIVITY_KIND_SYNCHRONIZATION:
      return synchronization(record);
    case CUPTI_ACTIVITY_KIND_OVERHEAD:
      return overhead(record);
    case CUPTI_ACTIVITY_KIND_MARKER:
      return marker(record);
    case CUPTI_ACTIVITY_KIND_MARKER_DATA:
      return markerData(record);
    case CUPTI_ACTIVITY_KIND_GRAPH_TRACE:
      return graph(record);
    case CUPTI_ACTIVITY_KIND_MEMORY2:
      return memory(record);
    default:
      ++m_unknown;
  }
}

// With CUDA graphs CUPTI has been seen to give times of zero, and ends before their starts.
bool ActivityDecoder::isSpoiled(uint64_t start, uint64_t end) {
  if (start != 0 && end >= start) return false;
  ++m_spoiled;
  return true;
}

void ActivityDecoder::tellDeviceOnce(uint32_t device) {
  if (!m_devices.insert(device).second) return;
  tellDevice(m_out, device, m_options.deviceName ? m_options.deviceName(device) : "");
}

uint64_t ActivityDecoder::deviceTrack(uint32_t device) {
  const uint64_t number = kDeviceTracks + device;
  if (!m_deviceTracks.insert(device).second) return number;
  tellDeviceOnce(device);
  const auto id = std::to_string(device), name = "device " + id;
  auto track = RIDGELINE_INIT(RidgelineTrack);
  track.track = number;
  track.name = name.c_str();
  track.kind = RIDGELINE_RANGES;
  track.device = id.c_str();
  m_out(RIDGELINE_RECORD_TRACK, &track);
  return number;
}

uint64_t ActivityDecoder::streamTrack(uint32_t device, uint32_t context, uint32_t stream) {
  auto& number = m_streams[{context, stream}];
  if (number) return number;
  number = m_streams.size();
  const auto id = std::to_string(device);
  tellDeviceOnce(device);
  const auto name = "stream " + std::to_string(stream) + (context > 1 ? " of context " + std::to_string(context) : "");
  auto track = RIDGELINE_INIT(RidgelineTrack);
  track.track = number;
  track.name = name.c_str();
  track.kind = RIDGELINE_STREAM;
  track.device = id.c_str();
  m_out(RIDGELINE_RECORD_TRACK, &track);
  return number;
}

uint64_t ActivityDecoder::threadTrack(uint32_t thread) {
  const uint64_t number = kThreadTracks + thread;
  if (!m_threads.insert(thread).second) return number;
  const auto name = "thread " + std::to_string(thread);
  auto track = RIDGELINE_INIT(RidgelineTrack);
  track.track = number;
  track.name = name.c_str();
  track.kind = RIDGELINE_THREAD;
  track.thread = thread;
  m_out(RIDGELINE_RECORD_TRACK, &track);
  return number;
}

void ActivityDecoder::kernel(const CUpti_Activity& record) {
  const auto& r = as<CUpti_ActivityKernel10>(record);
  if (isSpoiled(r.start, r.end)) return;
  auto k = RIDGELINE_INIT(RidgelineKernel);
  k.track = streamTrack(r.deviceId, r.contextId, r.streamId);
  k.name = m_names.readable(r.name);
  k.queued_ns = r.queued == CUPTI_TIMESTAMP_UNKNOWN ? 0 : ns(r.queued);
  k.submitted_ns = r.submitted == CUPTI_TIMESTAMP_UNKNOWN ? 0 : ns(r.submitted);
  k.start_ns = ns(r.start);
  k.end_ns = ns(r.end);
  k.correlation = r.correlationId;
  const int32_t grid[] = {r.gridX, r.gridY, r.gridZ}, block[] = {r.blockX, r.blockY, r.blockZ};
  for (int i = 0; i < 3; ++i) k.grid[i] = static_cast<uint32_t>(grid[i]), k.block[i] = static_cast<uint32_t>(block[i]);
  k.registers = r.registersPerThread;
  k.static_shared_bytes = static_cast<uint32_t>(r.staticSharedMemory);
  k.dynamic_shared_bytes = static_cast<uint32_t>(r.dynamicSharedMemory);
  k.local_bytes = r.localMemoryPerThread;
  k.graph = r.graphId;
  k.graph_node = r.graphNodeId;
  m_out(RIDGELINE_RECORD_KERNEL, &k);
}

void ActivityDecoder::memcpy(const CUpti_Activity& record) {
  const auto& r = as<CUpti_ActivityMemcpy6>(record);
  const int32_t kind = kindOf(r.copyKind);
  const uint8_t host = kind == RIDGELINE_HOST_TO_DEVICE ? r.srcKind : r.dstKind;
  const bool crossing = kind == RIDGELINE_HOST_TO_DEVICE || kind == RIDGELINE_DEVICE_TO_HOST;
  tellCopy(r, kind, crossing && host == CUPTI_ACTIVITY_MEMORY_KIND_PAGEABLE ? RIDGELINE_PAGEABLE : 0);
}

void ActivityDecoder::call(const CUpti_Activity& record) {
  const auto& r = as<CUpti_ActivityAPI>(record);
  if (isSpoiled(r.start, r.end)) return;
  const bool runtime = r.kind == CUPTI_ACTIVITY_KIND_RUNTIME;
  const auto domain = runtime ? CUPTI_CB_DOMAIN_RUNTIME_API : CUPTI_CB_DOMAIN_DRIVER_API;
  const char* name = m_options.callName ? m_options.callName(domain, r.cbid) : nullptr;
  auto s = RIDGELINE_INIT(RidgelineSpan);
  s.track = threadTrack(r.threadId);
  s.name = name ? name : runtime ? "(runtime call)" : "(driver call)";
  s.domain = runtime ? "runtime" : "driver";
  s.start_ns = ns(r.start);
  s.end_ns = ns(r.end);
  s.correlation = r.correlationId;
  s.kind = RIDGELINE_CALL;
  s.status = static_cast<int32_t>(r.returnValue);
  m_out(RIDGELINE_RECORD_SPAN, &s);
}

void ActivityDecoder::synchronization(const CUpti_Activity& record) {
  const auto& r = as<CUpti_ActivitySynchronization2>(record);
  if (isSpoiled(r.start, r.end)) return;
  // Which device a context is of stands in records that came before; a stream that nothing ran on has no track.
  const auto stream = m_streams.find({r.contextId, r.streamId});
  if (stream == m_streams.end()) return;
  auto s = RIDGELINE_INIT(RidgelineSpan);
  s.track = stream->second;
  s.name = nameOf(r.type);
  s.start_ns = ns(r.start);
  s.end_ns = ns(r.end);
  s.correlation = r.correlationId;
  s.kind = RIDGELINE_SYNC;
  m_out(RIDGELINE_RECORD_SPAN, &s);
}

void ActivityDecoder::overhead(const CUpti_Activity& record) {
  const auto& r = as<CUpti_ActivityOverhead3>(record);
  if (m_options.ownsOverheadData) std::free(r.overheadData);
  if (isSpoiled(r.start, r.end)) return;
  auto s = RIDGELINE_INIT(RidgelineSpan);
  const bool ofThread = r.objectKind == CUPTI_ACTIVITY_OBJECT_THREAD;
  s.track = threadTrack(ofThread ? r.objectId.pt.threadId : 0);
  s.name = "profiler overhead";
  s.start_ns = ns(r.start);
  s.end_ns = ns(r.end);
  s.kind = RIDGELINE_OVERHEAD;
  m_out(RIDGELINE_RECORD_SPAN, &s);
}

void ActivityDecoder::tellRange(const OpenRange& range, int64_t endNs) {
  auto s = RIDGELINE_INIT(RidgelineSpan);
  s.track = threadTrack(range.thread);
  s.name = range.name.c_str();
  s.domain = range.domain.empty() ? nullptr : range.domain.c_str();
  s.detail = range.detail.empty() ? nullptr : range.detail.c_str();
  s.start_ns = range.startNs;
  s.end_ns = endNs;
  s.kind = RIDGELINE_RANGE;
  m_out(RIDGELINE_RECORD_SPAN, &s);
}

// The end of a range has no name: it is known by its id.
void ActivityDecoder::marker(const CUpti_Activity& record) {
  const auto& r = as<CUpti_ActivityMarker2>(record);
  if (r.timestamp == 0) {
    ++m_spoiled;
    return;
  }
  if (r.flags & CUPTI_ACTIVITY_FLAG_MARKER_END) {
    const auto open = m_ranges.find(r.id);
    if (open == m_ranges.end()) {
      ++m_spoiled;
      return;
    }
    tellRange(open->second, ns(r.timestamp));
    m_ranges.erase(open);
    return;
  }
  const OpenRange range{r.name ? r.name : "",
                        r.domain ? r.domain : "",
                        {},
                        ns(r.timestamp),
                        r.objectKind == CUPTI_ACTIVITY_OBJECT_THREAD ? r.objectId.pt.threadId : 0};
  if (r.flags & CUPTI_ACTIVITY_FLAG_MARKER_INSTANTANEOUS) return tellRange(range, range.startNs);
  if (!(r.flags & CUPTI_ACTIVITY_FLAG_MARKER_START)) return;
  if (m_ranges.size() >= kMostOpenRanges) {
    ++m_spoiled;
    return;
  }
  m_ranges[r.id] = range;
}

void ActivityDecoder::markerData(const CUpti_Activity& record) {
  const auto& r = as<CUpti_ActivityMarkerData2>(record);
  const auto open = m_ranges.find(r.id);
  if (open != m_ranges.end()) open->second.detail = payloadOf(r);
}

void ActivityDecoder::graph(const CUpti_Activity& record) {
  const auto& r = as<CUpti_ActivityGraphTrace2>(record);
  if (isSpoiled(r.start, r.end)) return;
  auto k = RIDGELINE_INIT(RidgelineKernel);
  k.track = streamTrack(r.deviceId, r.contextId, r.streamId);
  const auto name = "CUDA graph " + std::to_string(r.graphId);
  k.name = name.c_str();
  k.start_ns = ns(r.start);
  k.end_ns = ns(r.end);
  k.correlation = r.correlationId;
  k.graph = r.graphId;
  m_out(RIDGELINE_RECORD_KERNEL, &k);
}

// What was allocated before the trace began is not in it.
void ActivityDecoder::memory(const CUpti_Activity& record) {
  const auto& r = as<CUpti_ActivityMemory4>(record);
  const bool ofDevice =
      r.memoryKind == CUPTI_ACTIVITY_MEMORY_KIND_DEVICE || r.memoryKind == CUPTI_ACTIVITY_MEMORY_KIND_MANAGED;
  if (!ofDevice || isSpoiled(r.timestamp, r.timestamp)) return;
  auto& inUse = m_memoryInUse[r.deviceId];
  if (r.memoryOperationType == CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_ALLOCATION) {
    inUse += r.bytes;
  } else {
    inUse -= std::min<uint64_t>(inUse, r.bytes);
  }
  auto sample = RIDGELINE_INIT(RidgelineCount);
  sample.track = deviceTrack(r.deviceId);
  sample.counter = "memory_in_use";
  sample.time_ns = ns(r.timestamp);
  sample.value = static_cast<double>(inUse);
  m_out(RIDGELINE_RECORD_COUNT, &sample);
}

void ActivityDecoder::tellLosses() {
  const auto tell = [this](uint64_t& count, const char* why) {
    if (count == 0) return;
    auto lost = RIDGELINE_INIT(RidgelineLost);
    lost.count = std::exchange(count, 0);
    lost.why = why;
    m_out(RIDGELINE_RECORD_LOST, &lost);
  };
  tell(m_spoiled, "CUPTI gave them no times that make sense");
  tell(m_unknown, "of a kind that Ridgeline does not know");
}

void ActivityDecoder::endOpenRanges(int64_t now) {
  for (const auto& [id, range] : m_ranges) tellRange(range, now);
  m_ranges.clear();
}

void ActivityDecoder::forget() {
  m_devices.clear();
  m_streams.clear();
  m_threads.clear();
  m_deviceTracks.clear();
  m_memoryInUse.clear();
  m_ranges.clear();
  m_spoiled = m_unknown = 0;
}

}  // namespace ridgeline::cuda
