#include "advisor/rules/fusion_gain.h"

#include "advisor/preflight.h"
#include "advisor/rules/constant_behind.h"
#include "base/units.h"
#include "engine/session.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace ridgeline::advisor {

namespace {

using graph::DataType;
using graph::Graph;
using graph::Model;
using graph::Node;

// Constants above this are read by the place as inputs instead: their values do not matter for its speed.
constexpr int64_t kLargestConstant = 4096;

class Cutter {
 public:
  Cutter(const Graph& graph, std::span<Node* const> nodes, const Subject& subject)
      : m_graph(graph), m_subject(subject), m_model(Model::create(graph.model().opset(), "place")) {
    for (const Node* node : nodes) m_members.insert(node);
  }

  Result<Model> run() {
    addShapeArithmetic();
    for (const auto& import : m_graph.model().proto().opset_import()) {
      if (!import.domain().empty()) m_model.requireOpset(import.domain(), import.version());
    }
    for (Node* node : m_graph.nodes()) {
      if (!m_members.contains(node)) continue;
      for (const std::string& input : node->input()) {
        if (auto added = addOperand(input); !added) return passOn(added);
      }
      *m_model.graphProto().add_node() = *node;
    }
    for (const Node* node : m_members) {
      for (const std::string& output : node->output()) addOutputIfRead(output);
    }
    if (m_model.graphProto().output_size() == 0) return internalError("the place makes nothing that is read");
    return std::move(m_model);
  }

 private:
  bool isShapeLike(const std::string& tensor) const {
    const auto* facts = m_subject.shape(tensor);
    if (!facts || facts->dims.size() > 1) return false;
    // Exporters choose between sizes, too.
    return facts->type == DataType::Int64 || facts->type == DataType::Int32 || facts->type == DataType::Bool;
  }

  // Integers that say how to reshape must be worked out, not made up.
  void addShapeArithmetic() {
    std::vector<const Node*> open(m_members.begin(), m_members.end());
    while (!open.empty()) {
      const Node* const node = open.back();
      open.pop_back();
      if (graph::isOp(*node, "Shape") || graph::isOp(*node, "Size")) continue;
      for (const std::string& input : node->input()) {
        const Node* const maker = m_graph.producer(input);
        if (!maker || m_graph.isConstant(input) || !isShapeLike(input)) continue;
        if (m_members.insert(maker).second) open.push_back(maker);
      }
    }
  }

  Status addOperand(const std::string& tensor) {
    if (tensor.empty() || !m_known.insert(tensor).second) return {};
    if (const Node* maker = m_graph.producer(tensor); maker && m_members.contains(maker)) return {};
    const std::string constant = constantBehind(m_graph, tensor);
    const auto dims = m_graph.constantDims(constant);
    if (dims && graph::elementCount(*dims) <= kLargestConstant) {
      const auto value = m_graph.constant(constant);
      if (!value) return internalError("cannot read " + tensor);
      auto* proto = m_model.graphProto().add_initializer();
      graph::toProto(*value, *proto);
      proto->set_name(tensor);
      return {};
    }
    const auto* facts = m_subject.shape(tensor);
    if (!facts || facts->type == DataType::Undefined) return unavailable("the shape of " + tensor + " is not known");
    auto* port = m_model.graphProto().add_input();
    port->set_name(tensor);
    auto* type = port->mutable_type()->mutable_tensor_type();
    type->set_elem_type(static_cast<int32_t>(facts->type));
    auto* shape = type->mutable_shape();
    for (const int64_t dim : facts->dims) shape->add_dim()->set_dim_value(dim);
    return {};
  }

  void addOutputIfRead(const std::string& tensor) {
    const auto readers = m_graph.consumers(tensor);
    const bool readOutside =
        std::ranges::any_of(readers, [&](const Node* reader) { return !m_members.contains(reader); });
    // What only shape arithmetic outside reads is no result of the place.
    if (tensor.empty() || isShapeLike(tensor) || (!readOutside && !m_graph.isGraphOutput(tensor))) return;
    auto* port = m_model.graphProto().add_output();
    port->set_name(tensor);
    const auto* facts = m_subject.shape(tensor);
    port->mutable_type()->mutable_tensor_type()->set_elem_type(
        static_cast<int32_t>(facts ? facts->type : DataType::Float));
  }

  const Graph& m_graph;
  const Subject& m_subject;
  Model m_model;
  std::set<const Node*> m_members;
  std::set<std::string> m_known;
};

// FNV-1a (Fowler, Noll, Vo) over everything that speed depends on, and no names: equal for equal places of any layer.
class Fingerprint {
 public:
  explicit Fingerprint(const Model& model) {
    std::map<std::string, size_t> numbers;
    const auto add = [&](const std::string& tensor) {
      mix(std::to_string(numbers.try_emplace(tensor, numbers.size()).first->second));
    };
    for (const auto& input : model.graphProto().input()) {
      add(input.name());
      mix(input.type().SerializeAsString());
    }
    for (const auto& constant : model.graphProto().initializer()) {
      add(constant.name());
      for (const int64_t dim : constant.dims()) mix(std::to_string(dim));
      if (constant.data_type() != onnx::TensorProto::FLOAT) mix(constant.raw_data());
    }
    for (const auto& node : model.graphProto().node()) {
      mix(node.op_type());
      for (const auto& attribute : node.attribute()) mix(attribute.SerializeAsString());
      for (const auto& input : node.input()) add(input);
      for (const auto& output : node.output()) add(output);
    }
  }
  std::string text() const { return fmt::format("{:016x}", m_hash); }

