#include "advisor/rules/regroup_convolutions.h"

#include "advisor/preflight.h"
#include "advisor/rules/constant_behind.h"
#include "advisor/rules/fusion_rule.h"
#include "advisor/rules/quantization/integer_convolution.h"
#include "advisor/rules/quantization/linear.h"
#include "advisor/rules/quantization/slices.h"
#include "advisor/rules/quantization/survey.h"
#include "base/counted.h"
#include "base/units.h"

#include <algorithm>
#include <cstring>

namespace ridgeline::advisor {
namespace {

using graph::DataType;
using graph::Graph;
using graph::Node;
using graph::Tensor;
using namespace quantization;

// With weights and bias of their own scales.
struct Grouped : IntegerConvolution {
  Node* bias = nullptr;
  int64_t groups = 0;
};

struct GroupedMatch {
  std::optional<Grouped> place;
  std::string why;
};

// One scale and zero point for each of `count` channels.
bool isPerChannel(const Graph& graph, const Node* dequantize, int64_t count) {
  return dequantize && graph::hasInput(*dequantize, 2) &&
         graph.constantDims(dequantize->input(1)) == graph::Dims{count} &&
         graph.constantDims(dequantize->input(2)) == graph::Dims{count} &&
         !constantBehind(graph, dequantize->input(0)).empty();
}

GroupedMatch matchGrouped(const Graph& graph, Node& node) {
  const auto found = asIntegerConvolution(graph, node);
  // A channel to a group has kernels of its own.
  if (!found || !graph::hasInput(*found->input, 2) || !hasWideGroups(node, found->dims)) return {};
  Grouped g{*found, nullptr, graph::intAttribute(node, "group", 1)};
  const auto no = [](std::string why) { return GroupedMatch{std::nullopt, std::move(why)}; };
  if (!isPerChannel(graph, g.weights, g.dims[0])) return no("its weights share a scale or are no constants");
  if (graph::hasInput(node, 2)) {
    g.bias = linearBehind(graph, node, 2, "DequantizeLinear");
    if (!isPerChannel(graph, g.bias, g.dims[0])) return no("its bias is not quantized for each channel");
  }
  if (!g.quantize) return no("its result is read as floats");
  return {g, {}};
}

// Weights [outputs, channels of a group, kernel...] of groups [first, first + count) as those of one: each group's on
// the diagonal, and the outputs' zero points beside it.
Tensor sliceWeights(const Tensor& weights, const Tensor& zeros, const Grouped& g, int64_t first, int64_t count) {
  Tensor slice(weights.type(), sliceDims(g.groups, g.dims, count));
  const auto perGroup = static_cast<size_t>(g.dims[0] / g.groups);
  const size_t run = weights.byteSize() / static_cast<size_t>(g.dims[0]);  // of one output
  for (size_t group = 0; group < static_cast<size_t>(count); ++group) {
    for (size_t o = 0; o < perGroup; ++o) {
      const size_t from = (static_cast<size_t>(first) + group) * perGroup + o, to = group * perGroup + o;
      const auto all = slice.bytes().subspan(to * static_cast<size_t>(count) * run, static_cast<size_t>(count) * run);
      std::ranges::fill(all, zeros.bytes()[from]);
      std::memcpy(all.data() + group * run, weights.bytes().data() + from * run, run);
    }
  }
  return slice;
}

// Elements [first, first + count) of the first axis.
Tensor sliceOf(const Tensor& tensor, int64_t first, int64_t count) {
  graph::Dims dims = tensor.dims();
  const size_t run = tensor.byteSize() / static_cast<size_t>(dims[0]);
  dims[0] = count;
  Tensor slice(tensor.type(), dims);
  std::memcpy(slice.bytes().data(), tensor.bytes().data() + static_cast<size_t>(first) * run,
              static_cast<size_t>(count) * run);
  return slice;
}

class Regrouper {
 public:
  Regrouper(Graph& graph, const Grouped& place) : m_graph(graph), m_place(place) {}

  bool write(int64_t width) {
    const auto weights = m_graph.constant(constantBehind(m_graph, m_place.weights->input(0)));
    const auto zeros = m_graph.constant(m_place.weights->input(2));
    if (!weights || weights->byteSize() == 0 || !zeros) return false;
    const auto counts = groupsOfSlices(m_place.groups, m_place.dims, width);
    const auto parts = split(counts);
    std::vector<std::string> made;
    int64_t first = 0;
    for (size_t i = 0; i < parts.size(); first += counts[i++]) {
      made.push_back(convolve(parts[i], sliceWeights(*weights, *zeros, m_place, first, counts[i]), first, counts[i]));
      if (made.back().empty()) return false;
    }
    const std::string result = m_place.quantize->output(0);
    const std::string joined =
        made.size() == 1 ? made[0] : addNamed(m_graph, {"Concat", made, {}, {{"axis", int64_t{1}}}, {}, {}}, result);
    m_graph.replaceTensor(result, joined);
    return true;
  }

 private:
  std::vector<std::string> split(const std::vector<int64_t>& counts) {
    const std::string& integers = m_place.input->input(0);
    if (counts.size() == 1) return {integers};
    std::vector<int64_t> sizes;
    graph::NodeSpec spec{"Split", {integers}, {}, {{"axis", int64_t{1}}}, {}, {}};
    for (const int64_t count : counts) {
      sizes.push_back(count * m_place.dims[1]);
      spec.outputs.push_back(m_graph.uniqueName(integers + "_slice"));
    }
    if (m_graph.model().opset() < 13) {
      spec.attributes.emplace_back("split", sizes);
    } else {
      spec.inputs.push_back(addInts(m_graph, sizes, integers + "_sizes"));
    }
    const auto names = spec.outputs;
    m_graph.addNode(std::move(spec));
    return names;
  }

