#include "advisor/rules/space_to_depth.h"

#include "advisor/preflight.h"
#include "advisor/rules/constant_behind.h"
#include "advisor/rules/fusion_rule.h"
#include "advisor/rules/layout/folded_convolution.h"
#include "advisor/rules/quantization/form_model.h"
#include "advisor/rules/quantization/forms.h"
#include "advisor/rules/quantization/integer_convolution.h"
#include "advisor/rules/quantization/linear.h"
#include "advisor/rules/quantization/survey.h"
#include "base/units.h"

#include <algorithm>
#include <array>
#include <functional>
#include <span>

namespace ridgeline::advisor {
namespace {

using graph::DataType;
using graph::Graph;
using graph::Node;
using quantization::ConvolutionForm;
using quantization::ConvolutionShape;

// With four channels and more, the integer kernels read whole words as they are.
constexpr int64_t kMostChannels = 3;

// image -> QuantizeLinear -> DequantizeLinear -> Conv, with INT8 weights that are dequantized for it.
struct Stem {
  Node *quantize = nullptr, *convolution = nullptr, *dequantizeWeights = nullptr;
  std::string weights;  // int8 constant
  ImageConvolution image;
  FoldedConvolution folded;
};

struct StemMatch {
  std::optional<Stem> stem;
  std::string why;
};

bool hasStride2(const Node& node) {
  const auto dilations = graph::intsAttribute(node, "dilations");
  return graph::intsAttribute(node, "strides") == std::vector<int64_t>{2, 2} &&
         graph::intAttribute(node, "group", 1) == 1 && std::ranges::all_of(dilations, [](int64_t d) { return d == 1; });
}

StemMatch matchStem(const Graph& graph, const SymbolicShapes& shapes, Node& node) {
  Stem stem;
  stem.convolution = &node;
  if (node.input_size() < 2 || !hasStride2(node)) return {};
  Node* const dequantize = quantization::linearBehind(graph, node, 0, "DequantizeLinear");
  stem.quantize = dequantize ? quantization::linearBehind(graph, *dequantize, 0, "QuantizeLinear") : nullptr;
  stem.dequantizeWeights = quantization::linearBehind(graph, node, 1, "DequantizeLinear");
  if (!stem.quantize || !stem.dequantizeWeights) return {};
  stem.weights = constantBehind(graph, stem.dequantizeWeights->input(0));
  const auto dims = graph.constantDims(stem.weights);
  if (!dims || dims->size() != 4 || (*dims)[1] > kMostChannels) return {};
  stem.image.channels = (*dims)[1];
  stem.image.kernel = {(*dims)[2], (*dims)[3]};
  const auto no = [](std::string why) { return StemMatch{std::nullopt, std::move(why)}; };
  if (graph.consumers(stem.quantize->output(0)).size() != 1 || graph.consumers(dequantize->output(0)).size() != 1) {
    return no("the quantized image is also read elsewhere");
  }
  if (graph::stringAttribute(node, "auto_pad", "NOTSET") != "NOTSET") return no("it pads automatically");
  const auto pads = graph::intsAttribute(node, "pads");
  if (pads.size() == 4) {
    stem.image.padBefore = {pads[0], pads[1]};
    stem.image.padAfter = {pads[2], pads[3]};
  }
  const auto size = shapes.dims(stem.quantize->input(0));
  if (!size || size->size() != 4 || isSymbol((*size)[2]) || isSymbol((*size)[3])) {
    return no("the size of the image is open; --pin-shapes fixes it");
  }
  stem.image.size = {(*size)[2], (*size)[3]};
  const auto folded = fold(stem.image);
  if (!folded) return no(fmt::format("an image of {}x{} cannot be cut in blocks of 2x2", (*size)[2], (*size)[3]));
  stem.folded = *folded;
  return {std::move(stem), {}};
}

void setGeometry(Node& node, const FoldedConvolution& folded) {
  graph::setAttribute(node, "kernel_shape", std::vector<int64_t>{folded.kernel[0], folded.kernel[1]});
  graph::setAttribute(node, "strides", std::vector<int64_t>{1, 1});
  graph::setAttribute(
      node, "pads",
      std::vector<int64_t>{folded.padBefore[0], folded.padBefore[1], folded.padAfter[0], folded.padAfter[1]});
}

// 2x2 pixels of an image [batch, channels, height, width] as one with four times the channels, which come last: rows
// move as a whole, those of even number before those of odd, and then all channels of two pixels side by side at once.
// SpaceToDepth moves one value at a time.
std::string foldPixels(const std::string& image, const ImageConvolution& shape,
                       const std::function<std::string(graph::NodeSpec)>& add,
                       const std::function<std::string(const std::vector<int64_t>&)>& constant) {
  const auto [height, width] = shape.size;
  const int64_t channels = shape.channels;
  const auto as = [&](const std::string& x, const std::vector<int64_t>& dims) {
    return add({"Reshape", {x, constant(dims)}, {}, {}, {}, {}});
  };
  const auto turned = [&](const std::string& x, const std::vector<int64_t>& perm) {
    return add({"Transpose", {x}, {}, {{"perm", perm}}, {}, {}});
  };
  const auto rows = turned(as(image, {0, channels, height / 2, 2, width}), {0, 1, 3, 2, 4});
  const auto pixels = turned(as(rows, {0, 2 * channels, height / 2 * width}), {0, 2, 1});
  return as(pixels, {0, height / 2, width / 2, 4 * channels});
}

bool rewriteStem(Graph& graph, const Stem& stem) {
  const auto weights = graph.constant(stem.weights);
  if (!weights || weights->byteSize() == 0) return false;
  auto zeros = quantization::zeroWeights(graph, *stem.dequantizeWeights, weights->type(),
                                         foldedDims(stem.image, stem.folded, weights->dims()[0]));
  if (!zeros) return false;
  const auto folded =
      graph.addInitializer(stem.weights + "_folded", foldWeights(*weights, stem.image, stem.folded, std::move(*zeros)));
  graph.setInput(quantization::ownWeights(graph, *stem.convolution, *stem.dequantizeWeights), 0, folded);
  Node* const dequantize = graph.consumers(stem.quantize->output(0)).front();
  const auto add = [&](graph::NodeSpec spec) {
    return addNamed(graph, std::move(spec), stem.quantize->output(0) + "_folded");
  };
  const auto constant = [&](const std::vector<int64_t>& v) { return addInts(graph, v, "folded_shape"); };
  const auto pixels = foldPixels(stem.quantize->output(0), stem.image, add, constant);
  // The engine wants channels last for integers, too, and drops this together with its own.
  graph.setInput(dequantize, 0, add({"Transpose", {pixels}, {}, {{"perm", std::vector<int64_t>{0, 3, 1, 2}}}, {}, {}}));
  setGeometry(*stem.convolution, stem.folded);
  return true;
}

class SpaceToDepthRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{"space-to-depth",
                               RuleKind::Layout,
                               false,
                               "fold 2x2 pixels into channels before a strided INT8 convolution",
                               {}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    const SymbolicShapes shapes(graph);
    Opportunity o;
    o.rule = info().name;
    for (Node* node : graph.nodesOf("Conv")) {
      const auto match = matchStem(graph, shapes, *node);
      if (!match.stem) {
        if (!match.why.empty() && nearMisses) nearMisses->push_back({info().name, graph::idOf(*node), match.why});
        continue;
      }
      const double gain = gainOf(graph, *match.stem, subject, o.evidence);
      if (gain <= 0) continue;
      o.predictedGainMs += gain;
      o.places.push_back(graph::idOf(*node));
    }
    if (o.places.empty()) return std::vector<Opportunity>{};
    o.target = fmt::format("{} Conv", o.places.size());
    return std::vector<Opportunity>{std::move(o)};
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject&) const override {
    const SymbolicShapes shapes(graph);
    int count = 0;
    for (const auto& place : opportunity.places) {
      Node* const node = graph.find(place);
      if (!node || !graph::isOp(*node, "Conv")) continue;
      const auto match = matchStem(graph, shapes, *node);
      if (match.stem && rewriteStem(graph, *match.stem)) ++count;
    }
    graph.removeDead();
    graph.sort();
    return count;
  }

