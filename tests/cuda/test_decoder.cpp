// CUPTI's records, made by hand, as Ridgeline's.
#include "plugins/cuda/trace/decoder.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

using namespace ridgeline::cuda;

namespace {

std::string text(const char* t) { return t ? t : "(null)"; }

// Every record as a line.
struct Decoded {
  std::vector<std::string> lines;
  ActivityDecoder decoder{[this](RidgelineRecordType type, const void* r) { take(type, r); },
                          {[](CUpti_CallbackDomain domain, CUpti_CallbackId id) {
                             return domain == CUPTI_CB_DOMAIN_RUNTIME_API && id == 211 ? "cudaLaunchKernel_v7000"
                                                                                       : nullptr;
                           },
                           [](uint32_t) { return std::string("Made up GPU"); }, true}};

  void take(RidgelineRecordType type, const void* r) {
    const auto join = [](auto... parts) {
      std::string line;
      ((line += (line.empty() ? "" : " ") + parts), ...);
      return line;
    };
    const auto n = [](auto v) { return std::to_string(v); };
    if (type == RIDGELINE_RECORD_DEVICE) {
      const auto& d = *static_cast<const RidgelineDevice*>(r);
      lines.push_back(join(std::string("device"), text(d.id), text(d.name)));
    } else if (type == RIDGELINE_RECORD_TRACK) {
      const auto& t = *static_cast<const RidgelineTrack*>(r);
      lines.push_back(join(std::string("track"), text(t.name), text(t.device)));
    } else if (type == RIDGELINE_RECORD_KERNEL) {
      const auto& k = *static_cast<const RidgelineKernel*>(r);
      lines.push_back(join(std::string("kernel"), text(k.name), n(k.start_ns), n(k.end_ns), n(k.grid[0]), n(k.block[0]),
                           n(k.registers), n(k.static_shared_bytes), n(k.dynamic_shared_bytes), n(k.correlation),
                           n(k.graph), n(k.graph_node)));
    } else if (type == RIDGELINE_RECORD_COPY) {
      const auto& c = *static_cast<const RidgelineCopy*>(r);
      lines.push_back(join(std::string("copy"), n(c.kind), n(c.bytes), n(c.flags), n(c.start_ns), n(c.end_ns)));
    } else if (type == RIDGELINE_RECORD_SPAN) {
      const auto& s = *static_cast<const RidgelineSpan*>(r);
      lines.push_back(join(std::string("span"), n(s.kind), text(s.name), text(s.domain), text(s.detail), n(s.start_ns),
                           n(s.end_ns), n(s.correlation), n(s.status)));
    } else if (type == RIDGELINE_RECORD_COUNT) {
      const auto& c = *static_cast<const RidgelineCount*>(r);
      lines.push_back(join(std::string("count"), text(c.counter), n(c.time_ns), n(static_cast<int64_t>(c.value))));
    } else if (type == RIDGELINE_RECORD_LOST) {
      const auto& l = *static_cast<const RidgelineLost*>(r);
      lines.push_back(join(std::string("lost"), n(l.count), text(l.why)));
    }
  }
  template <class Record>
  void give(const Record& record) {
    decoder.decode(reinterpret_cast<const CUpti_Activity&>(record));
  }
};

template <class Record>
Record blank(CUpti_ActivityKind kind) {
  Record record;
  std::memset(&record, 0, sizeof record);
  record.kind = kind;
  return record;
}

CUpti_ActivityKernel10 kernelOf(const char* name, uint64_t start, uint64_t end) {
  auto k = blank<CUpti_ActivityKernel10>(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
  k.name = name, k.start = start, k.end = end, k.contextId = 1, k.streamId = 7;
  k.gridX = 80, k.blockX = 256, k.registersPerThread = 64, k.staticSharedMemory = 1024, k.dynamicSharedMemory = 2048;
  k.correlationId = 5, k.graphId = 2, k.graphNodeId = 99;
  return k;
}

CUpti_ActivityMarker2 markerOf(uint32_t id, CUpti_ActivityFlag flags, uint64_t time, const char* name,
                               const char* domain) {
  auto m = blank<CUpti_ActivityMarker2>(CUPTI_ACTIVITY_KIND_MARKER);
  m.id = id, m.flags = flags, m.timestamp = time, m.name = name, m.domain = domain;
  m.objectKind = CUPTI_ACTIVITY_OBJECT_THREAD;
  m.objectId.pt.threadId = 42;
  return m;
}

}  // namespace

TEST_CASE("a kernel brings its device and stream, once") {
  Decoded d;
  d.give(kernelOf("gemm", 100, 200));
  d.give(kernelOf("relu", 200, 210));
  CHECK(d.lines == std::vector<std::string>{"device 0 Made up GPU", "track stream 7 0",
                                            "kernel gemm 100 200 80 256 64 1024 2048 5 2 99",
                                            "kernel relu 200 210 80 256 64 1024 2048 5 2 99"});
  d.lines.clear();
  d.decoder.forget();  // a child that was forked off
  d.give(kernelOf("gemm", 100, 200));
  CHECK(d.lines.size() == 3);
}

TEST_CASE("times that make no sense are counted, not kept") {
  Decoded d;
  d.give(kernelOf("a", 0, 100));
  d.give(kernelOf("b", 200, 100));
  CHECK(d.lines.empty());
  d.decoder.tellLosses();
  CHECK(d.lines == std::vector<std::string>{"lost 2 CUPTI gave them no times that make sense"});
  d.decoder.tellLosses();
  CHECK(d.lines.size() == 1);
}

TEST_CASE("records of kinds that are not known are counted") {
  Decoded d;
  d.give(blank<CUpti_ActivityDevice5>(CUPTI_ACTIVITY_KIND_PCIE));
  d.decoder.tellLosses();
  CHECK(d.lines == std::vector<std::string>{"lost 1 of a kind that Ridgeline does not know"});
}

TEST_CASE("copies have a direction, and host memory that is not pinned is told") {
  Decoded d;
  auto c = blank<CUpti_ActivityMemcpy6>(CUPTI_ACTIVITY_KIND_MEMCPY);
  c.copyKind = CUPTI_ACTIVITY_MEMCPY_KIND_HTOD, c.bytes = 4096, c.start = 10, c.end = 20;
  c.srcKind = CUPTI_ACTIVITY_MEMORY_KIND_PAGEABLE, c.dstKind = CUPTI_ACTIVITY_MEMORY_KIND_DEVICE;
  d.give(c);
  c.copyKind = CUPTI_ACTIVITY_MEMCPY_KIND_DTOH;
  std::swap(c.srcKind, c.dstKind);
  d.give(c);
  c.copyKind = CUPTI_ACTIVITY_MEMCPY_KIND_DTOD;
  d.give(c);
  auto p = blank<CUpti_ActivityMemcpyPtoP4>(CUPTI_ACTIVITY_KIND_MEMCPY2);
  p.bytes = 8, p.start = 30, p.end = 40;
  d.give(p);
  auto m = blank<CUpti_ActivityMemset4>(CUPTI_ACTIVITY_KIND_MEMSET);
  m.bytes = 16, m.start = 50, m.end = 60;
  d.give(m);
  const std::vector<std::string> copies(d.lines.begin() + 2, d.lines.end());
  CHECK(copies == std::vector<std::string>{"copy 1 4096 1 10 20", "copy 2 4096 1 10 20", "copy 3 4096 0 10 20",
                                           "copy 4 8 0 30 40", "copy 5 16 0 50 60"});
}

TEST_CASE("calls are named, and keep what they returned") {
  Decoded d;
  auto call = blank<CUpti_ActivityAPI>(CUPTI_ACTIVITY_KIND_RUNTIME);
  call.cbid = 211, call.start = 1, call.end = 9, call.threadId = 42, call.correlationId = 5;
  d.give(call);
  call.kind = CUPTI_ACTIVITY_KIND_DRIVER;
  call.returnValue = 700;
  d.give(call);
  CHECK(d.lines == std::vector<std::string>{"track thread 42 (null)",
                                            "span 1 cudaLaunchKernel_v7000 runtime (null) 1 9 5 0",
                                            "span 1 (driver call) driver (null) 1 9 5 700"});
}

TEST_CASE("ranges nest, and have their domain and payload") {
  Decoded d;
  d.give(markerOf(1, CUPTI_ACTIVITY_FLAG_MARKER_START, 10, "step", "app"));
  d.give(markerOf(2, CUPTI_ACTIVITY_FLAG_MARKER_START, 20, "conv, sizes = [1, 3]", nullptr));
  auto data = blank<CUpti_ActivityMarkerData2>(CUPTI_ACTIVITY_KIND_MARKER_DATA);
  data.id = 2, data.payloadKind = CUPTI_METRIC_VALUE_KIND_INT64, data.payload.metricValueInt64 = -7;
  d.give(data);
  d.give(markerOf(2, CUPTI_ACTIVITY_FLAG_MARKER_END, 30, nullptr, nullptr));
  d.give(markerOf(3, CUPTI_ACTIVITY_FLAG_MARKER_INSTANTANEOUS, 35, "tick", nullptr));
  d.give(markerOf(9, CUPTI_ACTIVITY_FLAG_MARKER_END, 36, nullptr, nullptr));  // whose begin is not there
  d.decoder.endOpenRanges(40);
  d.decoder.tellLosses();
  CHECK(d.lines == std::vector<std::string>{"track thread 42 (null)", "span 2 conv, sizes = [1, 3] (null) -7 20 30 0 0",
                                            "span 2 tick (null) (null) 35 35 0 0", "span 2 step app (null) 10 40 0 0",
                                            "lost 1 CUPTI gave them no times that make sense"});
}

TEST_CASE("waits and whole graphs are on their stream") {
  Decoded d;
  auto wait = blank<CUpti_ActivitySynchronization2>(CUPTI_ACTIVITY_KIND_SYNCHRONIZATION);
  wait.type = CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_SYNCHRONIZE, wait.start = 1, wait.end = 2, wait.contextId = 1,
  wait.streamId = 7;
  d.give(wait);  // of a stream that nothing ran on
  CHECK(d.lines.empty());
  auto graph = blank<CUpti_ActivityGraphTrace2>(CUPTI_ACTIVITY_KIND_GRAPH_TRACE);
  graph.graphId = 3, graph.start = 5, graph.end = 8, graph.contextId = 1, graph.streamId = 7, graph.correlationId = 11;
  d.give(graph);
  d.give(wait);
  CHECK(d.lines == std::vector<std::string>{"device 0 Made up GPU", "track stream 7 0",
                                            "kernel CUDA graph 3 5 8 0 0 0 0 0 11 3 0",
                                            "span 3 stream synchronize (null) (null) 1 2 0 0"});
}

TEST_CASE("kernels are called as in their source") {
  Decoded d;
  d.give(kernelOf("_Z4gemmILi128EEvPf", 100, 200));
  d.give(kernelOf("_Zbroken", 200, 210));
  d.give(kernelOf("plain_c", 210, 220));
  d.give(kernelOf(nullptr, 220, 230));
  REQUIRE(d.lines.size() == 6);
  CHECK(d.lines[2].rfind("kernel void gemm<128>(float*) 100", 0) == 0);
  CHECK(d.lines[3].rfind("kernel _Zbroken 200", 0) == 0);
  CHECK(d.lines[4].rfind("kernel plain_c 210", 0) == 0);
  CHECK(d.lines[5].rfind("kernel (kernel) 220", 0) == 0);
}

TEST_CASE("memory in use is the sum of what a device's allocations left") {
  Decoded d;
  auto m = blank<CUpti_ActivityMemory4>(CUPTI_ACTIVITY_KIND_MEMORY2);
  const auto give = [&](CUpti_ActivityMemoryOperationType what, uint64_t bytes, uint64_t time) {
    m.memoryOperationType = what, m.bytes = bytes, m.timestamp = time;
    d.give(m);
  };
  m.memoryKind = CUPTI_ACTIVITY_MEMORY_KIND_DEVICE;
  give(CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_ALLOCATION, 1000, 1);
  give(CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_ALLOCATION, 500, 2);
  give(CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_RELEASE, 1000, 3);
  give(CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_RELEASE, 9999, 4);  // of before the trace began
  m.memoryKind = CUPTI_ACTIVITY_MEMORY_KIND_PINNED;
  give(CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_ALLOCATION, 7, 5);
  CHECK(d.lines == std::vector<std::string>{"device 0 Made up GPU", "track device 0 0", "count memory_in_use 1 1000",
                                            "count memory_in_use 2 1500", "count memory_in_use 3 500",
                                            "count memory_in_use 4 0"});
}

TEST_CASE("what profiling costs is told, and what came with it is freed") {
  Decoded d;
  auto o = blank<CUpti_ActivityOverhead3>(CUPTI_ACTIVITY_KIND_OVERHEAD);
  o.objectKind = CUPTI_ACTIVITY_OBJECT_THREAD, o.objectId.pt.threadId = 42, o.start = 5, o.end = 9;
  o.overheadData = std::malloc(16);  // leaks, under the leak sanitizer, unless the decoder frees it
  d.give(o);
  CHECK(d.lines ==
        std::vector<std::string>{"track thread 42 (null)", "span 4 profiler overhead (null) (null) 5 9 0 0"});
}
