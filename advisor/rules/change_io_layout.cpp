#include "advisor/rules/change_io_layout.h"

#include "advisor/rules/layout/permutation.h"
#include "advisor/rules/places.h"
#include "engine/port_orders.h"

#include <algorithm>

namespace ridgeline::advisor {
namespace {

using graph::Graph;
using graph::Node;

// Transposes that all do the same to one input or output of the model.
struct Port {
  std::string name;
  bool isInput = false;
  Permutation perm;  // as the nodes have it
  std::vector<Node*> nodes;

  Permutation change() const { return isInput ? perm : inverse(perm); }
};

std::optional<Port> inputAt(const Graph& graph, const std::string& name, const Subject& subject) {
  if (!graph.isGraphInput(name) || graph.isGraphOutput(name)) return std::nullopt;
  Port port{name, true, {}, graph.consumers(name)};
  for (const Node* node : port.nodes) {
    const auto perm = permutationOf(*node, subject);
    // An output that is the input itself would need a copy.
    if (!perm || graph.isGraphOutput(node->output(0))) return std::nullopt;
    if (!port.perm.empty() && port.perm != *perm) return std::nullopt;
    port.perm = *perm;
  }
  if (isIdentity(port.perm)) return std::nullopt;
  return port;
}

std::optional<Port> outputAt(const Graph& graph, const std::string& name, const Subject& subject) {
  Node* node = graph.producer(name);
  const auto perm = node ? permutationOf(*node, subject) : std::nullopt;
  if (!perm || isIdentity(*perm) || !graph.consumers(name).empty()) return std::nullopt;
  const auto& source = node->input(0);
  if (!graph.producer(source) || graph.isGraphOutput(source) || graph.isConstant(source)) return std::nullopt;
  return Port{name, false, *perm, {node}};
}

std::vector<Port> portsOf(const Graph& graph, const Subject& subject) {
  std::vector<Port> ports;
  const auto add = [&](std::optional<Port> port) {
    if (port) ports.push_back(std::move(*port));
  };
  for (const auto& input : graph.model().graphProto().input()) add(inputAt(graph, input.name(), subject));
  for (const auto& output : graph.model().graphProto().output()) add(outputAt(graph, output.name(), subject));
  return ports;
}

graph::Permutation& orderOf(const Port& port, engine::PortOrders& orders) {
  return (port.isInput ? orders.inputs : orders.outputs)[port.name];
}

void arrangeDims(onnx::ValueInfoProto& port, const Permutation& order) {
  if (!port.type().tensor_type().has_shape()) return;
  auto& shape = *port.mutable_type()->mutable_tensor_type()->mutable_shape();
  if (shape.dim_size() != static_cast<int>(order.size())) return;
  const auto before = shape;
  for (size_t i = 0; i < order.size(); ++i) {
    *shape.mutable_dim(static_cast<int>(i)) = before.dim(static_cast<int>(order[i]));
  }
}

void declare(graph::Model& model, const Port& port) {
  auto& proto = model.graphProto();
  auto& all = port.isInput ? *proto.mutable_input() : *proto.mutable_output();
  for (auto& declared : all) {
    if (declared.name() == port.name) arrangeDims(declared, port.change());
  }
  auto orders = engine::portOrdersIn(model);
  auto& order = orderOf(port, orders);
  order = order.empty() ? port.change() : compose(order, port.change());
  engine::keepPortOrders(model, orders);
}

class ChangeIoLayoutRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{"change-io-layout",
                               RuleKind::Layout,
                               false,
                               "take inputs and give outputs in the order of axes that the model works with",
                               {}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    const auto ports = portsOf(graph, subject);
    if (ports.empty()) return std::vector<Opportunity>{};
    if (!subject.ioLayout) {
      for (const auto& port : ports) {
        if (!nearMisses) break;
        nearMisses->push_back({info().name, graph::idOf(*port.nodes.front()),
                               fmt::format("{} {} would have to come in another order of axes; --allow-io-layout "
                                           "leaves that to the program that runs the model",
                                           port.isInput ? "input" : "output", port.name)});
      }
      return std::vector<Opportunity>{};
    }
    std::vector<Node*> nodes;
    engine::PortOrders changes;
    for (const auto& port : ports) {
      nodes.insert(nodes.end(), port.nodes.begin(), port.nodes.end());
      orderOf(port, changes) = port.change();
    }
    Opportunity o = removalOf(nodes, info(), subject);
    o.target = changes.describe();
    o.risk = "programs that run the model must arrange its data accordingly";
    return std::vector{std::move(o)};
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject& subject) const override {
    int count = 0;
    for (const auto& port : portsOf(graph, subject)) {
      const bool wanted = std::ranges::all_of(port.nodes, [&](const Node* node) {
        return std::ranges::find(opportunity.places, graph::idOf(*node)) != opportunity.places.end();
      });
      if (!wanted) continue;
      for (Node* node : port.nodes) {
        const std::string from = port.isInput ? node->output(0) : port.name;
        graph.replaceTensor(from, node->input(0));
        graph.removeNode(node);
        ++count;
      }
      declare(graph.model(), port);
    }
    if (count > 0) graph.removeDead();
    return count;
  }
};

}  // namespace

std::unique_ptr<Rule> makeChangeIoLayoutRule() { return std::make_unique<ChangeIoLayoutRule>(); }

}  // namespace ridgeline::advisor
