#include "advisor/rules/quantization/static_plan.h"

#include "advisor/rules/quantization/hard_sigmoid.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace ridgeline::advisor::quantization {
namespace {

using graph::Graph;
using graph::isOp;
using graph::Node;

constexpr std::array<std::string_view, 2> kActivations{"Relu", "Clip"};
// Outputs are some of the inputs' values: the same scale serves both, and the engine works on the integers themselves.
constexpr std::array<std::string_view, 13> kPassThrough{"MaxPool",   "Flatten", "Reshape", "Transpose",    "Squeeze",
                                                        "Unsqueeze", "Split",   "Slice",   "DepthToSpace", "Resize",
                                                        "Gather",    "Tile",    "Expand"};
// The engine has kernels that rescale on the way.
constexpr std::array<std::string_view, 7> kRescaling{"Add",     "Mul",       "Concat",           "AveragePool",
                                                     "Sigmoid", "LeakyRelu", "GlobalAveragePool"};
// The writer spells them in operators that the engine has integer kernels for.
constexpr std::array<std::string_view, 4> kSpelled{"HardSigmoid", "HardSwish", "Tanh", "ReduceMean"};

template <size_t N>
bool isOneOf(const Node& node, const std::array<std::string_view, N>& types) {
  return std::ranges::any_of(types, [&](auto type) { return isOp(node, type); });
}

bool allAreRead(const Graph& graph, const Node& node) {
  return std::ranges::all_of(node.output(),
                             [&](const auto& t) { return graph.isGraphOutput(t) || !graph.consumers(t).empty(); });
}

// As GlobalAveragePool does it.
bool isMeanOfImages(const Graph& graph, const Node& node, const engine::ShapeMap& shapes) {
  const auto input = shapes.find(node.input(0));
  if (input == shapes.end() || input->second.dims.size() != 4 || graph::intAttribute(node, "keepdims", 1) == 0) {
    return false;
  }
  auto axes = graph::intsAttribute(node, "axes");
  if (graph::hasInput(node, 1)) {
    const auto given = graph.constant(node.input(1));
    axes = given ? given->toInts() : std::vector<int64_t>();
  }
  for (auto& axis : axes) axis += axis < 0 ? 4 : 0;
  std::ranges::sort(axes);
  return axes == std::vector<int64_t>{2, 3};
}

bool canCarry(const Graph& graph, const Node& node, const engine::ShapeMap& shapes) {
  if (node.input_size() < 1 || !allAreRead(graph, node)) return false;
  if (node.output_size() != 1 && !isOp(node, "Split")) return false;
  // Before opset 12 MaxPool is for floating point only.
  if (isOp(node, "MaxPool") && graph.model().opset() < 12) return false;
  // Other modes make values that were not there, from floats.
  if (isOp(node, "Resize") && graph::stringAttribute(node, "mode", "nearest") != "nearest") return false;
  if (isOp(node, "HardSigmoid") && !StepByRounding::of(node)) return false;
  if (isOp(node, "ReduceMean") && !isMeanOfImages(graph, node, shapes)) return false;
  return isOneOf(node, kSpelled) || isOneOf(node, kActivations) || isOneOf(node, kPassThrough) ||
         isOneOf(node, kRescaling);
}

// Inputs that hold values, as opposed to shapes, axes and bounds.
std::vector<std::string> dataInputs(const Node& node) {
  if (isOp(node, "Add") || isOp(node, "Mul") || isOp(node, "Concat")) return {node.input().begin(), node.input().end()};
  return {node.input(0)};
}

class Planner {
 public:
  Planner(Graph& graph, StaticPlan& plan, const engine::ShapeMap& shapes)
      : m_graph(graph), m_plan(plan), m_shapes(shapes) {
    for (const auto& c : plan.convolutions) m_convolutions.insert(c.node);
    for (const auto& p : plan.products) m_products.insert(p.node);
  }

  void run(const std::unordered_set<std::string>& excluded) {
    const auto nodes = m_graph.nodes();
    for (Node* node : nodes) {
      if (canCarry(m_graph, *node, m_shapes) && !excluded.contains(graph::idOf(*node)) && comesQuantized(*node)) {
        m_plan.carriers.insert(node);
      }
    }
    // Backwards, so that a chain that ends in floats is given up link by link.
    for (auto it = nodes.rbegin(); it != nodes.rend(); ++it) {
      if (m_plan.carriers.contains(*it) && !endsConvolution(**it) &&
          std::ranges::none_of((*it)->output(), [&](const auto& t) { return isWanted(t); })) {
        m_plan.carriers.erase(*it);
      }
    }
    for (Node* node : nodes) collectFrom(*node);
  }

