// The rows of a profile. docs/profile-schema.md says the same for readers of the file.
//
// Times are nanoseconds and sizes bytes unless a name says otherwise. What is not known is empty (NULL in the file),
// never 0. Strings hold no absolute path, user name, host name or environment: a profile is handed around.
#pragma once

#include "profile/ids.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::profile {

enum class Provenance { Measured, Modelled, Imported };
enum class RoofKind { Compute, Bandwidth };
enum class RunKind { Plain, Observed };
enum class TrackKind { Thread, Stream, Range };
// What a slice is: an operator, a call into a runtime or driver, work on an accelerator (Kernel, Copy, Set), a wait, a
// range that the program named, a frame of a script, or something else.
enum class SliceKind { Operator, Call, Kernel, Copy, Set, Sync, Range, Frame, Other };
// What keeps an operator from being faster. Balanced: at the ridge, within the noise of the roofs.
enum class Bound { Compute, Memory, Overhead, Transfer, Idle, Balanced, Unknown };
enum class Severity { Info, Notice, Warning };
enum class Verdict { Faster, Slower, Inconclusive };
enum class InputKind { Given, Synthetic };

// As they stand in the file and in JSON: "measured", "compute", "faster".
std::string_view nameOf(Provenance value);
std::string_view nameOf(RoofKind value);
std::string_view nameOf(RunKind value);
std::string_view nameOf(TrackKind value);
std::string_view nameOf(SliceKind value);
std::string_view nameOf(Bound value);
std::string_view nameOf(Severity value);
std::string_view nameOf(Verdict value);
std::string_view nameOf(InputKind value);

// Something that runs work.
struct Device {
  DeviceId id;
  std::string name;                // "AMD EPYC 9654 96-Core Processor"
  std::string kind;                // "cpu", "gpu", ...
  std::string vendor;              // may be empty
  std::string properties = "{}";   // JSON; see device_properties.h
  RankId rank;                     // of an imported recording
  std::optional<int64_t> ordinal;  // its number in the machine, where a recording gives one
};

// A measured ceiling of a device.
struct Roof {
  RoofId id;
  DeviceId device;
  RoofKind kind = RoofKind::Compute;
  std::string dtype;    // Compute: "float32", "bfloat16", "int8"; else empty
  std::string level;    // Bandwidth: "L1", "L2", "L3", "DRAM"; else empty
  std::string pattern;  // Bandwidth: "read", "triad"; else empty
  double value = 0;     // in `unit`
  std::string unit;     // "FLOP/s", "OP/s", "B/s"
  int threads = 0;
  double spread = 0;  // relative, (max - min) / median of the repetitions
  Provenance provenance = Provenance::Measured;
  std::string how;  // "AVX-512 FMA, 12 accumulators, best of 5 x 50 ms"
};

struct Model {
  ModelId id;
  std::string name;  // base name of the file
  std::string sha256;
  int64_t bytes = 0;  // weights included
  int64_t opset = 0;
  std::string producer;
  std::vector<std::string> inputs;  // as run, one line each: "input float32 1x3x224x224"
};

// Arithmetic and traffic, modelled from shapes.
struct Work {
  double flops = 0;
  double intOps = 0;  // integer multiply-adds count as two
  double bytesRead = 0;
  double bytesWritten = 0;
  double constantBytes = 0;  // the part of bytesRead that is weights
  std::string computeType;   // data type of the arithmetic: chooses the compute roof
  double operations() const { return flops + intOps; }
  double bytes() const { return bytesRead + bytesWritten; }
};

// A node of the model's file.
struct Node {
  NodeId id;
  ModelId model;
  std::string name;  // its first output: the id it has in the file
  std::string opType;
  std::string domain;
  int64_t position = 0;      // in the file's order
  std::optional<Work> work;  // one execution's
};

struct Run {
  RunId id;
  RunKind kind = RunKind::Plain;
  int64_t ordinal = 0;  // in the order in which they were made, over both kinds
  int64_t startNs = 0;
  int64_t durationNs = 0;
  RankId rank;       // of an imported recording
  std::string name;  // "ProfilerStep#7"; empty when runs have no names
};

// A node as the engine executed it, after its own fusions. Times and work are those of one run: all its calls together.
struct Operator {
  OperatorId id;
  DeviceId device;
  std::string name;
  std::string opType;
  std::string provider;
  int depth = 0;  // above 0: inside a control-flow body, so within the time of the operator that holds it
  double callsPerRun = 1;
  double timeNs = 0;     // median over the observed runs
  double timeMadNs = 0;  // its spread: the scaled median absolute deviation
  std::optional<Work> work;
  std::optional<double> workingSetBytes;  // touched by one call: inputs, weights, outputs, scratch
  std::string inputShapes;                // "float32 1x64x56x56, float32 64x64x3x3"
  std::string outputShapes;
  Provenance provenanceTime = Provenance::Measured;
  std::optional<Provenance> provenanceWork;  // empty when work is
};

