#include "tests/advisor/support/equivalence.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

namespace ridgeline::test {

namespace {

using graph::Graph;
using graph::Node;
using graph::Tensor;

std::string describe(const Tensor& t) {
  return fmt::format("{} {}", graph::nameOf(t.type()), graph::formatDims(t.dims()));
}

bool close(const Tensor& a, const Tensor& b, double tolerance) {
  if (a.type() != b.type() || a.dims() != b.dims()) return false;
  if (!graph::isFloating(a.type())) return a == b;
  const auto x = a.toFloats(), y = b.toFloats();
  return std::equal(x.begin(), x.end(), y.begin(), y.end(), [&](float p, float q) {
    return p == q || (std::isnan(p) && std::isnan(q)) || std::abs(p - q) <= tolerance * (1 + std::abs(q));
  });
}

std::map<std::string, std::string> attributesOf(const Node& node) {
  std::map<std::string, std::string> all;
  for (onnx::AttributeProto attribute : node.attribute()) {
    attribute.clear_doc_string();
    // The two ways to store a tensor's data, and its name, say nothing about its value.
    if (attribute.has_t()) {
      if (const auto value = graph::fromProto(attribute.t())) {
        attribute.mutable_t()->Clear();
        graph::toProto(*value, *attribute.mutable_t());
      }
    }
    all[attribute.name()] = attribute.SerializeAsString();
  }
  return all;
}

std::vector<std::string> inputsOf(const Node& node) {
  std::vector<std::string> all(node.input().begin(), node.input().end());
  while (!all.empty() && all.back().empty()) all.pop_back();
  return all;
}

// Walks both graphs from their outputs to their inputs, pairing nodes.
class Comparison {
 public:
  Comparison(Graph& a, Graph& b, double tolerance) : m_a(a), m_b(b), m_tolerance(tolerance) {}

  std::string run() {
    const auto& outputsA = m_a.model().graphProto().output();
    const auto& outputsB = m_b.model().graphProto().output();
    if (outputsA.size() != outputsB.size()) return "the numbers of outputs differ";
    for (int i = 0; i < outputsA.size(); ++i) {
      if (outputsA[i].name() != outputsB[i].name()) return "outputs are named differently: " + outputsA[i].name();
      if (auto d = compare(outputsA[i].name(), outputsB[i].name()); !d.empty()) {
        return "output " + outputsA[i].name() + ": " + d;
      }
    }
    if (auto d = unpaired(m_a, m_aToB); !d.empty()) return "reaches no output: " + d;
    if (auto d = unpaired(m_b, m_bToA); !d.empty()) return "missing: " + d;
    return {};
  }

 private:
  std::string compare(const std::string& a, const std::string& b) {
    if (a.empty() || b.empty()) return a == b ? "" : fmt::format("input '{}' against '{}'", a, b);
    const auto valueA = m_a.constant(a), valueB = m_b.constant(b);
    if (valueA || valueB) {
      if (!valueA || !valueB) return fmt::format("'{}' against '{}': only one is constant", a, b);
      if (close(*valueA, *valueB, m_tolerance)) return {};
      return fmt::format("constants '{}' ({}) and '{}' ({}) differ", a, describe(*valueA), b, describe(*valueB));
    }
    Node* const nodeA = m_a.producer(a);
    Node* const nodeB = m_b.producer(b);
    if (!nodeA || !nodeB) {
      if (!nodeA && !nodeB && a == b) return {};
      return fmt::format("'{}' ({}) against '{}' ({})", a, nodeA ? nodeA->op_type() : "input", b,
                         nodeB ? nodeB->op_type() : "input");
    }
    const auto index = [](const Node& n, const std::string& t) {
      return std::ranges::find(n.output(), t) - n.output().begin();
    };
    if (index(*nodeA, a) != index(*nodeB, b)) return fmt::format("'{}' is another output than '{}'", a, b);
    return compareNodes(nodeA, nodeB);
  }

  std::string compareNodes(Node* a, Node* b) {
    const auto knownA = m_aToB.find(a);
    const auto knownB = m_bToA.find(b);
    if (knownA != m_aToB.end() || knownB != m_bToA.end()) {
      const bool paired = knownA != m_aToB.end() && knownA->second == b;
      return paired ? "" : fmt::format("{} '{}' is shared in one graph only", a->op_type(), graph::idOf(*a));
    }
    m_aToB[a] = b;
    m_bToA[b] = a;
    const std::string where =
        fmt::format("{} '{}' against {} '{}'", a->op_type(), graph::idOf(*a), b->op_type(), graph::idOf(*b));
    if (!graph::isOp(*a, b->op_type(), b->domain())) return where;
    if (attributesOf(*a) != attributesOf(*b)) return where + ": attributes differ";
    const auto inputsA = inputsOf(*a), inputsB = inputsOf(*b);
    if (inputsA.size() != inputsB.size()) return where + ": the numbers of inputs differ";
    for (size_t i = 0; i < inputsA.size(); ++i) {
      if (auto d = compare(inputsA[i], inputsB[i]); !d.empty()) return d + " < " + where;
    }
    return {};
  }

  static std::string unpaired(Graph& graph, const std::unordered_map<Node*, Node*>& pairs) {
    for (Node* node : graph.nodes()) {
      if (node->op_type() != "Constant" && !pairs.contains(node)) return node->op_type() + " " + graph::idOf(*node);
    }
    return {};
  }

  Graph& m_a;
  Graph& m_b;
  double m_tolerance;
  std::unordered_map<Node*, Node*> m_aToB, m_bToA;
};

}  // namespace

std::string difference(const graph::Model& a, const graph::Model& b, double constantTolerance) {
  graph::Model copyA = a.clone(), copyB = b.clone();
  Graph graphA(copyA), graphB(copyB);
  return Comparison(graphA, graphB, constantTolerance).run();
}

}  // namespace ridgeline::test
