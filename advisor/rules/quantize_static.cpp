#include "advisor/rules/quantize_static.h"

#include "advisor/calibration.h"
#include "advisor/rules/fuse_gelu.h"
#include "advisor/rules/quantization/qdq_writer.h"
#include "advisor/rules/quantization/static_survey.h"
#include "advisor/rules/quantization/weights.h"
#include "advisor/rules/raise_opset.h"
#include "advisor/short_look.h"
#include "base/clock.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

namespace ridgeline::advisor {
namespace {

using namespace quantization;
using graph::Graph;

// A convolution that loses a little by itself still takes part: leaving it out puts conversions and a change of memory
// layout on either side of it. (The 7x7 one at the head of ResNet-50: 4 % slower alone, a third of the gain without
// it.)
constexpr double kTolerableLoss = 1.25;

// Networks that are run as a whole to predict what they gain.
constexpr double kSmallMs = 25;
constexpr int64_t kSmallBytes = int64_t{64} << 20;

bool hasFiniteWeight(const Graph& graph, const std::string& name) {
  const auto weight = graph.constant(name);
  return weight && allFinite(weight->as<float>());
}

class QuantizeStaticRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{"quantize-static",
                               RuleKind::Quantization,
                               true,
                               "run convolutions and products on INT8, with ranges taken from calibration samples",
                               {"fold-constants", "fold-batch-norm"}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    Anchors anchors{allConvolutions(graph, info().name, nearMisses),
                    allTransposedConvolutions(graph, info().name, nearMisses),
                    allProducts(graph, subject, info().name, nearMisses)};
    if (const auto why = whyNotRaised(graph, kIntegerConvolutionOpset, subject.maxOpset); !why.empty()) {
      if (nearMisses && !anchors.convolutions.empty()) {
        nearMisses->push_back({info().name, graph::idOf(*anchors.convolutions.front().node),
                               fmt::format("the {} Conv: opset {} has no integer convolution, and the model cannot be "
                                           "raised: {}",
                                           anchors.convolutions.size(), graph.model().opset(), why)});
      }
      anchors.convolutions.clear();
      anchors.transposed.clear();
    }
    auto timed = surveyStatic(graph, anchors, subject);
    if (!timed) return passOn(timed);
    std::vector<Opportunity> all;
    for (const size_t form : {0, 1}) {
      for (const bool whole : {false, true}) {
        auto o = opportunityFor(form, whole, anchors, *timed, subject);
        if (!o.places.empty()) all.push_back(std::move(o));
      }
    }
    all = worthTrying(std::move(all));
    if (auto looked = look(all, subject, nearMisses); !looked) return passOn(looked);
    return all;
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject& subject) const override {
    const Anchors anchors = anchorsAt(graph, opportunity.places, subject);
    std::set<std::string_view> convolved;
    for (const auto& c : anchors.convolutions) convolved.insert(c.node->output(0));
    fuseGelus(graph, [&](const std::string& argument) { return convolved.contains(argument); });
    if (!graph.sort()) return badInput("the graph has a cycle");
    const bool isSigned = opportunity.variant.starts_with("s8");
    std::unordered_set<std::string> excluded;
    if (isSigned) excludeSpelled(graph, excluded);
    while (true) {
      const auto plan = planFor(graph, anchors.convolutions, anchors.products, excluded, subject.shapes);
      if (plan.convolutions.empty() && plan.products.empty()) return 0;
      auto ranges = subject.calibration.ranges(graph.model(), rangesNeeded(plan), rangeMethodOf(opportunity));
      if (!ranges) return passOn(ranges);
      if (excludeUnknown(plan, *ranges, excluded)) continue;
      if (!plan.convolutions.empty()) raiseOpset(graph, kIntegerConvolutionOpset);
      const int count = QdqWriter(graph, plan, *ranges, isSigned).write();
      graph.removeDead();
      graph.sort();
      return count;
    }
  }

