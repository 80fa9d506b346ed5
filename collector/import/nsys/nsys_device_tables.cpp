// What accelerators did: kernels, copies, waits of streams, graphs, memory.
#include "collector/import/gpu_roofs.h"
#include "collector/import/nsys/nsys_reader.h"
#include "collector/import/nsys/nsys_words.h"
#include "collector/words/privacy.h"

#include <array>

namespace ridgeline::collector::import {

using namespace profile;

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
                     work.direction = copyDirectionOf(row.integer(8));
                     auto made = event(r, row, streamOf(r, row, 2, 4, TrackKind::Stream, "stream "),
                                       m_names.labels.intern(copyLabel(work.direction)), SliceKind::Copy, "copy");
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
                     auto made =
                         event(r, row, streamOf(r, row, 2, 4, TrackKind::Stream, "stream "),
                               m_names.labels.intern(copyLabel(CopyDirection::Set)), SliceKind::Set, "memory set");
                     if (!made) return passOn(made);
                     (*made)->extra = static_cast<uint32_t>(r.works.size());
                     Work work;
                     if (!row.isNull(5)) work.correlation = row.integer(5);
                     work.bytes = row.integer(7), work.direction = CopyDirection::Set;
                     r.works.push_back(work);
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

}  // namespace ridgeline::collector::import
