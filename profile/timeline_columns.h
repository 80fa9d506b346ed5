// Columns of timeline_vocabulary.h's rows. For the library's own use.
#pragma once

#include "profile/columns.h"
#include "profile/timeline_vocabulary.h"

namespace ridgeline::profile {

template <>
inline constexpr std::string_view kNames<CopyDirection>[] = {
    "host_to_device", "device_to_host", "device_to_device", "peer_to_peer", "host_to_host", "set", "unknown"};
template <>
inline constexpr std::string_view kNames<KernelKind>[] = {"compute", "communication"};
template <>
inline constexpr std::string_view kNames<IdleReason>[] = {"host", "sync", "queued", "unknown"};

template <>
struct Columns<Rank> {
  static constexpr std::string_view table = "rank";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("ordinal", r.ordinal), f("name", r.name), f("source", r.source), f("format", r.format);
    f("clock_offset_ns", r.clockOffsetNs), f("timed", r.timed);
  }
};

template <>
struct Columns<LaunchShape> {
  static constexpr std::string_view table = "launch_shape";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("grid_x", r.gridX), f("grid_y", r.gridY), f("grid_z", r.gridZ);
    f("block_x", r.blockX), f("block_y", r.blockY), f("block_z", r.blockZ), f("registers", r.registers);
    f("static_shared_bytes", r.staticShared), f("dynamic_shared_bytes", r.dynamicShared), f("occupancy", r.occupancy);
  }
};

template <>
struct Columns<KernelLaunch> {
  static constexpr std::string_view table = "kernel";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("slice", r.slice), f("launch", r.launch), f("caller", r.caller), f("shape", r.shape);
    f("correlation", r.correlation), f("graph_node", r.graphNode);
  }
};

template <>
struct Columns<Copy> {
  static constexpr std::string_view table = "copy";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("slice", r.slice), f("launch", r.launch), f("caller", r.caller), f("direction", r.direction);
    f("bytes", r.bytes), f("pinned", r.pinned), f("correlation", r.correlation);
  }
};

template <>
struct Columns<Flow> {
  static constexpr std::string_view table = "flow";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("kind", r.kind), f("source", r.source), f("target", r.target);
  }
};

template <>
struct Columns<Series> {
  static constexpr std::string_view table = "series";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("rank", r.rank), f("device", r.device), f("name", r.name), f("unit", r.unit);
  }
};

template <>
struct Columns<Sample> {
  static constexpr std::string_view table = "sample";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("series", r.series), f("at_ns", r.atNs), f("value", r.value);
  }
};

template <>
struct Columns<KernelCounter> {
  static constexpr std::string_view table = "kernel_counter";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("slice", r.slice), f("counter", r.counter), f("value", r.value), f("provenance", r.provenance);
  }
};

template <>
struct Columns<Intake> {
  static constexpr std::string_view table = "intake";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("rank", r.rank), f("what", r.what), f("count", r.count), f("kept", r.kept), f("note", r.note);
  }
};

template <>
struct Columns<KernelGroup> {
  static constexpr std::string_view table = "kernel_group";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("device", r.device), f("label", r.label), f("shape", r.shape), f("kind", r.kind);
    f("calls", r.calls), f("total_ns", r.totalNs), f("min_ns", r.minNs), f("median_ns", r.medianNs);
    f("max_ns", r.maxNs), f("operator", r.op), f("flops", r.flops), f("bytes", r.bytes);
    f("compute_type", r.computeType), f("provenance_work", r.provenanceWork), f("bound", r.bound);
    f("level", r.level), f("roof_time_ns", r.roofTimeNs), f("headroom_ns", r.headroomNs);
  }
};

template <>
struct Columns<DeviceUse> {
  static constexpr std::string_view table = "device_use";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("device", r.device), f("start_ns", r.startNs), f("duration_ns", r.durationNs);
    f("busy_ns", r.busyNs), f("compute_ns", r.computeNs), f("communication_ns", r.communicationNs);
    f("copy_ns", r.copyNs), f("communication_overlap_ns", r.communicationOverlapNs);
    f("copy_overlap_ns", r.copyOverlapNs), f("kernels", r.kernels), f("queue_mean", r.queueMean);
    f("queue_max", r.queueMax), f("launch_delay_ns", r.launchDelayNs);
  }
};

template <>
struct Columns<IdleCause> {
  static constexpr std::string_view table = "idle_cause";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("device", r.device), f("reason", r.reason), f("count", r.count), f("total_ns", r.totalNs);
    f("longest_ns", r.longestNs);
  }
};

template <>
struct Columns<Gap> {
  static constexpr std::string_view table = "gap";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("device", r.device), f("start_ns", r.startNs), f("duration_ns", r.durationNs);
    f("reason", r.reason), f("before", r.before), f("after", r.after), f("during", r.during);
  }
};

template <>
struct Columns<TreeNode> {
  static constexpr std::string_view table = "tree_node";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("parent", r.parent), f("rank", r.rank), f("label", r.label), f("kind", r.kind);
    f("calls", r.calls), f("total_ns", r.totalNs), f("self_ns", r.selfNs), f("kernels", r.kernels);
    f("kernel_ns", r.kernelNs);
  }
};

template <>
struct Columns<PathPart> {
  static constexpr std::string_view table = "path_part";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("run", r.run), f("rank", r.rank), f("ordinal", r.ordinal), f("what", r.what);
    f("slice", r.slice), f("start_ns", r.startNs), f("duration_ns", r.durationNs);
  }
};

}  // namespace ridgeline::profile