  // Speed does not depend on the ranges; accuracy does, and which is best depends on the network.
  std::vector<Opportunity> gentler(const Opportunity& whole) const override {
    std::vector<Opportunity> others;
    if (rangeMethodOf(whole) != RangeMethod::MinMax) return others;
    for (const auto method : {RangeMethod::Percentile, RangeMethod::Entropy}) {
      others.push_back(whole);
      others.back().variant += fmt::format("-{}", nameOf(method));
    }
    return others;
  }

 private:
  static RangeMethod rangeMethodOf(const Opportunity& opportunity) {
    for (const auto method : {RangeMethod::Percentile, RangeMethod::Entropy}) {
      if (opportunity.variant.ends_with(nameOf(method))) return method;
    }
    return RangeMethod::MinMax;
  }

  Opportunity opportunityFor(size_t form, bool whole, const Anchors& anchors, const StaticTimes& timed,
                             const Subject& subject) const {
    Opportunity o;
    o.rule = info().name;
    const std::string types = form == 0 ? "u8s8" : "s8s8";
    o.variant = types + (whole ? "-qdq-all" : "-qdq");
    o.risk = subject.calibration.synthetic()
                 ? "activations and weights drop to INT8, in ranges seen with synthetic inputs"
                 : "activations and weights drop to INT8; values beyond the calibrated ranges are clipped";
    const auto add = [&](const std::vector<ShapeTimes>& groups, std::string_view op, double limit, auto idOf) {
      for (const auto& group : groups) {
        if (form >= group.formMs.size()) continue;
        o.evidence.push_back(evidenceFor(group, form, op, types));
        if (!std::isfinite(group.ratio(form)) || (!whole && group.ratio(form) > limit)) continue;
        addPlaces(o, group, form, idOf);
      }
    };
    const auto convolutionId = [&](size_t i) { return graph::idOf(*anchors.convolutions[i].node); };
    add(timed.convolutions, "Conv", kTolerableLoss, convolutionId);
    if (!o.places.empty()) {
      for (const size_t i : untimed(timed.convolutions, anchors.convolutions.size())) {
        o.places.push_back(convolutionId(i));
        o.gainsMs.push_back(0);
      }
    }
    add(timed.transposed, "ConvTranspose", kClearlyFaster,
        [&](size_t i) { return graph::idOf(*anchors.transposed[i].node); });
    add(timed.products, "MatMul", kClearlyFaster, [&](size_t i) { return graph::idOf(*anchors.products[i].node); });
    o.target = targetOf(anchors, o.places);
    return o;
  }

  static std::string targetOf(const Anchors& anchors, const std::vector<std::string>& places) {
    std::string target;
    const auto name = [&](const auto& some, std::string_view op) {
      const auto count = std::ranges::count_if(some, [&](const auto& a) { return isIn(places, a); });
      if (count > 0) target += fmt::format("{}{} {}", target.empty() ? "" : ", ", count, op);
    };
    name(anchors.convolutions, "Conv");
    name(anchors.transposed, "ConvTranspose");
    name(anchors.products, "MatMul");
    return target;
  }

  template <class Anchor>
  static bool isIn(const std::vector<std::string>& places, const Anchor& anchor) {
    return std::ranges::find(places, graph::idOf(*anchor.node)) != places.end();
  }

  // Those of `count` that took too little time in the network to be timed alone. They go along: for so little, it is
  // not worth leaving the integers and coming back.
  static std::vector<size_t> untimed(const std::vector<ShapeTimes>& groups, size_t count) {
    std::vector<bool> known(count);
    for (const auto& group : groups) {
      for (const size_t i : group.members) known[i] = true;
    }
    std::vector<size_t> rest;
    for (size_t i = 0; i < count; ++i) {
      if (!known[i]) rest.push_back(i);
    }
    return rest;
  }

