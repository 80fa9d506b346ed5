#include "advisor/rules/fuse_norm_match.h"

#include "advisor/rules/constant_behind.h"
#include "graph/match.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ridgeline::advisor {

namespace {

using graph::Graph;
using graph::isOp;
using graph::Node;
namespace p = graph::pattern;
using p::Pattern;

constexpr double kExactly = 1e-7;

bool meansOverLastAxis(const SymbolicShapes& shapes, const Node& node) {
  if (graph::intAttribute(node, "keepdims", 1) == 0) return false;
  const auto dims = shapes.dims(node.input(0));
  std::vector<int64_t> axes = graph::intsAttribute(node, "axes");
  if (node.input_size() > 1) axes = shapes.integers(node.input(1)).value_or(SymbolicDims{});
  return axes.size() == 1 && (axes[0] == -1 || (dims && axes[0] == static_cast<int64_t>(dims->size()) - 1));
}

// Patterns hold a reference to the shapes: use them while those live.
Pattern meanOf(const SymbolicShapes& shapes, Pattern of, std::string_view name = {}) {
  return p::where(
      p::op("ReduceMean", {std::move(of)}, name),
      [&shapes](const Graph&, const Node& node) { return meansOverLastAxis(shapes, node); },
      "the mean is not over the last axis");
}

// 1 / sqrt(mean(of^2) + epsilon), and its parts.
struct Deviation {
  Pattern shifted, root;
  std::vector<Pattern> inverse;
};
Deviation deviationOf(const SymbolicShapes& shapes, const Pattern& of) {
  const auto square = p::either({p::op("Pow", {of, p::scalar(2, kExactly)}), p::op("Mul", {of, of})});
  Deviation d;
  d.shifted = p::op("Add", {meanOf(shapes, square), p::scalar("epsilon")});
  d.root = p::op("Sqrt", {d.shifted});
  d.inverse = {p::op("Reciprocal", {d.root}), p::op("Div", {p::scalar(1, kExactly), d.root}),
               p::op("Pow", {d.shifted, p::scalar(-0.5, kExactly)})};
  return d;
}

class Finisher {
 public:
  Finisher(const Graph& graph, const SymbolicShapes& shapes) : m_graph(graph), m_shapes(shapes) {}

  NormMatch finish(const graph::Match& match, Node& last) {
    NormBlock block;
    block.x = match.tensor("x");
    block.last = &last;
    block.nodes = match.nodes;
    block.epsilon = m_graph.scalarConstant(match.tensor("epsilon")).value_or(-1);
    const auto dims = m_shapes.dims(block.x);
    if (!dims || dims->empty() || isSymbol(dims->back())) return {{}, "the width does not follow from the file"};
    block.width = dims->back();
    if (block.epsilon < 0) return {{}, "epsilon is negative"};
    if (const auto weight = match.tensors.find("weight"); weight != match.tensors.end()) {
      block.weight = weight->second;
      block.bias = match.tensor("bias");
      if (!isPerElement(block.weight, block.width) || !isPerElement(block.bias, block.width)) {
        return {{}, "weight and bias are not one constant for each element"};
      }
    } else {
      takeFollower(block, "Mul", block.weight);
      if (!block.weight.empty()) takeFollower(block, "Add", block.bias);
    }
    const std::array<std::string, 1> result{block.last->output(0)};
    if (!graph::isClosed(m_graph, block.nodes, result)) return {{}, "a value inside is also read elsewhere"};
    return {std::move(block), {}};
  }

 private:
  bool isPerElement(const std::string& tensor, int64_t width) const {
    return m_shapes.dims(tensor) == SymbolicDims{width} && !constantBehind(m_graph, tensor).empty();
  }

  void takeFollower(NormBlock& block, const char* op, std::string& operand) {
    Node* const next = m_graph.onlyConsumer(block.last->output(0));
    if (!next || !isOp(*next, op) || next->input_size() != 2) return;
    const std::string& other = next->input(next->input(0) == block.last->output(0) ? 1 : 0);
    if (!isPerElement(other, block.width)) return;
    operand = other;
    block.last = next;
    block.nodes.push_back(next);
  }

  const Graph& m_graph;
  const SymbolicShapes& m_shapes;
};

bool isCentered(const Graph& graph, const SymbolicShapes& shapes, const std::string& tensor) {
  Node* const difference = graph.producer(tensor);
  const auto x = p::any("x");
  return difference && graph::match(graph, *difference, p::op("Sub", {x, meanOf(shapes, x)}));
}

}  // namespace

NormMatch matchNorm(const Graph& graph, const SymbolicShapes& shapes, Node& quotient, Centered centered) {
  const auto x = p::any("x");
  const auto value = centered == Centered::Yes ? p::op("Sub", {x, meanOf(shapes, x)}) : x;
  const Deviation deviation = deviationOf(shapes, value);
  std::vector<Pattern> forms{p::op("Div", {value, deviation.root})};
  for (const Pattern& inverse : deviation.inverse) forms.push_back(p::op("Mul", {value, inverse}));
  for (const Pattern& form : forms) {
    const auto match = graph::match(graph, quotient, form);
    if (!match) continue;
    // With the mean taken off before, it is a layer normalization, and for the other rule.
    if (centered == Centered::No && isCentered(graph, shapes, match->tensor("x"))) return {};
    return Finisher(graph, shapes).finish(*match, quotient);
  }
  return {};
}

NormMatch matchFoldedNorm(const Graph& graph, const SymbolicShapes& shapes, Node& sum) {
  const auto x = p::any("x");
  const auto mean = meanOf(shapes, x);
  const Deviation deviation = deviationOf(shapes, p::op("Sub", {x, mean}));
  for (const Pattern& inverse : deviation.inverse) {
    const auto scale = p::op("Mul", {inverse, p::any("weight")});
    const auto shift = p::op("Sub", {p::any("bias"), p::op("Mul", {mean, scale})});
    const auto form = p::op("Add", {p::op("Mul", {x, scale}), shift});
    if (const auto match = graph::match(graph, sum, form)) return Finisher(graph, shapes).finish(*match, sum);
  }
  return {};
}

std::string weightOf(Graph& graph, const NormBlock& block) {
  if (!block.weight.empty()) return block.weight;
  const std::vector<float> ones(static_cast<size_t>(block.width), 1.0F);
  return graph.addInitializer("ones", graph::Tensor::vector(std::span<const float>(ones)));
}

}  // namespace ridgeline::advisor
