#include "advisor/rules/common_subexpressions.h"

#include "advisor/rules/fixed_shapes.h"
#include "advisor/rules/places.h"

#include <algorithm>
#include <unordered_map>

namespace ridgeline::advisor {

namespace {

using graph::Graph;
using graph::Node;

// Large constants are told apart by name: comparing weights byte by byte would cost more than it finds.
constexpr int64_t LargestComparedConstant = 1024;  // elements

// Value numbering: tensors that certainly hold the same value get the same text, spelled from the operator, its
// attributes and the numbers of its inputs.
class ValueNumbers {
 public:
  explicit ValueNumbers(const Graph& graph) : m_graph(graph) {}

  const std::string& of(const std::string& tensor) {
    auto [it, added] = m_numbers.try_emplace(tensor);
    if (added) it->second = spellConstant(tensor);
    return it->second;
  }

  // Empty for a node that must not be merged with another.
  std::string of(const Node& node) {
    if (!isPure(node) || node.op_type() == "Constant") return {};
    std::vector<std::string> attributes;
    for (const auto& attribute : node.attribute()) attributes.push_back(attribute.SerializeAsString());
    std::ranges::sort(attributes);
    std::string key = node.op_type();
    for (const std::string& a : attributes) key += fmt::format("|{}:{}", a.size(), a);
    for (const std::string& input : node.input()) key += fmt::format(",{}", input.empty() ? "" : of(input));
    for (const std::string& output : node.output()) key += output.empty() ? "-" : "+";
    return key;
  }

  void set(const std::string& tensor, std::string number) { m_numbers[tensor] = std::move(number); }
  std::string fresh() { return fmt::format("#{}", m_next++); }

 private:
  std::string spellConstant(const std::string& tensor) {
    const auto dims = m_graph.constantDims(tensor);
    if (!dims || graph::elementCount(*dims) > LargestComparedConstant) return fresh();
    const auto value = m_graph.constant(tensor);
    if (!value || !value->strings().empty()) return fresh();
    const std::string bytes(reinterpret_cast<const char*>(value->bytes().data()), value->byteSize());
    const std::string key =
        fmt::format("{} {} {}", static_cast<int>(value->type()), graph::formatDims(value->dims()), bytes);
    return m_constants.try_emplace(key, fresh()).first->second;
  }

  const Graph& m_graph;
  std::unordered_map<std::string, std::string> m_numbers, m_constants;
  int m_next = 0;
};

// Nodes whose value an earlier node has, and that node, in the file's order. `kept` gets those that stay because they
// are outputs of the model.
using Pairs = std::vector<std::pair<Node*, Node*>>;
Pairs duplicates(const Graph& graph, Pairs* kept = nullptr) {
  ValueNumbers numbers(graph);
  std::unordered_map<std::string, Node*> first;
  Pairs found;
  for (Node* node : graph.nodes()) {
    const std::string key = numbers.of(*node);
    if (key.empty()) continue;
    const auto [original, isNew] = first.try_emplace(key, node);
    for (int i = 0; i < node->output_size(); ++i) {
      const std::string& output = node->output(i);
      if (!output.empty()) numbers.set(output, isNew ? numbers.fresh() : numbers.of(original->second->output(i)));
    }
    if (isNew) continue;
    // Two graph outputs must both keep their names; one node cannot give both.
    const auto isOutput = [&](const std::string& t) { return !t.empty() && graph.isGraphOutput(t); };
    const bool stays = std::ranges::any_of(node->output(), isOutput);
    if (stays && kept) kept->emplace_back(node, original->second);
    if (!stays) found.emplace_back(node, original->second);
  }
  return found;
}

class CommonSubexpressionsRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{
        "common-subexpressions", RuleKind::Folding, false, "compute once what several nodes compute alike", {}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    std::vector<Node*> repeated, separate;
    Pairs kept;
    for (const auto& [node, original] : duplicates(graph, &kept)) {
      repeated.push_back(node);
      if (!subject.runAsOne(*node, *original)) separate.push_back(node);
    }
    for (const auto& [node, original] : kept) {
      if (!nearMisses) break;
      nearMisses->push_back(
          {info().name, graph::idOf(*node),
           fmt::format("it computes what {} computes, but is an output of the model under a name of its own",
                       graph::idOf(*original))});
    }
    if (repeated.empty()) return std::vector<Opportunity>{};
    Opportunity o = removalOf(repeated, info(), subject);
    o.predictedGainMs = subject.time(separate);
    o.evidence.push_back(
        fmt::format("{} nodes have the operator, attributes and inputs of an earlier node", repeated.size()));
    return std::vector{std::move(o)};
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject&) const override {
    const std::vector<Node*> chosen = nodesAt(graph, opportunity.places);
    int count = 0;
    for (const auto& [node, original] : duplicates(graph)) {
      if (std::ranges::find(chosen, node) == chosen.end()) continue;
      for (int i = 0; i < node->output_size(); ++i) {
        if (!node->output(i).empty()) graph.replaceTensor(node->output(i), original->output(i));
      }
      ++count;
    }
    if (count > 0) graph.removeDead();
    return count;
  }
};

}  // namespace

std::unique_ptr<Rule> makeCommonSubexpressionsRule() { return std::make_unique<CommonSubexpressionsRule>(); }

}  // namespace ridgeline::advisor
