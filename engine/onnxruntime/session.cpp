#include "engine/session.h"

#include "base/clock.h"
#include "base/files.h"
#include "engine/onnxruntime/api.h"
#include "engine/onnxruntime/executed_graph.h"
#include "engine/onnxruntime/recorder.h"
#include "engine/onnxruntime/session_options.h"
#include "engine/onnxruntime/values.h"
#include "engine/port_orders.h"

#include <algorithm>
#include <filesystem>
#include <optional>

namespace ridgeline::engine {
namespace fs = std::filesystem;

struct Session::Impl {
  // Declared before the session, so that they outlive it: the observer holds the recorder's address, and weights may be
  // mapped from the folder.
  Recorder recorder;
  std::optional<TemporaryFolder> folder;
  Ort::Session session{nullptr};
  Result<ExecutedGraph> executed = fail(ErrorCode::Usage, "this session keeps no optimized model");

  SessionOptions options;
  std::vector<PortInfo> inputs, outputs;
  std::vector<const char*> inputNames, outputNames;  // into the ports' names
  std::vector<Ort::Value> bound;                     // in the order of inputs; empty until bind()
  PortOrders orders;

  Status prepareToBeObserved(Environment& environment, Ort::SessionOptions& engineOptions);
  Status describePorts();
  std::vector<Ort::Value> run(const Ort::RunOptions& runOptions);
  Status needBound() const;
  graph::Tensor asOriginal(const std::string& output, graph::Tensor value) const;
  void removeTraces() const;
};

namespace {

constexpr std::string_view kRunFails = "the model does not run";
constexpr std::string_view kTracePrefix = "trace";

fs::path optimizedPath(const TemporaryFolder& folder) { return folder.path() / "optimized.onnx"; }

std::string listNames(const std::vector<PortInfo>& ports) {
  std::string out;
  for (const auto& p : ports) out += (out.empty() ? "" : ", ") + p.name;
  return out.empty() ? "none" : out;
}

bool fits(const PortInfo& port, const graph::Dims& dims) {
  if (!port.ranked) return true;
  if (port.dims.size() != dims.size()) return false;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (port.dims[i] >= 0 && port.dims[i] != dims[i]) return false;
  }
  return true;
}

std::string formatPort(const PortInfo& port) {
  std::string out;
  for (size_t i = 0; i < port.dims.size(); ++i) {
    if (i) out += 'x';
    out += port.dims[i] >= 0 ? std::to_string(port.dims[i]) : port.symbols[i].empty() ? "?" : port.symbols[i];
  }
  return out.empty() ? "scalar" : out;
}

Status checkInput(const PortInfo& port, const graph::Tensor& tensor) {
  if (port.type != tensor.type()) {
    return badInput(
        fmt::format("input {} is {}, given {}", port.name, graph::nameOf(port.type), graph::nameOf(tensor.type())));
  }
  if (!fits(port, tensor.dims())) {
    return badInput(
        fmt::format("input {} has shape {}, given {}", port.name, formatPort(port), graph::formatDims(tensor.dims())));
  }
  if (tensor.type() == graph::DataType::String && static_cast<int64_t>(tensor.strings().size()) != tensor.size()) {
    return badInput(fmt::format("input {} of shape {} is given {} strings", port.name, graph::formatDims(tensor.dims()),
                                tensor.strings().size()));
  }
  return {};
}

// An observable session has the engine write its optimized graph to a temporary folder; of a disk with no room it says
// only that serializing failed.
tl::unexpected<Error> lackOfRoom(Error& error, bool observable) {
  if (observable && error.message.find("serialization failed") != std::string::npos) {
    return unavailable("cannot write temporary files", "make room where they are, or set TMPDIR to another folder");
  }
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace

Status Session::Impl::prepareToBeObserved(Environment& environment, Ort::SessionOptions& engineOptions) {
  auto made = TemporaryFolder::create("session");
  if (!made) return passOn(made);
  folder.emplace(std::move(*made));
  recorder.countWith(options.counters);
  EventSink* sink = &recorder;
  const auto entry = fmt::format("{}:{:x}", kSinkVersion, reinterpret_cast<uintptr_t>(sink));
  engineOptions.AddConfigEntry(kSinkConfigKey, entry.c_str());
  if (options.optimization != Optimization::None) {
    if (auto ok = writeOptimizedModel(engineOptions, optimizedPath(*folder)); !ok) return ok;
  }
  return environment.addObserver(engineOptions);
}

Status Session::Impl::describePorts() {
  Ort::AllocatorWithDefaultOptions allocator;
  for (size_t i = 0; i < session.GetInputCount(); ++i) {
    inputs.push_back(portOf(session.GetInputNameAllocated(i, allocator).get(), session.GetInputTypeInfo(i)));
  }
  for (size_t i = 0; i < session.GetOutputCount(); ++i) {
    outputs.push_back(portOf(session.GetOutputNameAllocated(i, allocator).get(), session.GetOutputTypeInfo(i)));
  }
  for (const auto& p : inputs) inputNames.push_back(p.name.c_str());
  for (const auto& p : outputs) outputNames.push_back(p.name.c_str());
  return {};
}

Status Session::Impl::needBound() const {
  if (bound.size() == inputs.size()) return {};
  return fail(ErrorCode::Usage, fmt::format("the model has inputs ({}) and none were given", listNames(inputs)));
}

graph::Tensor Session::Impl::asOriginal(const std::string& output, graph::Tensor value) const {
  const auto order = orders.outputs.find(output);
  return order == orders.outputs.end() ? value : graph::transposed(value, graph::inverse(order->second));
}

std::vector<Ort::Value> Session::Impl::run(const Ort::RunOptions& runOptions) {
  return session.Run(runOptions, inputNames.data(), bound.data(), bound.size(), outputNames.data(), outputNames.size());
}

// The engine writes a trace file for each observed run; the observer has told us all of it already.
void Session::Impl::removeTraces() const {
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(folder->path(), ec)) {
    if (entry.path().filename().string().starts_with(kTracePrefix)) fs::remove(entry.path(), ec);
  }
}

Session::Session(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::create(const graph::Model& model, const SessionOptions& options) {
  const auto loader = [&](Ort::Env& env, Ort::SessionOptions& engineOptions, std::optional<TemporaryFolder>& folder) {
    return load(env, model, engineOptions, folder);
  };
  auto session = build(options, loader);
  if (session) session->m_impl->orders = portOrdersIn(model);
  return session;
}

Result<Session> Session::open(const fs::path& file, const SessionOptions& options) {
  return build(options, [&](Ort::Env& env, Ort::SessionOptions& engineOptions, std::optional<TemporaryFolder>&) {
    return load(env, file, engineOptions);
  });
}

template <class Load>
Result<Session> Session::build(const SessionOptions& options, Load loader) {
  auto environment = Environment::get();
  if (!environment) return passOn(environment);
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  return guarded("the engine refuses the session's options", [&]() -> Result<Session> {
    auto engineOptions = toOrt(options);
    if (options.observable) {
      if (auto ready = impl->prepareToBeObserved(**environment, engineOptions); !ready) return passOn(ready);
    }
    auto session = loader((*environment)->env(), engineOptions, impl->folder);
    if (!session) return lackOfRoom(session.error(), options.observable);
    impl->session = std::move(*session);
    if (options.observable && options.optimization != Optimization::None) {
      impl->executed = ExecutedGraph::load(optimizedPath(*impl->folder));
    }
    if (auto described = impl->describePorts(); !described) return passOn(described);
    return Session(std::move(impl));
  });
}

const std::vector<PortInfo>& Session::inputs() const { return m_impl->inputs; }
const std::vector<PortInfo>& Session::outputs() const { return m_impl->outputs; }

int Session::threads() const { return threadsOf(m_impl->options); }

Status Session::bind(const NamedTensors& given) {
  auto& impl = *m_impl;
  const auto& orders = impl.orders.inputs;
  for (const auto& [name, tensor] : given) {
    const auto known = [&n = name](const PortInfo& p) { return p.name == n; };
    if (std::none_of(impl.inputs.begin(), impl.inputs.end(), known)) {
      return badInput(fmt::format("the model has no input {}; its inputs are {}", name, listNames(impl.inputs)));
    }
  }
  std::vector<Ort::Value> values;
  for (const auto& port : impl.inputs) {
    if (port.type == graph::DataType::Undefined) {
      return badInput(
          fmt::format("input {} is no tensor (a sequence, map or optional); only tensors can be given", port.name));
    }
    const auto found = given.find(port.name);
    if (found == given.end()) return badInput(fmt::format("input {} is not given", port.name));
    std::optional<graph::Tensor> arranged;
    const auto order = orders.find(port.name);
    if (order != orders.end() && order->second.size() == found->second.dims().size()) {
      arranged = graph::transposed(found->second, order->second);
    }
    const auto& tensor = arranged ? *arranged : found->second;
    if (auto ok = checkInput(port, tensor); !ok) return ok;
    auto status = guarded(fmt::format("input {}", port.name), [&]() -> Status {
      values.push_back(toValue(tensor));
      return {};
    });
    if (!status) return status;
  }
  impl.bound = std::move(values);
  return {};
}

Result<int64_t> Session::run() {
  if (auto ready = m_impl->needBound(); !ready) return passOn(ready);
  return guarded(kRunFails, [&]() -> Result<int64_t> {
    const Ort::RunOptions runOptions;
    const Stopwatch watch;
    const auto outputs = m_impl->run(runOptions);
    return watch.ns();  // before the outputs are freed
  });
}

Result<NamedTensors> Session::runForOutputs() {
  if (auto ready = m_impl->needBound(); !ready) return passOn(ready);
  return guarded(kRunFails, [&]() -> Result<NamedTensors> {
    const auto values = m_impl->run(Ort::RunOptions());
    NamedTensors out;
    for (size_t i = 0; i < values.size(); ++i) {
      const auto& name = m_impl->outputs[i].name;
      if (isDense(values[i])) out.emplace(name, m_impl->asOriginal(name, fromValue(values[i])));
    }
    return out;
  });
}

Status Session::runVisiting(const OutputVisitor& see) {
  if (auto ready = m_impl->needBound(); !ready) return ready;
  return guarded(kRunFails, [&]() -> Status {
    const auto values = m_impl->run(Ort::RunOptions());
    for (size_t i = 0; i < values.size(); ++i) {
      if (!isDense(values[i])) continue;
      const auto& name = m_impl->outputs[i].name;
      if (m_impl->orders.outputs.contains(name)) {
        const auto tensor = m_impl->asOriginal(name, fromValue(values[i]));
        see(name, {tensor.type(), tensor.dims(), tensor.bytes()});
      } else {
        see(name, viewOf(values[i]));
      }
    }
    return {};
  });
}

Result<ObservedRun> Session::runObserved() {
  auto& impl = *m_impl;
  if (!impl.options.observable) return fail(ErrorCode::Usage, "this session was not made to be observed");
  if (auto ready = impl.needBound(); !ready) return passOn(ready);
  return guarded(kRunFails, [&]() -> Result<ObservedRun> {
    const Ort::RunOptions runOptions;
    const auto prefix = impl.folder->path() / kTracePrefix;
    Ort::ThrowOnError(Ort::GetApi().RunOptionsEnableProfiling(
        const_cast<OrtRunOptions*>(static_cast<const OrtRunOptions*>(runOptions)), prefix.c_str()));
    impl.recorder.start();
    const int64_t start = monotonicNs();
    const auto outputs = impl.run(runOptions);
    const int64_t end = monotonicNs();
    impl.removeTraces();
    auto observed = impl.recorder.take();
    if (observed.durationNs == 0) {
      observed.startNs = start;
      observed.durationNs = end - start;
    }
    if (impl.executed) impl.executed->nameEvents(observed.events);
    return observed;
  });
}

Result<graph::Model> Session::optimizedModel() const {
  if (!m_impl->executed) return tl::unexpected<Error>(m_impl->executed.error());
  return m_impl->executed->model().clone();
}

std::string Session::engineName() { return "ONNX Runtime " + std::string(OrtGetApiBase()->GetVersionString()); }

}  // namespace ridgeline::engine