// Which nodes of the file an operator stands for.
struct OperatorNode {
  OperatorId op;
  NodeId node;
};

// A row of the timeline.
struct Track {
  TrackId id;
  DeviceId device;
  std::string name;  // "worker 1", "stream 7"
  TrackKind kind = TrackKind::Thread;
  int64_t ordinal = 0;
  RankId rank;  // of an imported recording
};

// Something with a start and a duration on a track.
struct Slice {
  SliceId id;
  TrackId track;
  OperatorId op;  // none for what is no operator
  LabelId label;  // its name when that is not the operator's; see Profile::label
  RunId run;
  int64_t startNs = 0;
  int64_t durationNs = 0;
  SliceKind kind = SliceKind::Operator;
};

// What a counter counts.
struct CounterKind {
  CounterId id;
  std::string name;  // "CONTEXT-SWITCHES"
  std::string unit;
  std::string description;
};

// What was counted during an operator, per run (median over runs).
struct CounterValue {
  CounterId counter;
  OperatorId op;
  double value = 0;
  Provenance provenance = Provenance::Measured;
};

// A fact an analyzer found.
struct Finding {
  FindingId id;
  std::string analyzer;
  Severity severity = Severity::Info;
  std::string text;    // one line
  std::string target;  // an operator's name, or empty for the whole profile
  std::vector<std::string> evidence;
  std::optional<double> value;  // what findings of one analyzer are ranked by; docs/profile-schema.md gives the units
};

// Where an operator stands under the roofs. Per run, like the operator.
struct Classification {
  OperatorId op;
  Bound bound = Bound::Unknown;
  std::string level;  // Memory: which one; else empty
  std::optional<double> roofTimeNs;
  std::optional<double> headroomNs;  // time - roof time, at least 0
  std::optional<double> intensity;   // operations / byte
  std::optional<double> achievedOpsPerS;
  std::optional<double> achievedBytesPerS;
};

// A rewrite that a rule proposes.
struct Advice {
  AdviceId id;
  std::string rule;
  std::string kind;  // "fusion", "quantization", "layout", ...
  bool lossy = false;
  std::string variant;
  std::string target;
  std::vector<std::string> places;  // node names
  std::vector<std::string> evidence;
  std::optional<double> predictedGainMs;  // per run
  std::string risk;
};

// A rewrite tried and measured: the ledger.
struct Trial {
  TrialId id;
  AdviceId advice;
  int64_t ordinal = 0;
  std::string rule;
  std::string kind;
  bool lossy = false;
  std::string variant;
  std::string target;
  std::optional<double> predictedGainMs;
  std::optional<double> measuredGainMs;
  std::optional<double> ratio;             // time before / time after: above 1 is faster
  std::optional<double> ratioLo, ratioHi;  // 95 %
  std::optional<Verdict> verdict;          // empty when it was not measured
  bool accepted = false;
  std::string reason;  // why not accepted, or what else should be known
  std::optional<double> cosine;
  std::optional<double> maxAbs;
  int64_t rounds = 0;
  double seconds = 0;                              // spent on it
  std::optional<double> beforeMs;                  // what the model took that it was tried on
  std::optional<int64_t> bytesBefore, bytesAfter;  // of memory or of the model, where less of that was the goal
  // Where what was measured is of idle threads that sleep: the gain and the time before where they spin, which
  // predictions are of.
  std::optional<double> spinningGainMs, spinningBeforeMs;
};

// The final measurement of the winner against the original.
struct Proof {
  ProofId id;
  double baselineMs = 0;
  double optimizedMs = 0;
  double speedup = 1;
  std::optional<double> speedupLo, speedupHi;  // 95 %
  std::optional<Verdict> verdict;
  std::optional<double> cosine;  // worst over the samples, first output
  std::optional<double> maxAbs;
  std::optional<double> top1Agreement;  // 0..1
  int64_t samples = 0;
  InputKind inputs = InputKind::Synthetic;
  std::optional<int64_t> peakMemoryBefore, peakMemoryAfter;
  std::optional<int64_t> modelBytesBefore, modelBytesAfter;
  bool constraintsMet = true;
  std::string outputFile;  // base name
  int64_t rounds = 0;
  double searchSeconds = 0;
  std::string goal = "latency";                                  // or "memory", "size"
  std::optional<int64_t> tensorMemoryBefore, tensorMemoryAfter;  // alive at once, by their shapes
  std::string engineSettings;                                    // JSON; empty: the engine's defaults
  std::string specialization;                                    // "for the input shapes x 1x3 only"; empty: it is none
};

// A pattern that almost matched.
struct NearMiss {
  NearMissId id;
  std::string rule;
  std::string place;  // node name
  std::string why;
};

}  // namespace ridgeline::profile
