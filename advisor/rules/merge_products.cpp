#include "advisor/rules/merge_products.h"

#include "advisor/preflight.h"
#include "advisor/rules/constant_behind.h"
#include "advisor/rules/merge_products_group.h"
#include "advisor/rules/places.h"
#include "advisor/rules/quantization/form_model.h"
#include "base/units.h"

#include <algorithm>
#include <array>
#include <map>

namespace ridgeline::advisor {
namespace {

using graph::Graph;
using graph::Node;
using quantization::filled;
using quantization::FormModel;

// Below this share of the time apart, timing the operators alone is no evidence.
constexpr double kClearlyFaster = 0.97;
// Operators that are as fast merged save the engine from sending its threads to work once more: next to nothing while
// these spin, some 40 us where they sleep. The gain is what it is while they spin.
constexpr double kAsFast = 1.03, kDispatchMs = 0.002;
// With many rows, the Split moves more memory than the merge saves, and the engine's kernels gain nothing from width.
constexpr int64_t kMostRows = 16;

int64_t rowsOf(const Subject& subject, const Node& node) {
  const auto* facts = subject.shape(node.input(0));
  if (!facts || facts->dims.empty() || facts->dims.back() <= 0) return 0;
  return graph::elementCount(facts->dims) / facts->dims.back();
}

// One copy of the group's operators, apart or merged, in a model for timing. Weights are made up.
class GroupForm {
 public:
  GroupForm(const Graph& graph, const ProductGroup& group, const Subject& subject)
      : m_graph(graph), m_group(group), m_input(*subject.shape(group.first().input(0))) {}

  // Weights that come from memory, as they do in a network: together they must not fit a core's own cache.
  int copies() const {
    int64_t bytes = 1;
    for (const Node* node : m_group.nodes) {
      const auto weight = constantBehind(m_graph, node->input(1));
      bytes += graph::byteCount(*m_graph.constantType(weight), *m_graph.constantDims(weight));
    }
    return static_cast<int>(std::clamp<int64_t>((int64_t{32} << 20) / bytes, 1, 16));
  }

  std::string key(bool merged) const {
    std::string text = fmt::format("{} {} x {}{}", m_group.first().op_type(), graph::formatDims(m_input.dims),
                                   fmt::join(m_group.columns, merged ? "+" : ","), merged ? " merged" : " apart");
    for (const auto& operand : m_group.operands) {
      if (m_group.has(operand)) text += fmt::format(" {}", operand.input);
    }
    for (const char* name : {"bits", "block_size", "accuracy_level"}) {
      if (const auto value = graph::intAttribute(m_group.first(), name, 0)) text += fmt::format(" {} {}", name, value);
    }
    return text + fmt::format(" type {}", static_cast<int>(m_input.type));
  }

  graph::Model build(bool merged) const {
    FormModel model("products", m_input.type, m_input.dims);
    for (int copy = 0; copy < copies(); ++copy) {
      if (!merged) {
        for (size_t i = 0; i < m_group.nodes.size(); ++i) model.output(product(model, i, m_group.columns[i]));
        continue;
      }
      for (const auto& part : model.split(product(model, 0, m_group.totalColumns()), m_group.columns)) {
        model.output(part);
      }
    }
    return std::move(model).take();
  }

 private:
  std::string product(FormModel& model, size_t member, int64_t columns) const {
    const Node& node = *m_group.nodes[member];
    std::vector<std::string> inputs{"x"};
    for (int i = 1; i < node.input_size(); ++i) {
      const auto operand = std::ranges::find(m_group.operands, i, &ColumnOperand::input);
      const auto constant = constantBehind(m_graph, node.input(i));
      if (constant.empty()) {
        inputs.emplace_back();
      } else if (operand == m_group.operands.end()) {
        inputs.push_back(model.constant(*m_graph.constant(constant)));
      } else {
        auto dims = *m_graph.constantDims(constant);
        if (operand->axis == -1) {
          dims = {columns};
        } else if (!dims.empty()) {
          auto& side = dims[static_cast<size_t>(operand->axis)];
          side = side / m_group.columns[member] * columns;
        }
        inputs.push_back(model.constant(filled(*m_graph.constantType(constant), dims)));
      }
    }
    graph::Node attributes;
    *attributes.mutable_attribute() = node.attribute();
    if (graph::findAttribute(node, "N")) graph::setAttribute(attributes, "N", columns);
    return model.addLike(attributes, {node.op_type(), inputs, {}, {}, node.domain(), {}});
  }

