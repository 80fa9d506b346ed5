// Which member of a row stands in which column: said once, used to write and to read. For the library's own use.
#pragma once

#include "profile/vocabulary.h"

#include <string_view>
#include <type_traits>
#include <utility>

namespace ridgeline::profile {

// The texts of an enum's values, in their order.
template <class E>
constexpr std::string_view kNames[] = {""};
template <>
inline constexpr std::string_view kNames<Provenance>[] = {"measured", "modelled", "imported"};
template <>
inline constexpr std::string_view kNames<RoofKind>[] = {"compute", "bandwidth"};
template <>
inline constexpr std::string_view kNames<RunKind>[] = {"plain", "observed"};
template <>
inline constexpr std::string_view kNames<TrackKind>[] = {"thread", "stream", "range"};
template <>
inline constexpr std::string_view kNames<SliceKind>[] = {"operator", "call",  "kernel", "copy", "set",
                                                         "sync",     "range", "frame",  "other"};
template <>
inline constexpr std::string_view kNames<Bound>[] = {"compute", "memory",   "overhead", "transfer",
                                                     "idle",    "balanced", "unknown"};
template <>
inline constexpr std::string_view kNames<Severity>[] = {"info", "notice", "warning"};
template <>
inline constexpr std::string_view kNames<Verdict>[] = {"faster", "slower", "inconclusive"};
template <>
inline constexpr std::string_view kNames<InputKind>[] = {"given", "synthetic"};

// table: its name. visit(row, f): f(column, member) for each column; with a mutable row f may assign.
template <class Row>
struct Columns;

template <class W, class F>
void visitWorkColumns(W& w, F& f) {
  f("flops", w.flops), f("int_ops", w.intOps), f("bytes_read", w.bytesRead), f("bytes_written", w.bytesWritten);
  f("constant_bytes", w.constantBytes), f("compute_type", w.computeType);
}

// Work that may be unknown spreads over columns that are NULL together, and one that says so.
template <class O, class F>
void visitWork(O& work, F& f) {
  bool known = work.has_value();
  if constexpr (std::is_const_v<O>) {
    struct {
      std::optional<double> flops, intOps, bytesRead, bytesWritten, constantBytes;
      std::optional<std::string> computeType;
    } const none;
    known ? visitWorkColumns(*work, f) : visitWorkColumns(none, f);
    f("work_known", known);
  } else {
    Work w;
    visitWorkColumns(w, f);
    f("work_known", known);
    work.reset();
    if (known) work = std::move(w);
  }
}

template <>
struct Columns<Device> {
  static constexpr std::string_view table = "device";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("name", r.name), f("kind", r.kind), f("vendor", r.vendor), f("properties", r.properties);
    f("rank", r.rank), f("ordinal", r.ordinal);
  }
};

template <>
struct Columns<Roof> {
  static constexpr std::string_view table = "roof";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("device", r.device), f("kind", r.kind), f("dtype", r.dtype), f("level", r.level);
    f("pattern", r.pattern), f("value", r.value), f("unit", r.unit), f("threads", r.threads), f("spread", r.spread);
    f("provenance", r.provenance), f("how", r.how);
  }
};

template <>
struct Columns<Model> {
  static constexpr std::string_view table = "model";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("name", r.name), f("sha256", r.sha256), f("bytes", r.bytes), f("opset", r.opset);
    f("producer", r.producer), f("inputs", r.inputs);
  }
};

template <>
struct Columns<Node> {
  static constexpr std::string_view table = "node";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("model", r.model), f("name", r.name), f("op_type", r.opType), f("domain", r.domain);
    f("position", r.position);
    visitWork(r.work, f);
  }
};

template <>
struct Columns<Run> {
  static constexpr std::string_view table = "run";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("kind", r.kind), f("ordinal", r.ordinal), f("start_ns", r.startNs), f("duration_ns", r.durationNs);
    f("rank", r.rank), f("name", r.name);
  }
};

template <>
struct Columns<Operator> {
  static constexpr std::string_view table = "operator";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("device", r.device), f("name", r.name), f("op_type", r.opType), f("provider", r.provider);
    f("depth", r.depth), f("calls_per_run", r.callsPerRun), f("time_ns", r.timeNs), f("time_mad_ns", r.timeMadNs);
    visitWork(r.work, f);
    f("working_set_bytes", r.workingSetBytes), f("input_shapes", r.inputShapes), f("output_shapes", r.outputShapes);
    f("provenance_time", r.provenanceTime), f("provenance_work", r.provenanceWork);
  }
};

