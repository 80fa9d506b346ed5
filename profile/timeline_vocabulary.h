// Rows about accelerators and imported recordings: what ran where, what started it, and what analyzers made of it.
//
// The timeline itself is Track and Slice (vocabulary.h). A kernel, a copy and a memory set are slices on a stream; the
// rows here add what is known of them beyond name and time. Times are nanoseconds, sizes bytes; unknown is empty.
#pragma once

#include "profile/vocabulary.h"

#include <cstdint>
#include <optional>
#include <string>

namespace ridgeline::profile {

// Where data moves, seen from the device. Set: memory is filled.
enum class CopyDirection { HostToDevice, DeviceToHost, DeviceToDevice, PeerToPeer, HostToHost, Set, Unknown };
// What a group of kernels does, as far as its name says.
enum class KernelKind { Compute, Communication };
// Why a device had nothing to do. Host: the host launched the next work too late. Sync: the host launched it late
// because it had waited for the device. Queued: it was launched in time and waited for something else. Unknown: its
// launch was not recorded.
enum class IdleReason { Host, Sync, Queued, Unknown };

std::string_view nameOf(CopyDirection value);
std::string_view nameOf(KernelKind value);
std::string_view nameOf(IdleReason value);

// What the slice of a copy is called where its source has no name for it: "copy host to device", "set memory".
const char* copyLabel(CopyDirection direction);

// A process of a recording: a rank of a distributed job, or the only one.
struct Rank {
  RankId id;
  int64_t ordinal = 0;
  std::string name;           // "rank 0"
  std::string source;         // base name of the file
  std::string format;         // "kineto", "nsys", ...
  int64_t clockOffsetNs = 0;  // profile time = time in the file + this
  bool timed = true;          // false: the file has durations and an order, no points in time
};

// How a kernel was launched, each combination once.
struct LaunchShape {
  LaunchShapeId id;
  std::optional<int64_t> gridX, gridY, gridZ;
  std::optional<int64_t> blockX, blockY, blockZ;
  std::optional<int64_t> registers;  // per thread
  std::optional<int64_t> staticShared, dynamicShared;
  std::optional<double> occupancy;  // 0..1, estimated by the recorder
};

// A kernel's launch; its time and name are the slice's.
struct KernelLaunch {
  SliceId slice;
  SliceId launch;  // the call that launched it; none when it was not recorded
  SliceId caller;  // the innermost operator around that call
  LaunchShapeId shape;
  std::optional<int64_t> correlation;  // as in the recording
  std::optional<int64_t> graphNode;    // of a CUDA graph
};

struct Copy {
  SliceId slice;
  SliceId launch;
  SliceId caller;
  CopyDirection direction = CopyDirection::Unknown;
  std::optional<int64_t> bytes;
  std::optional<bool> pinned;  // whether the host's memory is page-locked; empty also where there is none
  std::optional<int64_t> correlation;
};

// An arrow between slices that is no launch: "forward-backward", ...
struct Flow {
  FlowId id;
  std::string kind;
  SliceId source;
  SliceId target;
};

// A value over time: memory in use, a clock, power.
struct Series {
  SeriesId id;
  RankId rank;
  DeviceId device;
  std::string name;
  std::string unit;  // "B", "W", "1"
};

struct Sample {
  SampleId id;
  SeriesId series;
  int64_t atNs = 0;
  double value = 0;
};

// What was counted during one kernel.
struct KernelCounter {
  SliceId slice;
  CounterId counter;
  double value = 0;
  Provenance provenance = Provenance::Imported;
};

// What a recording held and what became of it: every event is counted in one row of its rank with `kept`, or in one
// without.
struct Intake {
  IntakeId id;
  RankId rank;
  std::string what;  // "kernel", "flow ac2g"
  int64_t count = 0;
  bool kept = true;
  std::string note;  // why it was not kept, or how it was changed
};

// --- what analyzers find ---

// Launches of one kernel in one shape on one device.
struct KernelGroup {
  KernelGroupId id;
  DeviceId device;
  LabelId label;
  LaunchShapeId shape;
  KernelKind kind = KernelKind::Compute;
  int64_t calls = 0;
  double totalNs = 0, minNs = 0, medianNs = 0, maxNs = 0;
  std::string op;                      // the operator that launched it most of the time
  std::optional<double> flops, bytes;  // of all calls
  std::string computeType;             // of the flops
  std::optional<Provenance> provenanceWork;
  Bound bound = Bound::Unknown;
  std::string level;
  std::optional<double> roofTimeNs, headroomNs;  // of all calls
};

// How a device spent the time from its first work to its last.
struct DeviceUse {
  DeviceUseId id;
  DeviceId device;
  int64_t startNs = 0;
  int64_t durationNs = 0;
  int64_t busyNs = 0;     // anything ran
  int64_t computeNs = 0;  // a kernel ran that is no communication
  int64_t communicationNs = 0;
  int64_t copyNs = 0;                  // copies and sets
  int64_t communicationOverlapNs = 0;  // communication while computing
  int64_t copyOverlapNs = 0;           // copies while computing
  int64_t kernels = 0;
  std::optional<double> queueMean;  // work launched and not begun, over time
  std::optional<int64_t> queueMax;
  std::optional<double> launchDelayNs;  // median, from the end of the launching call's begin to the begin of the work
};

struct IdleCause {
  IdleCauseId id;
  DeviceId device;
  IdleReason reason = IdleReason::Unknown;
  int64_t count = 0;
  int64_t totalNs = 0;
  int64_t longestNs = 0;
};

// One of the longest stretches in which a device had nothing to do.
struct Gap {
  GapId id;
  DeviceId device;
  int64_t startNs = 0;
  int64_t durationNs = 0;
  IdleReason reason = IdleReason::Unknown;
  SliceId before, after;  // the work on both sides
  std::string during;     // what the host did most of that time
};

// Operators and what they launched, calls of the same path taken together.
struct TreeNode {
  TreeNodeId id;
  TreeNodeId parent;
  RankId rank;
  LabelId label;
  SliceKind kind = SliceKind::Operator;
  int64_t calls = 0;
  double totalNs = 0;   // on the host, children included; for a kernel its own time
  double selfNs = 0;    // without children
  int64_t kernels = 0;  // launched in it or below
  double kernelNs = 0;
};

// A part of the critical path of a run, in order. Shortening it shortens the run, until another path becomes critical.
struct PathPart {
  PathPartId id;
  RunId run;
  RankId rank;
  int64_t ordinal = 0;
  std::string what;  // "kernel", "copy", "operator", "call", "launch", "wait", "host"
  SliceId slice;     // none for what is between slices
  int64_t startNs = 0;
  int64_t durationNs = 0;
};

}  // namespace ridgeline::profile