  // In a small network, conversions and dispatch weigh as much as the operators that were timed, and running all of it
  // takes no longer than timing them. What loses is not proposed.
  Status look(std::vector<Opportunity>& all, const Subject& subject, std::vector<NearMiss>* nearMisses) const {
    const bool small = subject.latencyMs < kSmallMs && subject.model.byteSize() < kSmallBytes;
    if (!small || !subject.sample || subject.goal != Goal::Latency) return {};
    const Stopwatch watch;
    for (auto& o : all) {
      if (watch.seconds() > subject.lookSeconds) break;
      const auto looked = predictByLooking(o, subject);
      if (!looked && looked.error().code == ErrorCode::Interrupted) return looked;
      if (!looked) continue;  // its trial will say why
      if (o.predictedGainMs > 0 || !nearMisses) continue;
      nearMisses->push_back({info().name, o.places.front(), fmt::format("{}: {}", o.variant, o.evidence.front())});
    }
    std::erase_if(all, [](const Opportunity& o) { return o.predictedGainMs <= 0; });
    return {};
  }

  // In the order u8 gaining, u8 all, s8 gaining, s8 all: what repeats an earlier one or loses against it goes.
  static std::vector<Opportunity> worthTrying(std::vector<Opportunity> all) {
    std::vector<Opportunity> kept;
    for (auto& o : all) {
      const bool repeats = std::ranges::any_of(kept, [&](const Opportunity& k) {
        return k.places.size() == o.places.size() && std::ranges::is_permutation(k.places, o.places) &&
               o.predictedGainMs <= k.predictedGainMs * kClearlyBetter;
      });
      const bool loses = o.predictedGainMs < 0;
      const bool worseSigned = o.variant.starts_with("s8") && !kept.empty() &&
                               o.predictedGainMs <= kept.front().predictedGainMs * kClearlyBetter;
      if (!repeats && !loses && !worseSigned) kept.push_back(std::move(o));
    }
    return kept;
  }

  // Transposed convolutions become plain ones.
  Anchors anchorsAt(Graph& graph, const std::vector<std::string>& places, const Subject& subject) const {
    Anchors anchors;
    const bool canConvolve = whyNotRaised(graph, kIntegerConvolutionOpset, subject.maxOpset).empty();
    for (const auto& place : places) {
      graph::Node* node = graph.find(place);
      if (!node) continue;
      if (auto c = asConvolution(graph, *node); c && canConvolve && hasFiniteWeight(graph, c->weight)) {
        anchors.convolutions.push_back(std::move(*c));
      } else if (auto p = asProduct(graph, *node, subject.shapes); p && hasFiniteWeight(graph, p->weight)) {
        anchors.products.push_back(std::move(*p));
      }
    }
    for (const auto& t : allTransposedConvolutions(graph, info().name, nullptr)) {
      if (!isIn(places, t) || !canConvolve || !hasFiniteWeight(graph, t.weight)) continue;
      if (auto* const unfolded = writeUnfolded(graph, t)) {
        anchors.convolutions.push_back(*asConvolution(graph, *unfolded));
      }
    }
    return anchors;
  }

  // They are written for uint8 only: hard_sigmoid.h.
  static void excludeSpelled(const Graph& graph, std::unordered_set<std::string>& excluded) {
    for (const char* type : {"HardSigmoid", "HardSwish", "Tanh"}) {
      for (const auto* node : graph.nodesOf(type)) excluded.insert(graph::idOf(*node));
    }
  }

  // Operators around a tensor whose range could not be found take no part. False when there is none.
  static bool excludeUnknown(const StaticPlan& plan, const std::map<std::string, Range>& ranges,
                             std::unordered_set<std::string>& excluded) {
    const size_t before = excluded.size();
    for (const auto& tensor : plan.tensors) {
      if (ranges.contains(tensor.rangeOf)) continue;
      if (tensor.producer) excluded.insert(graph::idOf(*tensor.producer));
      for (const auto* reader : tensor.readers) excluded.insert(graph::idOf(*reader));
      for (const auto& p : plan.products) {
        if (p.input == tensor.name) excluded.insert(graph::idOf(*p.node));
      }
    }
    return excluded.size() > before;
  }
};

}  // namespace

std::unique_ptr<Rule> makeQuantizeStaticRule() { return std::make_unique<QuantizeStaticRule>(); }

}  // namespace ridgeline::advisor
