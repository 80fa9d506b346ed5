#include "advisor/rules/fold_shapes.h"

#include "advisor/rules/places.h"
#include "advisor/rules/symbolic_reshape.h"

#include <algorithm>
#include <set>

namespace ridgeline::advisor {
namespace {

using graph::DataType;
using graph::Graph;
using graph::Node;
using graph::Tensor;

// An input that becomes a constant.
struct Change {
  Node* node = nullptr;
  int input = 0;
  Tensor value;
};

Tensor tensorOf(DataType type, const SymbolicDims& dims, const std::vector<int64_t>& values) {
  if (type == DataType::Int64) return Tensor::of<int64_t>(dims, std::span<const int64_t>(values));
  const std::vector<int32_t> narrow(values.begin(), values.end());
  return Tensor::of<int32_t>(dims, std::span<const int32_t>(narrow));
}

class ShapeFolder {
 public:
  ShapeFolder(const Graph& graph, const Subject& subject) : m_graph(graph), m_subject(subject), m_shapes(graph) {}

  std::vector<Change> changesOf(Node& node) const {
    std::vector<Change> changes;
    // What only computes a value that is known is left to vanish.
    if (node.output_size() == 1 && valueOf(node.output(0)) && !m_graph.isGraphOutput(node.output(0))) return changes;
    for (int i = 0; i < node.input_size(); ++i) {
      auto value = valueOf(node.input(i));
      if (!value && i == 1 && graph::isOp(node, "Reshape")) value = targetOf(node);
      if (value) changes.push_back({&node, i, std::move(*value)});
    }
    return changes;
  }

  // A Reshape whose dims are followed, but whose target no constant can say.
  bool movesOpenDims(const Node& node) const {
    return graph::isOp(node, "Reshape") && node.input_size() == 2 && isComputed(node.input(1)) &&
           graph::intAttribute(node, "allowzero", 0) == 0 && m_shapes.dims(node.input(0)) &&
           m_shapes.dims(node.output(0)) && !targetOf(node);
  }

 private:
  bool isComputed(const std::string& tensor) const {
    return !tensor.empty() && m_graph.producer(tensor) && !m_graph.isConstant(tensor);
  }

  // Of integers that are computed, and the same in every run.
  std::optional<Tensor> valueOf(const std::string& tensor) const {
    if (!isComputed(tensor)) return std::nullopt;
    const auto* facts = m_subject.shape(tensor);
    const auto integers = m_shapes.integers(tensor);
    if (!facts || !integers || std::ranges::any_of(*integers, isSymbol)) return std::nullopt;
    if (facts->type != DataType::Int64 && facts->type != DataType::Int32) return std::nullopt;
    if (facts->dims.size() > 1 || graph::elementCount(facts->dims) != static_cast<int64_t>(integers->size())) {
      return std::nullopt;
    }
    return tensorOf(facts->type, facts->dims, *integers);
  }

  std::optional<Tensor> targetOf(const Node& reshape) const {
    if (!isComputed(reshape.input(1)) || graph::intAttribute(reshape, "allowzero", 0) != 0) return std::nullopt;
    const auto from = m_shapes.dims(reshape.input(0)), to = m_shapes.dims(reshape.output(0));
    const auto target = from && to ? reshapeTarget(*from, *to) : std::nullopt;
    if (!target) return std::nullopt;
    return Tensor::vector(std::span<const int64_t>(*target));
  }

  const Graph& m_graph;
  const Subject& m_subject;
  const SymbolicShapes m_shapes;
};

int change(Graph& graph, Node& node, const ShapeFolder& folder) {
  const auto changes = folder.changesOf(node);
  for (const auto& c : changes) graph.setInput(&node, c.input, graph.addInitializer(node.input(c.input), c.value));
  return changes.empty() ? 0 : 1;
}

// Nodes that nothing needs any more when these inputs are constants.
std::vector<Node*> leftOver(const Graph& graph, const std::vector<Change>& changes) {
  std::set<std::pair<const Node*, std::string>> cut;
  std::vector<Node*> open;
  const auto see = [&](const std::string& tensor) {
    if (Node* const maker = graph.producer(tensor)) open.push_back(maker);
  };
  for (const auto& c : changes) {
    cut.emplace(c.node, c.node->input(c.input));
    see(c.node->input(c.input));
  }
  std::set<const Node*> gone;
  std::vector<Node*> order;
  const auto isNeeded = [&](const std::string& tensor) {
    if (graph.isGraphOutput(tensor)) return true;
    return std::ranges::any_of(graph.consumers(tensor), [&](const Node* n) {
      return !gone.contains(n) && !cut.contains({n, tensor});
    });
  };
  while (!open.empty()) {
    Node* const node = open.back();
    open.pop_back();
    if (gone.contains(node) || std::ranges::any_of(node->output(), isNeeded)) continue;
    gone.insert(node);
    order.push_back(node);
    for (const auto& input : node->input()) see(input);
  }
  return order;
}

class FoldShapesRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{
        "fold-shapes", RuleKind::Folding, false, "say in constants what is computed from shapes each time", {}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    const ShapeFolder folder(graph, subject);
    std::vector<Change> all;
    Opportunity o;
    o.rule = info().name;
    for (Node* node : graph.nodes()) {
      auto changes = folder.changesOf(*node);
      if (changes.empty() && nearMisses && folder.movesOpenDims(*node)) {
        nearMisses->push_back({info().name, graph::idOf(*node),
                               "two dims of its target are open and not where the input has them; --shape with "
                               "--pin-shapes fixes them"});
      }
      if (changes.empty()) continue;
      o.places.push_back(graph::idOf(*node));
      std::ranges::move(changes, std::back_inserter(all));
    }
    if (o.places.empty()) return std::vector<Opportunity>{};
    auto vanishing = leftOver(graph, all);
    std::erase_if(vanishing, [](const Node* n) { return graph::isOp(*n, "Constant"); });
    o.target = countByType(vanishing);
    o.predictedGainMs = subject.time(vanishing);
    o.evidence.push_back(fmt::format("{} nodes compute shapes of which the file says enough", vanishing.size()));
    return std::vector{std::move(o)};
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject& subject) const override {
    const ShapeFolder folder(graph, subject);
    int count = 0;
    for (Node* node : nodesAt(graph, opportunity.places)) count += change(graph, *node, folder);
    if (count > 0) graph.removeDead();
    return count;
  }
};

}  // namespace

std::unique_ptr<Rule> makeFoldShapesRule() { return std::make_unique<FoldShapesRule>(); }

}  // namespace ridgeline::advisor