  // The same operator on other inputs, behind its attributes.
  std::string like(const Node& node, std::vector<std::string> inputs) {
    const std::string domain = node.domain(), type = node.op_type();
    const auto attributes = node.attribute();
    Node* const made = m_graph.addNode({type, std::move(inputs), {}, {}, domain, {}});
    *made->mutable_attribute() = attributes;
    return made->output(0);
  }

  std::string dequantizeSlice(const Node& dequantize, const Tensor& values, int64_t first, int64_t count) {
    const auto scales = m_graph.constant(dequantize.input(1)), zeros = m_graph.constant(dequantize.input(2));
    if (!scales || !zeros) return {};
    const auto hint = constantBehind(m_graph, dequantize.input(0));
    return like(dequantize, {m_graph.addInitializer(hint + "_slice", values),
                             m_graph.addInitializer(hint + "_slice_scales", sliceOf(*scales, first, count)),
                             m_graph.addInitializer(hint + "_slice_zero_points", sliceOf(*zeros, first, count))});
  }

  // The quantized result of groups [first, first + count); empty when a constant cannot be read.
  std::string convolve(const std::string& integers, const Tensor& weights, int64_t first, int64_t count) {
    const int64_t perGroup = m_place.dims[0] / m_place.groups;
    const int64_t from = first * perGroup, outputs = count * perGroup;
    std::vector<std::string> inputs{like(*m_place.input, {integers, m_place.input->input(1), m_place.input->input(2)}),
                                    dequantizeSlice(*m_place.weights, weights, from, outputs)};
    if (m_place.bias) {
      const auto bias = m_graph.constant(constantBehind(m_graph, m_place.bias->input(0)));
      inputs.push_back(bias ? dequantizeSlice(*m_place.bias, sliceOf(*bias, from, outputs), from, outputs) : "");
      if (inputs.back().empty()) return {};
    }
    if (inputs[1].empty()) return {};
    auto result = like(*m_place.node, std::move(inputs));
    graph::removeAttribute(*m_graph.producer(result), "group");
    const auto behind = [&](const Node& node) {
      std::vector<std::string> operands{node.input().begin(), node.input().end()};
      operands[0] = result;
      result = like(node, std::move(operands));
    };
    if (m_place.activation) behind(*m_place.activation);
    behind(*m_place.quantize);
    return result;
  }

  Graph& m_graph;
  const Grouped& m_place;
};

class RegroupConvolutionsRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{"regroup-convolutions",
                               RuleKind::Layout,
                               false,
                               "take groups of an INT8 convolution together, so that its products fill the vectors",
                               {}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    Opportunity o;
    o.rule = info().name;
    for (Node* node : graph.nodesOf("Conv")) {
      if (auto s = subject.job.stop.check(); !s) return passOn(s);
      const auto match = matchGrouped(graph, *node);
      if (!match.why.empty() && nearMisses) nearMisses->push_back({info().name, graph::idOf(*node), match.why});
      const auto choice = match.place ? choose(*match.place, subject) : std::nullopt;
      if (!choice) continue;
      o.predictedGainMs += choice->gainMs;
      o.gainsMs.push_back(choice->gainMs);
      o.places.push_back(graph::idOf(*node));
      if (std::ranges::find(o.evidence, choice->evidence) == o.evidence.end()) o.evidence.push_back(choice->evidence);
    }
    if (o.places.empty()) return std::vector<Opportunity>{};
    o.target = fmt::format("{} Conv", o.places.size());
    return std::vector<Opportunity>{std::move(o)};
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject& subject) const override {
    int count = 0;
    for (const auto& place : opportunity.places) {
      Node* const node = graph.find(place);
      if (!node || !graph::isOp(*node, "Conv")) continue;
      const auto match = matchGrouped(graph, *node);
      const auto choice = match.place ? choose(*match.place, subject) : std::nullopt;
      if (choice && Regrouper(graph, *match.place).write(choice->width)) ++count;
    }
    graph.removeDead();
    graph.sort();
    return count;
  }

 private:
  struct Choice {
    int64_t width = 0;
    double gainMs = 0;
    std::string evidence;
  };

  // The width that wins most; nullopt where the groups are best as they are.
  static std::optional<Choice> choose(const Grouped& g, const Subject& subject) {
    const auto shape = shapeOf(g, subject);
    if (!shape) return std::nullopt;
    const auto form = formOf(g);
    std::vector<KernelForm> forms{convolution(*shape, form)};
    for (const int64_t width : kSliceWidths) forms.push_back(convolutionInSlices(*shape, width, form));
    const auto times = subject.kernels.compare(forms);
    if (!times[0]) return std::nullopt;
    size_t best = 0;
    for (size_t i = 1; i < times.size(); ++i) {
      if (times[i] && *times[i] < *times[best]) best = i;
    }
    if (best == 0 || *times[best] >= kClearlyFaster * *times[0]) return std::nullopt;
    const int64_t width = kSliceWidths[best - 1];
    return Choice{width, *times[0] - *times[best],
                  fmt::format("Conv {}: {} in {} groups, {} in {} of up to {} channels", shape->text(),
                              formatMs(*times[0]), g.groups, formatMs(*times[best]),
                              counted(groupsOfSlices(g.groups, g.dims, width).size(), "slice"), width)};
  }
};

}  // namespace

std::unique_ptr<Rule> makeRegroupConvolutionsRule() { return std::make_unique<RegroupConvolutionsRule>(); }

}  // namespace ridgeline::advisor
