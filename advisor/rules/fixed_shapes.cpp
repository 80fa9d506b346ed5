#include "advisor/rules/fixed_shapes.h"

#include <algorithm>
#include <map>
#include <set>

namespace ridgeline::advisor {

namespace {

using graph::Node;

// Operators whose outputs' shapes depend on the values of inputs that are data.
bool shapedByData(const Node& node) {
  static const std::set<std::string, std::less<>> types{"Compress", "NonMaxSuppression", "NonZero", "StringSplit",
                                                        "Unique"};
  return types.contains(node.op_type());
}

// Inputs whose value decides the outputs' shapes, from this index on; past the last input for most operators.
int firstShapingInput(const Node& node) {
  static const std::map<std::string, int, std::less<>> first{{"AffineGrid", 1},
                                                             {"BlackmanWindow", 0},
                                                             {"CenterCropPad", 1},
                                                             {"Col2Im", 1},
                                                             {"ConstantOfShape", 0},
                                                             {"DFT", 1},
                                                             {"Expand", 1},
                                                             {"HammingWindow", 0},
                                                             {"HannWindow", 0},
                                                             {"MaxUnpool", 2},
                                                             {"MelWeightMatrix", 0},
                                                             {"OneHot", 1},
                                                             {"Pad", 1},
                                                             {"Range", 0},
                                                             {"ReduceL1", 1},
                                                             {"ReduceL2", 1},
                                                             {"ReduceLogSum", 1},
                                                             {"ReduceLogSumExp", 1},
                                                             {"ReduceMax", 1},
                                                             {"ReduceMean", 1},
                                                             {"ReduceMin", 1},
                                                             {"ReduceProd", 1},
                                                             {"ReduceSum", 1},
                                                             {"ReduceSumSquare", 1},
                                                             {"Reshape", 1},
                                                             {"Resize", 1},
                                                             {"STFT", 1},
                                                             {"Slice", 1},
                                                             {"Split", 1},
                                                             {"Squeeze", 1},
                                                             {"Tile", 1},
                                                             {"TopK", 1},
                                                             {"Unsqueeze", 1},
                                                             {"Upsample", 1}};
  const auto it = first.find(node.op_type());
  return it == first.end() ? node.input_size() : it->second;
}

bool inputShapeIsFixed(const graph::Graph& graph, std::string_view name) {
  for (const auto& input : graph.model().graphProto().input()) {
    if (input.name() != name) continue;
    if (!input.type().has_tensor_type() || !input.type().tensor_type().has_shape()) return false;
    const auto& dims = input.type().tensor_type().shape().dim();
    return std::ranges::all_of(dims, [](const auto& d) { return d.has_dim_value(); });
  }
  return false;
}

}  // namespace

bool isPure(const Node& node) {
  static const std::set<std::string, std::less<>> random{"Bernoulli",        "Multinomial",   "RandomNormal",
                                                         "RandomNormalLike", "RandomUniform", "RandomUniformLike"};
  if (!node.domain().empty() && node.domain() != "ai.onnx") return false;
  if (random.contains(node.op_type())) return false;
  // Dropout draws random numbers only when it is told to train.
  if (node.op_type() == "Dropout" && node.input_size() > 2) return false;
  return std::ranges::none_of(node.attribute(), [](const auto& a) { return a.has_g() || a.graphs_size() > 0; });
}

FixedShapes::FixedShapes(const graph::Graph& graph, bool pinned) : m_graph(graph) {
  for (const auto& input : graph.model().graphProto().input()) {
    if (graph.isGraphInput(input.name())) {
      m_facts[input.name()] = {pinned || inputShapeIsFixed(graph, input.name()), false};
    }
  }
}

bool FixedShapes::shape(const std::string& tensor) { return of(tensor).shape; }
bool FixedShapes::value(const std::string& tensor) { return of(tensor).value; }

const FixedShapes::Facts& FixedShapes::of(const std::string& tensor) {
  if (const auto known = m_facts.find(tensor); known != m_facts.end()) return known->second;
  if (m_graph.isConstant(tensor)) return m_facts[tensor] = {true, true};
  // Nodes wait on a stack until what they read is known: recursion would be as deep as the network.
  std::vector<std::string> waiting{tensor};
  while (!waiting.empty()) {
    const std::string current = waiting.back();
    const Node* const node = m_graph.producer(current);
    if (m_facts.contains(current) || !node) {
      m_facts.try_emplace(current, Facts{m_graph.isConstant(current), m_graph.isConstant(current)});
      waiting.pop_back();
      continue;
    }
    const size_t before = waiting.size();
    for (const std::string& input : node->input()) {
      if (!input.empty() && !m_facts.contains(input)) waiting.push_back(input);
    }
    if (waiting.size() > before) continue;
    const Facts facts = derive(*node);
    for (const std::string& output : node->output()) m_facts[output] = facts;
    waiting.pop_back();
  }
  return m_facts[tensor];
}

FixedShapes::Facts FixedShapes::derive(const Node& node) {
  if (node.op_type() == "Constant") return {true, true};
  if (!isPure(node)) return {};
  Facts facts{!shapedByData(node), true};
  const int shaping = firstShapingInput(node);
  for (int i = 0; i < node.input_size(); ++i) {
    if (node.input(i).empty()) continue;
    const Facts& input = m_facts[node.input(i)];
    facts.shape = facts.shape && input.shape && (i < shaping || input.value);
    facts.value = facts.value && input.value;
  }
  if (node.op_type() == "Shape" || node.op_type() == "Size") facts.value = facts.shape;
  // What never changes has one shape, whatever the operator.
  facts.shape = facts.shape || facts.value;
  return facts;
}

}  // namespace ridgeline::advisor