 private:
  static double gainOf(const Graph& graph, const Stem& stem, const Subject& subject,
                       std::vector<std::string>& evidence) {
    const auto* facts = subject.shape(stem.quantize->input(0));
    const auto weights = graph.constantDims(stem.weights);
    if (!facts || facts->type != DataType::Float || facts->dims.size() != 4 || !weights) return 0;
    ConvolutionShape before{facts->dims, *weights, {}};
    *before.attributes.mutable_attribute() = stem.convolution->attribute();
    ConvolutionShape after = before;
    after.input = {facts->dims[0], 4 * stem.image.channels, facts->dims[2] / 2, facts->dims[3] / 2};
    after.weight = {(*weights)[0], 4 * stem.image.channels, stem.folded.kernel[0], stem.folded.kernel[1]};
    setGeometry(after.attributes, stem.folded);
    const std::array<KernelForm, 2> forms{convolution(before, ConvolutionForm::Uint8),
                                          convolution(after, ConvolutionForm::Uint8)};
    const auto times = subject.kernels.compare(forms);
    const auto folding = subject.kernels.time("fold 2x2 pixels " + graph::formatDims(facts->dims), [&] {
      quantization::FormModel model("fold", DataType::Uint8, facts->dims);
      const auto add = [&](graph::NodeSpec spec) { return model.add(std::move(spec)); };
      const auto constant = [&](const std::vector<int64_t>& v) {
        return model.constant(graph::Tensor::vector(std::span<const int64_t>(v)));
      };
      model.output(foldPixels("x", stem.image, add, constant), DataType::Uint8);
      return std::move(model).take();
    });
    if (!times[0] || !times[1] || !folding) return 0;
    evidence.push_back(fmt::format("Conv {}: {} as it is, {} of {} channels behind {} of folding", before.text(),
                                   formatMs(*times[0]), formatMs(*times[1]), 4 * stem.image.channels,
                                   formatMs(*folding)));
    const double folded = *times[1] + *folding;
    return folded < quantization::kClearlyFaster * *times[0] ? *times[0] - folded : 0;
  }
};

}  // namespace

std::unique_ptr<Rule> makeSpaceToDepthRule() { return std::make_unique<SpaceToDepthRule>(); }

}  // namespace ridgeline::advisor
