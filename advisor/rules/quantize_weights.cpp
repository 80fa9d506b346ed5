#include "advisor/rules/quantize_weights.h"

#include "advisor/rules/quantization/integer_products.h"
#include "advisor/rules/quantization/survey.h"
#include "advisor/rules/quantization/weight_store.h"
#include "base/counted.h"
#include "base/units.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace ridgeline::advisor {
namespace {

using namespace quantization;
using graph::Graph;
using graph::Node;

struct BlockForm {
  int bits;
  int64_t block;
  std::string name() const { return fmt::format("b{}-k{}", bits, block); }
};
// From the most accurate to the least.
constexpr std::array<BlockForm, 6> kForms{{{8, 32}, {8, 128}, {4, 32}, {4, 64}, {4, 128}, {4, 256}}};
// Ends the name of a variant for products that are on INT8 already.
constexpr std::string_view kOfIntegers = "-of-int8";
// What they must win of the latency: what INT8 left of the precision is not given for less.
constexpr double kWorthNarrowing = 0.03;
constexpr size_t kMostVariants = 4;
// A less accurate form must win at least this much more than every more accurate one to be proposed.
constexpr double kWorthTheLoss = 1.03;

class QuantizeWeightsRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{"quantize-weights",
                               RuleKind::Quantization,
                               true,
                               "store the weights of matrix products as 4- or 8-bit integers, a scale for each block",
                               {}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    const auto products = allProducts(graph, subject, info().name, nearMisses);
    if (subject.goal != Goal::Latency) return forSize(products);
    std::vector<Surveyed> surveyed;
    for (const auto& p : products) surveyed.push_back(inAllForms(p, floatProduct(shapeOf(p, subject)), subject));
    auto all = winners(surveyed, products, subject);
    if (!all) return all;
    // A few of a network's products may be faster still with fewer bits.
    std::vector<Product> integerProducts;
    std::vector<Surveyed> surveyedIntegers;
    for (Node* node : graph.nodes()) {
      const auto p = asIntegerProduct(graph, *node);
      if (!p) continue;
      integerProducts.push_back(p->product);
      surveyedIntegers.push_back(inAllForms(p->product, formOf(*p, subject), subject));
      surveyedIntegers.back().now = "INT8";
    }
    auto narrower = winners(surveyedIntegers, integerProducts, subject);
    if (!narrower) return narrower;
    for (auto& o : *narrower) {
      if (o.predictedGainMs < kWorthNarrowing * subject.latencyMs) continue;
      o.variant += kOfIntegers;
      o.target += " on INT8";
      all->push_back(std::move(o));
    }
    return all;
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject& subject) const override {
    const auto formName = opportunity.variant.substr(0, opportunity.variant.find(kOfIntegers));
    const auto form = std::ranges::find(kForms, formName, &BlockForm::name);
    if (form == kForms.end())
      return internalError(fmt::format("quantize-weights has no variant {}", opportunity.variant));
    WeightStore weights(graph);
    int count = 0;
    for (const auto& place : opportunity.places) {
      Node* node = graph.find(place);
      if (!node) continue;
      const auto integers = asIntegerProduct(graph, *node);
      const auto product = integers ? integers->product : asProduct(graph, *node, subject.shapes);
      if (!product) continue;
      const auto weight = integers ? weights.inBlocks(*integers, form->bits, form->block)
                                   : weights.inBlocks(*product, form->bits, form->block);
      if (!weight) continue;
      std::vector<std::string> inputs{product->input, weight->values, weight->scales};
      if (const auto bias = weights.bias(*product); !bias.empty()) inputs.insert(inputs.end(), {"", "", bias});
      replaceProduct(graph, *product, {"MatMulNBits", inputs, {}, attributes(*form, *product), "com.microsoft", {}});
      ++count;
    }
    if (count > 0) {
      graph.model().requireOpset("com.microsoft", 1);
      graph.removeDead();
      graph.sort();
    }
    return count;
  }

 private:
  static std::vector<std::pair<std::string, graph::AttributeValue>> attributes(const BlockForm& form,
                                                                               const Product& product) {
    // Level 4: the engine may round the activations of a block to INT8, for integer dot products.
    return {{"K", product.k},
            {"N", product.n},
            {"bits", int64_t{form.bits}},
            {"block_size", form.block},
            {"accuracy_level", int64_t{4}}};
  }

  static Surveyed inAllForms(const Product& product, KernelForm now, const Subject& subject) {
    const auto shape = shapeOf(product, subject);
    Surveyed surveyed{shape.text(), subject.time(product.nodes()), {std::move(now)}};
    for (const auto& form : kForms) surveyed.forms.push_back(blockProduct(shape, form.bits, form.block));
    return surveyed;
  }

  Result<std::vector<Opportunity>> winners(const std::vector<Surveyed>& surveyed, const std::vector<Product>& products,
                                           const Subject& subject) const {
    auto groups = survey(surveyed, subject);
    if (!groups) return passOn(groups);
    std::vector<Opportunity> all;
    for (size_t form = 0; form < kForms.size(); ++form) {
      auto o = opportunityFor(form, *groups, products);
      if (!o.places.empty()) all.push_back(std::move(o));
    }
    return worthTrying(std::move(all));
  }

  Opportunity named(const BlockForm& form) const {
    Opportunity o;
    o.rule = info().name;
    o.variant = form.name();
    o.risk = fmt::format("weights drop to {} bits, one scale for {} of them", form.bits, form.block);
    return o;
  }

  Opportunity opportunityFor(size_t form, const std::vector<ShapeTimes>& groups,
                             const std::vector<Product>& products) const {
    const auto& f = kForms[form];
    Opportunity o = named(f);
    const auto formName = fmt::format("{}-bit weights in blocks of {}", f.bits, f.block);
    addWinners(o, groups, form, "MatMul", formName, [&](size_t i) { return graph::idOf(*products[i].node); });
    o.target = counted(o.places.size(), "matrix product");
    return o;
  }

  // Every form, for every product, with what it takes.
  std::vector<Opportunity> forSize(const std::vector<Product>& products) const {
    std::vector<Opportunity> all;
    if (products.empty()) return all;
    for (const auto& form : kForms) {
      double before = 0, after = 0;
      Opportunity o = named(form);
      for (const auto& p : products) {
        const auto weights = static_cast<double>(p.k * p.n);
        before += weights * 4;
        after += weights * (form.bits / 8.0 + 4.0 / static_cast<double>(form.block));
        o.places.push_back(graph::idOf(*p.node));
      }
      o.target = counted(o.places.size(), "matrix product");
      o.evidence.push_back(
          fmt::format("their weights take {} as float32, {} so", formatBytes(before), formatBytes(after)));
      all.push_back(std::move(o));
    }
    return all;
  }

  static std::vector<Opportunity> worthTrying(std::vector<Opportunity> all) {
    std::vector<Opportunity> kept;
    double best = 0;
    for (auto& o : all) {
      if (o.predictedGainMs < best * kWorthTheLoss) continue;
      best = o.predictedGainMs;
      kept.push_back(std::move(o));
    }
    // Of too many, those that win least go.
    while (kept.size() > kMostVariants) kept.erase(kept.begin());
    return kept;
  }
};

}  // namespace

std::unique_ptr<Rule> makeQuantizeWeightsRule() { return std::make_unique<QuantizeWeightsRule>(); }

}  // namespace ridgeline::advisor
