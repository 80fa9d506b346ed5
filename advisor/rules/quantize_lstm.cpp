#include "advisor/rules/quantize_lstm.h"

#include "advisor/rules/quantization/lstm.h"
#include "advisor/rules/quantization/survey.h"
#include "base/counted.h"

namespace ridgeline::advisor {
namespace {

using namespace quantization;
using graph::Graph;

constexpr std::string_view kPerUnit = "per-unit";

class QuantizeLstmRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{"quantize-lstm",
                               RuleKind::Quantization,
                               true,
                               "run LSTM layers on INT8 weights, with inputs and state quantized as they come",
                               {}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    std::vector<Lstm> layers;
    std::vector<Surveyed> surveyed;
    for (graph::Node* node : graph.nodes()) {
      std::string why;
      const auto lstm = asLstm(graph, *node, &why);
      if (!why.empty() && nearMisses) {
        nearMisses->push_back({info().name, graph::idOf(*node), fmt::format("{}: {}", node->op_type(), why)});
      }
      const auto shape = lstm ? shapeOf(graph, *lstm, subject) : std::nullopt;
      if (!shape) continue;
      layers.push_back(*lstm);
      surveyed.push_back(
          {shape->text(), subject.time({node}), {floatLstm(*shape), dynamicLstm(*shape, LstmScales::PerDirection)}});
    }
    auto groups = survey(surveyed, subject);
    if (!groups) return passOn(groups);

    Opportunity o;
    o.rule = info().name;
    o.risk = "weights, inputs and states of LSTM layers drop to INT8";
    addWinners(o, *groups, 0, "LSTM", "dynamic INT8", [&](size_t i) { return graph::idOf(*layers[i].node); });
    if (o.places.empty()) return std::vector<Opportunity>{};
    o.target = counted(o.places.size(), "LSTM layer");
    return std::vector{std::move(o)};
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject&) const override {
    const auto scales = opportunity.variant == kPerUnit ? LstmScales::PerUnit : LstmScales::PerDirection;
    int count = 0;
    for (const auto& place : opportunity.places) {
      graph::Node* const node = graph.find(place);
      const auto lstm = node ? asLstm(graph, *node) : std::nullopt;
      if (lstm && quantizeLstm(graph, *lstm, scales)) ++count;
    }
    if (count > 0) {
      graph.model().requireOpset("com.microsoft", 1);
      graph.removeDead();
      graph.sort();
    }
    return count;
  }

  // A little slower, and closer.
  std::vector<Opportunity> gentler(const Opportunity& whole) const override {
    if (whole.variant == kPerUnit) return {};
    auto other = whole;
    other.variant = kPerUnit;
    return {other};
  }
};

}  // namespace

std::unique_ptr<Rule> makeQuantizeLstmRule() { return std::make_unique<QuantizeLstmRule>(); }

}  // namespace ridgeline::advisor
