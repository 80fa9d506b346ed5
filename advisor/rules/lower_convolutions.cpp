#include "advisor/rules/lower_convolutions.h"

#include "advisor/preflight.h"
#include "advisor/rules/constant_behind.h"
#include "advisor/rules/fusion_rule.h"
#include "advisor/rules/quantization/integer_convolution.h"
#include "advisor/rules/quantization/linear.h"
#include "advisor/rules/quantization/survey.h"
#include "base/units.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>

namespace ridgeline::advisor {
namespace {

using graph::DataType;
using graph::Graph;
using graph::Node;
using graph::Tensor;
using namespace quantization;

// Symmetric INT8 weights, and who reads them: a DequantizeLinear, or a QLinearConv.
struct Symmetric {
  Node* reader = nullptr;
  int values = 0, scale = 1, zero = 2;  // the reader's inputs; there may be no zero point
  std::string constant;                 // behind the values
  int8_t by = 0;                        // what they can be moved by
};

// An integer convolution in one group, as the engine runs it.
struct Direct {
  Symmetric weights;
  ConvolutionShape shape;
  ConvolutionForm form = ConvolutionForm::Uint8;
};

struct DirectMatch {
  std::optional<Direct> place;
  std::string why;
};

// What fits; 0 where nothing does. Rounding to symmetric integers never makes -128.
int8_t distanceFor(const Graph& graph, const std::string& weights) {
  const auto tensor = graph.constant(weights);
  if (!tensor || tensor->byteSize() == 0) return 0;
  const auto [least, most] = std::ranges::minmax(tensor->as<int8_t>());
  if (least > INT8_MIN) return -1;
  return most < INT8_MAX ? 1 : 0;
}

bool isInOneGroup(const Node& node) { return graph::intAttribute(node, "group", 1) == 1; }

// Weights and place where they may be moved.
DirectMatch matched(const Graph& graph, Symmetric weights, ConvolutionShape shape, ConvolutionForm form) {
  weights.by = distanceFor(graph, weights.constant);
  if (weights.by == 0) return {std::nullopt, "its weights use all of INT8's values"};
  return {Direct{std::move(weights), std::move(shape), form}, {}};
}

DirectMatch matchConv(const Graph& graph, Node& node, const Subject& subject) {
  const auto c = asIntegerConvolution(graph, node);
  if (!c || !isInOneGroup(node)) return {};
  if (graph.constantType(c->values) != DataType::Int8 || !areZero(graph, *c->weights, 2)) return {};
  if (!c->quantize) return {std::nullopt, "its result is read as floats"};
  auto shape = shapeOf(*c, subject);
  if (!shape) return {};
  return matched(graph, {.reader = c->weights, .constant = c->values}, std::move(*shape), formOf(*c));
}

DirectMatch matchQLinearConv(const Graph& graph, Node& node, const Subject& subject) {
  if (node.input_size() < 8) return {};
  Symmetric weights{&node, 3, 4, 5, constantBehind(graph, node.input(3))};
  const auto dims = graph.constantDims(weights.constant);
  const auto* input = subject.shape(node.input(0));
  if (!dims || !input || graph::elementCount(input->dims) == 0 || !isInOneGroup(node)) return {};
  if (graph.constantType(weights.constant) != DataType::Int8 || !areZero(graph, node, weights.zero)) return {};
  ConvolutionShape shape{input->dims, *dims, {}};
  *shape.attributes.mutable_attribute() = node.attribute();
  const auto form = input->type == DataType::Int8 ? ConvolutionForm::Int8 : ConvolutionForm::Uint8;
  return matched(graph, std::move(weights), std::move(shape), form);
}

DirectMatch matchDirect(const Graph& graph, Node& node, const Subject& subject) {
  return graph::isOp(node, "Conv") ? matchConv(graph, node, subject) : matchQLinearConv(graph, node, subject);
}

class Lowering {
 public:
  explicit Lowering(Graph& graph) : m_graph(graph) {}

  // False when a constant cannot be read.
  bool write(Node& convolution, const Direct& place) {
    Symmetric weights = place.weights;
    const auto moved = movedOf(weights);
    if (moved.weights.empty()) return false;
    if (weights.reader != &convolution) weights.reader = ownWeights(m_graph, convolution, *weights.reader);
    while (weights.reader->input_size() <= weights.zero) weights.reader->add_input();
    m_graph.setInput(weights.reader, weights.values, moved.weights);
    m_graph.setInput(weights.reader, weights.zero, moved.zeros);
    return true;
  }