template <>
struct Columns<OperatorNode> {
  static constexpr std::string_view table = "operator_node";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("operator", r.op), f("node", r.node);
  }
};

template <>
struct Columns<Track> {
  static constexpr std::string_view table = "track";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("device", r.device), f("name", r.name), f("kind", r.kind), f("ordinal", r.ordinal);
    f("rank", r.rank);
  }
};

template <>
struct Columns<Slice> {
  static constexpr std::string_view table = "slice";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("track", r.track), f("operator", r.op), f("label", r.label), f("run", r.run);
    f("start_ns", r.startNs), f("duration_ns", r.durationNs), f("kind", r.kind);
  }
};

template <>
struct Columns<CounterKind> {
  static constexpr std::string_view table = "counter_kind";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("name", r.name), f("unit", r.unit), f("description", r.description);
  }
};

template <>
struct Columns<CounterValue> {
  static constexpr std::string_view table = "counter_value";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("counter", r.counter), f("operator", r.op), f("value", r.value), f("provenance", r.provenance);
  }
};

template <>
struct Columns<Finding> {
  static constexpr std::string_view table = "finding";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("analyzer", r.analyzer), f("severity", r.severity), f("text", r.text), f("target", r.target);
    f("evidence", r.evidence), f("value", r.value);
  }
};

template <>
struct Columns<Classification> {
  static constexpr std::string_view table = "classification";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("operator", r.op), f("bound", r.bound), f("level", r.level), f("roof_time_ns", r.roofTimeNs);
    f("headroom_ns", r.headroomNs), f("intensity", r.intensity), f("achieved_ops_per_s", r.achievedOpsPerS);
    f("achieved_bytes_per_s", r.achievedBytesPerS);
  }
};

template <>
struct Columns<Advice> {
  static constexpr std::string_view table = "advice";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("rule", r.rule), f("kind", r.kind), f("lossy", r.lossy), f("variant", r.variant);
    f("target", r.target), f("places", r.places), f("evidence", r.evidence);
    f("predicted_gain_ms", r.predictedGainMs), f("risk", r.risk);
  }
};

template <>
struct Columns<Trial> {
  static constexpr std::string_view table = "trial";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("advice", r.advice), f("ordinal", r.ordinal), f("rule", r.rule), f("kind", r.kind);
    f("lossy", r.lossy), f("variant", r.variant), f("target", r.target), f("predicted_gain_ms", r.predictedGainMs);
    f("measured_gain_ms", r.measuredGainMs), f("ratio", r.ratio), f("ratio_lo", r.ratioLo), f("ratio_hi", r.ratioHi);
    f("verdict", r.verdict), f("accepted", r.accepted), f("reason", r.reason), f("cosine", r.cosine);
    f("max_abs", r.maxAbs), f("rounds", r.rounds), f("seconds", r.seconds);
    f("before_ms", r.beforeMs), f("bytes_before", r.bytesBefore), f("bytes_after", r.bytesAfter);
    f("spinning_gain_ms", r.spinningGainMs), f("spinning_before_ms", r.spinningBeforeMs);
  }
};

template <>
struct Columns<Proof> {
  static constexpr std::string_view table = "proof";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("baseline_ms", r.baselineMs), f("optimized_ms", r.optimizedMs), f("speedup", r.speedup);
    f("speedup_lo", r.speedupLo), f("speedup_hi", r.speedupHi), f("verdict", r.verdict), f("cosine", r.cosine);
    f("max_abs", r.maxAbs), f("top1_agreement", r.top1Agreement), f("samples", r.samples), f("inputs", r.inputs);
    f("peak_memory_before", r.peakMemoryBefore), f("peak_memory_after", r.peakMemoryAfter);
    f("model_bytes_before", r.modelBytesBefore), f("model_bytes_after", r.modelBytesAfter);
    f("constraints_met", r.constraintsMet), f("output_file", r.outputFile), f("rounds", r.rounds);
    f("search_seconds", r.searchSeconds), f("goal", r.goal), f("tensor_memory_before", r.tensorMemoryBefore);
    f("tensor_memory_after", r.tensorMemoryAfter), f("engine_settings", r.engineSettings);
    f("specialization", r.specialization);
  }
};

template <>
struct Columns<NearMiss> {
  static constexpr std::string_view table = "near_miss";
  template <class R, class F>
  static void visit(R& r, F&& f) {
    f("id", r.id), f("rule", r.rule), f("place", r.place), f("why", r.why);
  }
};

}  // namespace ridgeline::profile
