#include "advisor/rules/quantize_dynamic.h"

#include "advisor/rules/quantization/survey.h"
#include "advisor/rules/quantization/weight_store.h"
#include "base/counted.h"

namespace ridgeline::advisor {
namespace {

using namespace quantization;
using graph::Graph;

class QuantizeDynamicRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{"quantize-dynamic",
                               RuleKind::Quantization,
                               true,
                               "run matrix products on INT8 weights, with activations quantized as they come",
                               {}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    const auto products = allProducts(graph, subject, info().name, nearMisses);
    std::vector<Surveyed> surveyed;
    for (const auto& p : products) {
      const auto shape = shapeOf(p, subject);
      surveyed.push_back({shape.text(), subject.time(p.nodes()), {floatProduct(shape), dynamicProduct(shape)}});
    }
    auto groups = survey(surveyed, subject);
    if (!groups) return passOn(groups);

    Opportunity o;
    o.rule = info().name;
    o.risk = "activations and weights drop to INT8";
    addWinners(o, *groups, 0, "MatMul", "dynamic INT8", [&](size_t i) { return graph::idOf(*products[i].node); });
    if (o.places.empty()) return std::vector<Opportunity>{};
    o.target = counted(o.places.size(), "matrix product");
    return std::vector{std::move(o)};
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject& subject) const override {
    WeightStore weights(graph);
    int count = 0;
    for (const auto& place : opportunity.places) {
      graph::Node* node = graph.find(place);
      if (!node) continue;
      const auto product = asProduct(graph, *node, subject.shapes);
      const auto weight = product ? weights.perColumn(*product) : std::nullopt;
      if (!weight) continue;
      std::vector<std::string> inputs{product->input, weight->values, weight->scales};
      if (const auto bias = weights.bias(*product); !bias.empty()) inputs.insert(inputs.end(), {"", bias});
      replaceProduct(graph, *product, {"DynamicQuantizeMatMul", inputs, {}, {}, "com.microsoft", {}});
      ++count;
    }
    if (count > 0) {
      graph.model().requireOpset("com.microsoft", 1);
      graph.removeDead();
      graph.sort();
    }
    return count;
  }
};

}  // namespace

std::unique_ptr<Rule> makeQuantizeDynamicRule() { return std::make_unique<QuantizeDynamicRule>(); }

}  // namespace ridgeline::advisor