 private:
  void mix(const std::string& text) {
    for (const char c : text) m_hash = (m_hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    m_hash = (m_hash ^ 0xff) * 0x100000001b3ULL;
  }
  uint64_t m_hash = 0xcbf29ce484222325ULL;
};

bool onlyMovesMemory(const Node& node) {
  constexpr auto kMovers =
      std::to_array<std::string_view>({"Transpose", "Concat", "Reshape", "Slice", "Split", "Expand", "Identity"});
  return std::ranges::find(kMovers, node.op_type()) != kMovers.end();
}

double timeOfMovers(const FusionPlace& place, const Subject& subject) {
  std::vector<Node*> movers;
  std::ranges::copy_if(place.nodes, std::back_inserter(movers), [](const Node* n) { return onlyMovesMemory(*n); });
  return subject.time(movers);
}

// Whether the engine's own optimization of the model has an operator of this name, or one that does a little more.
bool engineFuses(const Model& model, std::string_view fusedName, int threads) {
  engine::SessionOptions options;
  options.threads = threads;
  options.observable = true;  // which keeps the optimized graph
  const auto session = engine::Session::create(model, options);
  if (!session) return false;
  const auto optimized = session->optimizedModel();
  return optimized && std::ranges::any_of(optimized->graphProto().node(), [&](const Node& node) {
           return node.op_type().find(fusedName) != std::string::npos;
         });
}

struct Kind {
  Model before, after;
  bool byEngine = false;
  size_t nodes = 0;
  double mostOfTime = 0;
  std::vector<std::string> anchors;
  double observedMs = 0;  // of all places, as they ran in the model
  double moversMs = 0;
};

}  // namespace

Result<Model> cutOut(const Graph& graph, std::span<Node* const> nodes, const Subject& subject) {
  return Cutter(graph, nodes, subject).run();
}

FusionGain fusionGain(const Graph& graph, std::span<const FusionPlace> places, const Subject& subject,
                      std::string_view fusedName, const std::function<Status(Graph&, const std::string&)>& rewrite) {
  std::map<std::string, Kind> kinds;
  std::set<const Node*> counted;
  FusionGain gain;
  for (const FusionPlace& place : places) {
    const double moversMs = timeOfMovers(place, subject);
    auto before = cutOut(graph, place.nodes, subject);
    if (!before) {
      gain.ms += moversMs;
      continue;
    }
    const std::string key = Fingerprint(*before).text();
    if (!kinds.contains(key)) {
      const bool byEngine = engineFuses(*before, fusedName, subject.threads);
      Model after = before->clone();
      Graph small(after);
      if (auto rewritten = rewrite(small, place.anchor); !rewritten) {
        gain.ms += moversMs;
        continue;
      }
      kinds.emplace(key, Kind{std::move(*before), std::move(after), byEngine, place.nodes.size(), place.mostOfTime});
    }
    Kind& kind = kinds.at(key);
    if (kind.byEngine) gain.byEngine.push_back(place.anchor);
    kind.anchors.push_back(place.anchor);
    std::vector<Node*> own;  // nodes that several places share count once
    std::ranges::copy_if(place.nodes, std::back_inserter(own), [&](Node* n) { return counted.insert(n).second; });
    kind.observedMs += subject.time(own);
    kind.moversMs += moversMs;
  }
  for (const auto& [key, kind] : kinds) {
    if (kind.byEngine) continue;
    const std::array<KernelForm, 2> forms{KernelForm{"place " + key, [&] { return kind.before.clone(); }},
                                          KernelForm{fmt::format("{} {}", fusedName, Fingerprint(kind.after).text()),
                                                     [&] { return kind.after.clone(); }}};
    const auto times = subject.kernels.compare(forms);
    if (times.size() != 2 || !times[0] || !times[1]) {
      gain.ms += kind.moversMs;
      continue;
    }
    if (*times[1] > kind.mostOfTime * *times[0]) {
      std::ranges::copy(kind.anchors, std::back_inserter(gain.tooSlow));
      continue;
    }
    const auto count = static_cast<double>(kind.anchors.size());
    // In the model, the nodes run from colder caches than alone, which is what a fused operator helps with most; but
    // observed and preflight times are of different moments. So the larger of what both together and each alone say.
    const double before = kind.observedMs > 0 ? kind.observedMs : count * *times[0];
    gain.ms += std::max({before - count * *times[1], before * (1 - *times[1] / *times[0]), 0.0});
    gain.evidence.push_back(fmt::format("{} x {} operators: {} each as they are, {} with {}", kind.anchors.size(),
                                        kind.nodes, formatMs(*times[0]), formatMs(*times[1]), fusedName));
  }
  return gain;
}

}  // namespace ridgeline::advisor