 private:
  bool isMember(const Node* node) const {
    return node && (m_convolutions.contains(node) || m_plan.carriers.contains(node));
  }
  // Where several values meet, one that comes as floats is quantized for it: the others need not become floats then,
  // and what they make together need not be quantized.
  bool comesQuantized(const Node& node) const {
    const auto inputs = dataInputs(node);
    const auto comes = [&](const auto& t) { return isMember(m_graph.producer(t)); };
    return std::ranges::any_of(inputs, comes) &&
           std::ranges::all_of(inputs, [&](const auto& t) { return comes(t) || isFloatActivation(t); });
  }
  // Not a constant, whose values may differ from each other by more than one scale can hold.
  bool isFloatActivation(const std::string& tensor) const {
    const Node* const producer = m_graph.producer(tensor);
    return producer ? !m_graph.isConstant(tensor) && !isOp(*producer, "DequantizeLinear")
                    : m_graph.isGraphInput(tensor);
  }
  bool isWanted(const std::string& tensor) const {
    return std::ranges::any_of(m_graph.consumers(tensor),
                               [&](const Node* n) { return isMember(n) || m_products.contains(n); });
  }
  // An activation that the engine puts into the operator before it: nothing is quantized between the two.
  bool isFused(const Node& node) const {
    if (!isOneOf(node, kActivations)) return false;
    const Node* before = m_graph.producer(node.input(0));
    return isMember(before) && !isOneOf(*before, kPassThrough) && !isOneOf(*before, kActivations) &&
           m_graph.onlyConsumer(node.input(0)) == &node;
  }

  // A convolution's own result is quantized in any case: better behind the activation than before it.
  bool endsConvolution(const Node& node) const {
    return isFused(node) && m_convolutions.contains(m_graph.producer(node.input(0)));
  }

  void collectFrom(Node& node) {
    if (m_convolutions.contains(&node)) {
      read(node.input(0), &node);
    } else if (m_plan.carriers.contains(&node)) {
      if (!isFused(node)) {
        for (const auto& input : dataInputs(node)) read(input, &node);
      }
    } else if (m_products.contains(&node)) {
      read(node.input(0), nullptr);
      return;
    } else {
      return;
    }
    const Node* next = m_graph.onlyConsumer(node.output(0));
    if (next && m_plan.carriers.contains(next) && isFused(*next)) return;
    for (const auto& output : node.output()) {
      // By value: the next entry may move them all.
      const auto rangeOf = isOneOf(node, kPassThrough) ? entry(node.input(0)).rangeOf : output;
      auto& tensor = entry(output);
      tensor.producer = &node;
      tensor.rangeOf = rangeOf;
    }
  }

  StaticPlan::QuantizedTensor& entry(const std::string& name) {
    const auto [it, isNew] = m_index.try_emplace(name, m_plan.tensors.size());
    if (isNew) m_plan.tensors.push_back({name, nullptr, {}, name});
    return m_plan.tensors[it->second];
  }
  void read(const std::string& name, Node* reader) {
    auto& readers = entry(name).readers;
    if (reader && std::ranges::find(readers, reader) == readers.end()) readers.push_back(reader);
  }

  Graph& m_graph;
  StaticPlan& m_plan;
  const engine::ShapeMap& m_shapes;
  std::unordered_set<const Node*> m_convolutions, m_products;
  std::unordered_map<std::string, size_t> m_index;
};

}  // namespace

StaticPlan planFor(Graph& graph, const std::vector<Convolution>& convolutions, const std::vector<Product>& products,
                   const std::unordered_set<std::string>& excluded, const engine::ShapeMap& shapes) {
  StaticPlan plan;
  const auto allowed = [&](const auto& anchor) { return !excluded.contains(graph::idOf(*anchor.node)); };
  std::ranges::copy_if(convolutions, std::back_inserter(plan.convolutions), allowed);
  std::ranges::copy_if(products, std::back_inserter(plan.products), allowed);
  Planner(graph, plan, shapes).run(excluded);
  return plan;
}

std::vector<std::string> rangesNeeded(const StaticPlan& plan) {
  std::vector<std::string> names;
  for (const auto& tensor : plan.tensors) names.push_back(tensor.rangeOf);
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace ridgeline::advisor::quantization
