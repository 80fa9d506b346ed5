// Runs a model plainly and observed, and says where the time goes: by operator as executed and by node as written.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "engine/session.h"
#include "engine/tap.h"
#include "graph/model.h"
#include "graph/work/work.h"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace ridgeline::collector {

// Work of one run or one execution, and the part of bytesRead that is weights.
struct WorkShare {
  graph::Work work;
  double constantBytes = 0;
};
using NodeWorks = std::unordered_map<std::string, WorkShare>;  // by graph::idOf; nodes of unknown work are absent

// Work of every node of the main graph, from the shapes it runs with.
NodeWorks nodeWorks(const graph::Model& model, const engine::ShapeMap& shapes);

struct ObserveOptions {
  int threads = 0;  // 0: the engine's default
  engine::Settings settings;
  int minRuns = 5;      // of each kind, however long they take
  int maxRuns = 50;     // of each kind
  double seconds = 10;  // no further runs are begun after this, once there are minRuns
};

// A node as the engine executes it. Times and work are of one run: all its calls together.
struct ExecutedOperator {
  std::string name, opType, provider;
  int64_t nodeIndex = -1;
  int depth = 0;  // above 0: inside a control-flow body, within the time of the operator that holds it
  double callsPerRun = 1;
  double timeNs = 0;                                 // median over the observed runs, scaled: see operator_times.h
  double timeMadNs = 0;                              // scaled median absolute deviation
  std::vector<engine::TensorFacts> inputs, outputs;  // of its first call; absent optional ones have no type
  std::optional<WorkShare> work;
  std::optional<double> workingSetBytes;  // touched by one call
  std::vector<std::string> sources;       // ids of the file's nodes it stands for
};

struct TimedRun {
  bool observed = false;
  int64_t startNs = 0;  // CLOCK_MONOTONIC
  int64_t durationNs = 0;
};

struct Observation {
  int threads = 0;                          // as in use
  std::vector<TimedRun> runs;               // in the order in which they were made; warm-up runs are not among them
  double latencyMs = 0;                     // median of the plain runs, in a session that cannot be observed
  double observedLatencyMs = 0;             // median of the observed runs
  std::vector<ExecutedOperator> operators;  // in the order of execution
  // Of each of the file's nodes, per run, by graph::idOf; nodes folded away at load are absent. What observing adds to
  // each operator is taken off, so that this is what a node costs in a plain run.
  std::unordered_map<std::string, double> nodeMs;
  // Nodes of the file that became parts of one operator, by graph::idOf: its index in `operators`.
  std::unordered_map<std::string, size_t> fusedNodes;
  engine::ObservedRun typical;  // the observed run of median duration
  size_t typicalRun = 0;        // its index in `runs`
  int64_t lostEvents = 0;       // over all runs
  int untracedOperators = 0;    // executed nodes whose origin in the file was not found
};

// `shapes` are those of the model's tensors with these inputs (engine::probeShapes). Interrupted when the job is
// stopped.
Result<Observation> observe(const graph::Model& model, const engine::NamedTensors& inputs,
                            const engine::ShapeMap& shapes, const ObserveOptions& options, Job job);

}  // namespace ridgeline::collector