 private:
  struct Moved {
    std::string weights, zeros;
  };

  // Once for all that read the same weights.
  const Moved& movedOf(const Symmetric& from) {
    const auto [it, isNew] = m_moved.try_emplace({from.constant, from.reader->input(from.scale)});
    if (!isNew) return it->second;
    auto weights = m_graph.constant(from.constant);
    const auto channels = m_graph.constantDims(from.reader->input(from.scale));
    if (!weights || weights->byteSize() == 0 || !channels) return it->second;
    for (auto& value : weights->as<int8_t>()) value = static_cast<int8_t>(value + from.by);
    Tensor zeros(DataType::Int8, *channels);
    std::ranges::fill(zeros.as<int8_t>(), from.by);
    it->second = {m_graph.addInitializer(from.constant + "_moved", *weights),
                  m_graph.addInitializer(from.constant + "_moved_zero_points", zeros)};
    return it->second;
  }

  Graph& m_graph;
  std::map<std::pair<std::string, std::string>, Moved> m_moved;  // by weights and scales
};

class LowerConvolutionsRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{"lower-convolutions",
                               RuleKind::Layout,
                               false,
                               "run INT8 convolutions as products of matrices where the engine is faster at these",
                               {}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    Opportunity o;
    o.rule = info().name;
    std::map<std::string, Comparison> compared;
    for (Node* node : anchorsOf(graph)) {
      if (auto s = subject.job.stop.check(); !s) return passOn(s);
      const auto match = matchDirect(graph, *node, subject);
      if (!match.why.empty() && nearMisses) nearMisses->push_back({info().name, graph::idOf(*node), match.why});
      if (!match.place) continue;
      const auto [it, isNew] = compared.try_emplace(convolution(match.place->shape, match.place->form).key);
      if (isNew) it->second = compare(*match.place, subject);
      Comparison& times = it->second;
      if (times.gainMs <= 0) continue;
      ++times.places;
      o.predictedGainMs += times.gainMs;
      o.gainsMs.push_back(times.gainMs);
      o.places.push_back(graph::idOf(*node));
    }
    if (o.places.empty()) return std::vector<Opportunity>{};
    std::vector<Comparison> won;
    for (auto& [key, times] : compared) {
      if (times.places > 0) won.push_back(std::move(times));
    }
    std::ranges::sort(won, std::greater(), [](const Comparison& c) { return c.gainMs * c.places; });
    for (const auto& c : won) o.evidence.push_back(fmt::format("{} ({} of them)", c.text, c.places));
    o.target = fmt::format("{} Conv", o.places.size());
    return std::vector<Opportunity>{std::move(o)};
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject& subject) const override {
    Lowering lowering(graph);
    int count = 0;
    for (const auto& place : opportunity.places) {
      Node* const node = graph.find(place);
      if (!node || (!graph::isOp(*node, "Conv") && !graph::isOp(*node, "QLinearConv"))) continue;
      const auto match = matchDirect(graph, *node, subject);
      if (match.place && lowering.write(*node, *match.place)) ++count;
    }
    graph.removeDead();
    graph.sort();
    return count;
  }

 private:
  struct Comparison {
    double gainMs = 0;  // of one
    std::string text;
    int places = 0;
  };

  static std::vector<Node*> anchorsOf(Graph& graph) {
    auto anchors = graph.nodesOf("Conv");
    for (Node* node : graph.nodesOf("QLinearConv")) anchors.push_back(node);
    return anchors;
  }

  static Comparison compare(const Direct& place, const Subject& subject) {
    const std::vector<KernelForm> forms{convolution(place.shape, place.form),
                                        loweredConvolution(place.shape, place.form)};
    const auto times = subject.kernels.compare(forms);
    if (!times[0] || !times[1] || *times[1] >= kClearlyFaster * *times[0]) return {};
    return {*times[0] - *times[1], fmt::format("Conv {}: {} convolved, {} as a product of matrices", place.shape.text(),
                                               formatMs(*times[0]), formatMs(*times[1]))};
  }
};

}  // namespace

std::unique_ptr<Rule> makeLowerConvolutionsRule() { return std::make_unique<LowerConvolutionsRule>(); }

}  // namespace ridgeline::advisor