  const Graph& m_graph;
  const ProductGroup& m_group;
  const engine::TensorFacts& m_input;
};

// Groups that are worth merging for the same reason.
class Proposal {
 public:
  Proposal(const std::string& rule, const std::string& variant) {
    m_opportunity.rule = rule;
    m_opportunity.variant = variant;
  }
  void add(const ProductGroup& group, double gainMs, const std::string& evidence) {
    m_opportunity.predictedGainMs += gainMs;
    m_opportunity.places.push_back(graph::idOf(group.first()));
    auto& told = m_opportunity.evidence;
    if (std::ranges::find(told, evidence) == told.end()) told.push_back(evidence);
    ++m_kinds[fmt::format("{} {}", group.nodes.size(), group.first().op_type())];
  }
  bool isEmpty() const { return m_opportunity.places.empty(); }
  Opportunity take() && {
    m_opportunity.target = listKinds(m_kinds);
    return std::move(m_opportunity);
  }

 private:
  Opportunity m_opportunity;
  std::map<std::string, int> m_kinds;
};

class MergeProductsRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{
        "merge-products", RuleKind::Fusion, false, "compute products of one tensor with several weights at once", {}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    Proposal faster(info().name, ""), asFast(info().name, "asleep");
    for (const auto& group : productGroups(graph)) {
      const int64_t rows = rowsOf(subject, group.first());
      if (rows == 0) continue;
      if (rows > kMostRows) {
        if (nearMisses) {
          nearMisses->push_back({info().name, graph::idOf(group.first()),
                                 fmt::format("{} {} share their input, but with {} rows taking the result apart again "
                                             "costs more than is saved",
                                             group.nodes.size(), group.first().op_type(), rows)});
        }
        continue;
      }
      const GroupForm form(graph, group, subject);
      const std::array<KernelForm, 2> forms{
          KernelForm{form.key(false), [&form] { return form.build(false); }, form.copies()},
          KernelForm{form.key(true), [&form] { return form.build(true); }, form.copies()}};
      const auto times = subject.kernels.compare(forms);
      if (!times[0] || !times[1]) continue;
      const double ratio = *times[1] / *times[0];
      if (ratio > kAsFast) continue;
      const auto evidence =
          fmt::format("{} {} of {} columns: {} apart, {} merged", group.nodes.size(), group.first().op_type(),
                      fmt::join(group.columns, ", "), formatMs(*times[0]), formatMs(*times[1]));
      if (ratio <= kClearlyFaster) {
        faster.add(group, std::max(subject.time(group.nodes), *times[0]) * (1 - ratio), evidence);
      } else if (subject.threads > 1) {
        asFast.add(group, static_cast<double>(group.nodes.size() - 1) * kDispatchMs, evidence);
      }
    }
    std::vector<Opportunity> found;
    for (auto* proposal : {&faster, &asFast}) {
      if (!proposal->isEmpty()) found.push_back(std::move(*proposal).take());
    }
    return found;
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject&) const override {
    int count = 0;
    for (const auto& group : productGroups(graph)) {
      if (std::ranges::find(opportunity.places, graph::idOf(group.first())) == opportunity.places.end()) continue;
      if (merge(graph, group)) ++count;
    }
    graph.removeDead();
    graph.sort();
    return count;
  }

 private:
  static bool merge(Graph& graph, const ProductGroup& group) {
    const Node first = group.first();
    std::vector<std::string> inputs(first.input().begin(), first.input().end());
    std::vector<std::pair<int, graph::Tensor>> merged;
    for (const auto& operand : group.operands) {
      if (!group.has(operand)) continue;
      merged.emplace_back(operand.input, sideBySide(graph, group, operand));
      if (merged.back().second.byteSize() == 0) return false;
    }
    for (const auto& [input, tensor] : merged) {
      inputs[static_cast<size_t>(input)] =
          graph.addInitializer(constantBehind(graph, first.input(input)) + "_merged", tensor);
    }
    const auto whole = graph.uniqueName(first.output(0) + "_merged");
    std::vector<std::string> outputs;
    for (Node* node : group.nodes) {
      outputs.push_back(node->output(0));
      graph.removeNode(node);
    }
    Node* const product = graph.addNode({first.op_type(), inputs, {whole}, {}, first.domain(), {}});
    *product->mutable_attribute() = first.attribute();
    if (graph::findAttribute(first, "N")) graph::setAttribute(*product, "N", group.totalColumns());
    addSplit(graph, whole, group.columns, outputs);
    return true;
  }

  static void addSplit(Graph& graph, const std::string& whole, const std::vector<int64_t>& columns,
                       const std::vector<std::string>& outputs) {
    graph::NodeSpec split{"Split", {whole}, outputs, {{"axis", int64_t{-1}}}, {}, {}};
    if (graph.model().opset() < 13) {
      split.attributes.emplace_back("split", columns);
    } else {
      split.inputs.push_back(graph.addInitializer("columns", graph::Tensor::vector(std::span<const int64_t>(columns))));
    }
    graph.addNode(std::move(split));
  }
};

}  // namespace

std::unique_ptr<Rule> makeMergeProductsRule() { return std::make_unique<MergeProductsRule>(); }

}  // namespace ridgeline::advisor
