#include "engine/tap.h"

#include "engine/port_orders.h"
#include "graph/graph.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>

namespace ridgeline::engine {
namespace {

using graph::DataType;

// Values of tapped tensors are all alive at the end of a run; more than this goes through several sessions.
constexpr int64_t kChunkBytes = int64_t{1} << 30;
constexpr std::string_view kNodePrefix = "ridgeline_probe_";

// --- which tensors there are ---

void addConstants(const graph::Model& model, ShapeMap& facts) {
  for (const auto& tensor : model.graphProto().initializer()) {
    facts[tensor.name()] = {static_cast<DataType>(tensor.data_type()), {tensor.dims().begin(), tensor.dims().end()}};
  }
}

void addConstantNodes(graph::Model& copy, ShapeMap& facts) {
  const graph::Graph graph(copy);
  for (const auto* node : graph.nodesOf("Constant")) {
    for (const auto& output : node->output()) {
      const auto type = graph.constantType(output);
      const auto dims = graph.constantDims(output);
      if (type && dims) facts[output] = {*type, *dims};
    }
  }
}

std::vector<std::string> producedTensors(const graph::Model& model) {
  std::vector<std::string> names;
  for (const auto& node : model.graphProto().node()) {
    for (const auto& output : node.output()) {
      if (!output.empty()) names.push_back(output);
    }
  }
  return names;
}

// --- sessions that hand out inner tensors ---

// The model with these tensors as further outputs. Their types are left for the engine to infer.
graph::Model withOutputs(const graph::Model& model, std::span<const std::string> names) {
  auto clone = model.clone();
  auto orders = portOrdersIn(clone);
  orders.outputs.clear();  // shown as they are
  keepPortOrders(clone, orders);
  std::unordered_set<std::string> present;
  for (const auto& output : clone.graphProto().output()) present.insert(output.name());
  for (const auto& name : names) {
    if (present.insert(name).second) clone.graphProto().add_output()->set_name(name);
  }
  return clone;
}

// Optimization None shows every tensor of the file. A model that needs the engine's rewrites to run at all gets the
// smallest set of them.
Result<Session> createPlain(const graph::Model& model, SessionOptions options) {
  options.optimization = Optimization::None;
  auto session = Session::create(model, options);
  if (session || session.error().code != ErrorCode::BadInput) return session;
  options.optimization = Optimization::Basic;
  auto second = Session::create(model, options);
  return second ? std::move(second) : std::move(session);
}

struct Tap {
  Session session;
  std::vector<std::string> names;
};

// Sessions that together show `names`. A tensor that the engine cannot make an output (it infers no type for it) is
// found by halving and left out.
Status openTaps(const graph::Model& model, std::span<const std::string> names, int threads, std::vector<Tap>& taps) {
  if (names.empty()) return {};
  auto session = createPlain(withOutputs(model, names), {.threads = threads});
  if (session) {
    taps.push_back({std::move(*session), {names.begin(), names.end()}});
    return {};
  }
  if (session.error().code != ErrorCode::BadInput) return passOn(session);
  if (names.size() == 1) return {};
  const size_t half = names.size() / 2;
  if (auto first = openTaps(model, names.first(half), threads, taps); !first) return first;
  return openTaps(model, names.subspan(half), threads, taps);
}

// --- shapes ---

bool isInsertedCast(const NodeEvent& event) { return event.opType == "Cast" && !event.name.starts_with(kNodePrefix); }

void takeOutputs(const onnx::NodeProto& node, const NodeEvent& event, bool trustFloats, ShapeMap& facts) {
  std::vector<std::string> present;
  for (const auto& output : node.output()) {
    if (!output.empty()) present.push_back(output);
  }
  if (present.size() != event.outputs.size()) return;
  for (size_t i = 0; i < present.size(); ++i) {
    const auto& port = event.outputs[i];
    if (port.type == DataType::Undefined || (port.type == DataType::Float && !trustFloats)) continue;
    facts[present[i]] = {port.type, port.dims};
  }
}

// Shapes from the events of a run: nothing is kept alive longer than the model needs it. Nodes of the copy are given
// names of ours, since those of the file may be empty or occur twice.
Status probeByObserving(graph::Model& copy, const NamedTensors& inputs, int threads, ShapeMap& facts) {
  auto& nodes = *copy.graphProto().mutable_node();
  for (int i = 0; i < nodes.size(); ++i) nodes[i].set_name(std::string(kNodePrefix) + std::to_string(i));
  auto session = createPlain(copy, {.threads = threads, .observable = true});
  if (!session) return passOn(session);
  if (auto bound = session->bind(inputs); !bound) return bound;
  auto run = session->runObserved();
  if (!run) return passOn(run);
  // Where the engine lacks a kernel for a 16-bit type it runs the node in float between casts of its own; the tensor
  // the file means has the type after the cast, so floats are then left to the second pass.
  const bool trustFloats = std::none_of(run->events.begin(), run->events.end(), isInsertedCast);
  for (const auto& event : run->events) {
    if (event.depth > 0 || !event.name.starts_with(kNodePrefix)) continue;
    const char* end = event.name.data() + event.name.size();
    int index = -1;
    const auto parsed = std::from_chars(event.name.data() + kNodePrefix.size(), end, index);
    if (parsed.ptr != end || index < 0 || index >= nodes.size()) continue;  // a part of an inlined function
    takeOutputs(nodes[index], event, trustFloats, facts);
  }
  return {};
}

Status probeByTapping(const graph::Model& model, const NamedTensors& inputs, std::span<const std::string> names,
                      int threads, ShapeMap& facts) {
  std::vector<Tap> taps;
  if (auto opened = openTaps(model, names, threads, taps); !opened) return opened;
  for (auto& tap : taps) {
    if (auto bound = tap.session.bind(inputs); !bound) return bound;
    auto ran = tap.session.runVisiting([&](const std::string& name, const TensorView& value) {
      facts[name] = {value.type, value.dims};
    });
    if (!ran) return ran;
  }
  return {};
}

// --- values ---

int64_t bytesOf(const TensorFacts& facts) { return graph::elementCount(facts.dims) * graph::bitsOf(facts.type) / 8; }

std::vector<std::vector<std::string>> chunksOf(std::span<const std::string> names, const ShapeMap& facts) {
  std::vector<std::vector<std::string>> chunks;
  int64_t bytes = 0;
  for (const auto& name : names) {
    const auto found = facts.find(name);
    if (found == facts.end()) continue;  // its node does not run
    const int64_t size = bytesOf(found->second);
    if (chunks.empty() || bytes + size > kChunkBytes) {
      chunks.emplace_back();
      bytes = 0;
    }
    chunks.back().push_back(name);
    bytes += size;
  }
  return chunks;
}

using SeeTensor = std::function<void(const std::string&, const graph::Tensor&)>;

graph::Tensor copyOf(const TensorView& view) {
  graph::Tensor tensor(view.type, view.dims);
  std::copy_n(view.bytes.begin(), std::min(view.bytes.size(), tensor.byteSize()), tensor.bytes().begin());
  return tensor;
}

Status runTap(Tap& tap, std::span<const NamedTensors> samples, const SeeTensor& see) {
  const std::unordered_set<std::string> wanted(tap.names.begin(), tap.names.end());
  for (const auto& sample : samples) {
    if (auto bound = tap.session.bind(sample); !bound) return bound;
    auto ran = tap.session.runVisiting([&](const std::string& name, const TensorView& value) {
      if (wanted.contains(name) && value.type != DataType::String) see(name, copyOf(value));
    });
    if (!ran) return ran;
  }
  return {};
}

// Wanted tensors that need no run: inputs, as each sample has them, and initializers, once. Returns the others.
Result<std::vector<std::string>> seeGiven(const graph::Model& model, std::span<const NamedTensors> samples,
                                          std::span<const std::string> wanted, const SeeTensor& see) {
  std::unordered_map<std::string, const onnx::TensorProto*> initializers;
  for (const auto& tensor : model.graphProto().initializer()) initializers[tensor.name()] = &tensor;
  const auto orders = portOrdersIn(model).inputs;
  std::vector<std::string> produced;
  for (const auto& name : wanted) {
    bool given = false;
    const auto order = orders.find(name);
    for (const auto& sample : samples) {
      const auto input = sample.find(name);
      if (input == sample.end()) continue;
      see(name, order == orders.end() ? input->second : graph::transposed(input->second, order->second));
      given = true;
    }
    if (given) continue;
    const auto constant = initializers.find(name);
    if (constant == initializers.end()) {
      produced.push_back(name);
      continue;
    }
    auto value = model.tensor(*constant->second);
    if (!value) return passOn(value);
    see(name, *value);
  }
  return produced;
}

}  // namespace

Result<ShapeMap> probeShapes(const graph::Model& model, const NamedTensors& inputs, int threads) {
  ShapeMap facts;
  addConstants(model, facts);
  const auto orders = portOrdersIn(model).inputs;
  for (const auto& [name, tensor] : inputs) {
    const auto order = orders.find(name);
    const auto& dims = tensor.dims();
    facts[name] = {tensor.type(), order == orders.end() ? dims : graph::transposed(dims, order->second)};
  }
  {
    auto copy = model.clone();
    addConstantNodes(copy, facts);
    // Without the observer everything is learned the second way.
    auto observed = probeByObserving(copy, inputs, threads, facts);
    if (!observed && observed.error().code == ErrorCode::BadInput) return passOn(observed);
  }
  auto missing = producedTensors(model);
  std::erase_if(missing, [&](const std::string& name) { return facts.contains(name); });
  if (auto tapped = probeByTapping(model, inputs, missing, threads, facts); !tapped) return passOn(tapped);
  return facts;
}

Status tapTensors(const graph::Model& model, std::span<const NamedTensors> samples, std::span<const std::string> wanted,
                  int threads, const std::function<void(const std::string&, const graph::Tensor&)>& see) {
  if (samples.empty() || wanted.empty()) return {};
  auto produced = seeGiven(model, samples, wanted, see);
  if (!produced) return passOn(produced);
  if (produced->empty()) return {};
  auto facts = probeShapes(model, samples.front(), threads);
  if (!facts) return passOn(facts);
  for (const auto& chunk : chunksOf(*produced, *facts)) {
    std::vector<Tap> taps;
    if (auto opened = openTaps(model, chunk, threads, taps); !opened) return opened;
    for (auto& tap : taps) {
      if (auto ran = runTap(tap, samples, see); !ran) return ran;
    }
  }
  return {};
}

}  // namespace ridgeline::engine
