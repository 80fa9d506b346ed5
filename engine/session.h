// A model made ready to run on this machine, and what it does when it runs.
#pragma once

#include "base/result.h"
#include "engine/counters.h"
#include "engine/settings.h"
#include "graph/model.h"
#include "graph/tensor.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ridgeline::engine {

enum class Optimization { None, Basic, Extended, All };  // ONNX Runtime's levels

struct SessionOptions {
  int threads = 0;    // of the engine's intra-op pool; 0: the engine's own default (one per core)
  Settings settings;  // whose threads, where it has them, win
  Optimization optimization = Optimization::All;
  bool observable = false;  // per-node observation possible; costs a little even in plain runs
  // Ends the workers' busy-waiting with each run. Needed when two sessions take turns in one process: the idle one's
  // spinning threads would otherwise take the cores of the other for a while.
  bool quietBetweenRuns = false;
  std::map<std::string, std::string> config;  // the engine's own entries, as for AddSessionConfigEntry
  CounterReader* counters = nullptr;          // read around every node of observed runs; outlives the session
};

struct PortInfo {
  std::string name;
  graph::DataType type = graph::DataType::Undefined;  // Undefined: not a tensor (a sequence or a map)
  graph::Dims dims;                                   // -1 where the model leaves it open
  std::vector<std::string> symbols;                   // per dim, the model's name for an open one, or ""
  bool ranked = true;                                 // false: any shape will do, and dims are empty
};

using NamedTensors = std::map<std::string, graph::Tensor>;

// A node as the engine ran it, once, in an observed run.
struct NodeEvent {
  std::string name;  // in the engine's optimized graph
  std::string opType;
  std::string provider;  // "CPUExecutionProvider"
  int64_t nodeIndex = -1;
  int64_t startNs = 0;  // CLOCK_MONOTONIC
  int64_t durationNs = 0;
  int64_t threadId = 0;  // kernel thread id
  int depth = 0;         // 0: main graph; above: inside a control-flow body, whose own event spans it
  struct Port {
    graph::DataType type = graph::DataType::Undefined;
    graph::Dims dims;
  };
  // Shapes as run, in order. Inputs omit absent ones and weights that the kernel repacked: match by what the graph
  // says.
  std::vector<Port> inputs, outputs;
  std::vector<double> counts;  // what the session's counters counted during it; empty where they could not be read
};

struct ObservedRun {
  int64_t startNs = 0;
  int64_t durationNs = 0;  // of the whole run, observation of its nodes included, writing of the engine's own trace not
  std::vector<NodeEvent> events;  // in the order in which they began
  int64_t lost = 0;               // events that were begun and not ended, or dropped by the engine
};

// An output where the engine holds it, valid during the call that shows it. Strings have no bytes.
struct TensorView {
  graph::DataType type = graph::DataType::Undefined;
  graph::Dims dims;
  std::span<const std::byte> bytes;
};
using OutputVisitor = std::function<void(const std::string& name, const TensorView& value)>;

// Not for use by two threads at once; two sessions may be.
class Session {
 public:
  // Builds the model for execution. BadInput with the engine's reason when it will not load. Where the model carries
  // orders of axes (port_orders.h), data are taken and given as the original has them.
  static Result<Session> create(const graph::Model& model, const SessionOptions& options);
  // Straight from a file, as a program does that has no graph library: no second copy of the weights.
  static Result<Session> open(const std::filesystem::path& file, const SessionOptions& options);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  const std::vector<PortInfo>& inputs() const;
  const std::vector<PortInfo>& outputs() const;
  int threads() const;  // as in use

  // Hands inputs to the engine for the runs that follow; they are copied. BadInput when a name, type or shape does not
  // fit, or an input is missing or is no tensor.
  Status bind(const NamedTensors& inputs);

  // One run; returns its duration in ns. Outputs are dropped unless asked for.
  Result<int64_t> run();
  Result<NamedTensors> runForOutputs();          // tensors only; outputs that are sequences or maps are left out
  Status runVisiting(const OutputVisitor& see);  // like runForOutputs, without copies
  Result<ObservedRun> runObserved();             // needs options.observable, else Usage

  // The graph the engine made of the model (its fusions and layouts applied), for reading only: it has no weights of a
  // kilobyte or more. Needs options.observable and some optimization, else Usage.
  Result<graph::Model> optimizedModel() const;

  // "ONNX Runtime 1.30.0"
  static std::string engineName();

 private:
  struct Impl;
  explicit Session(std::unique_ptr<Impl> impl);
  template <class Load>
  static Result<Session> build(const SessionOptions& options, Load loader);
  std::unique_ptr<Impl> m_impl;
};

}  // namespace ridgeline::engine
