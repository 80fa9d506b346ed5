#include "advisor/rules/fold_batch_norm.h"

#include "advisor/rules/channel_affine.h"
#include "advisor/rules/places.h"

#include <algorithm>

namespace ridgeline::advisor {

namespace {

using graph::Graph;
using graph::isOp;
using graph::Node;
using graph::Tensor;

// Where the output channels are in the weight of a Conv, ConvTranspose or Gemm.
struct WeightLayout {
  int64_t channels = 0;
  size_t outputRank = 0;
  int64_t groups = 1;  // ConvTranspose: input channels come in so many groups, each with outputs of its own
  enum class Kind { OutputFirst, OutputSecond, OutputLast } kind = Kind::OutputFirst;
};

std::optional<WeightLayout> layoutOf(const Graph& graph, const Node& node) {
  const auto dims = node.input_size() > 1 ? graph.constantDims(node.input(1)) : std::nullopt;
  if (!dims || graph.constantType(node.input(1)) != graph::DataType::Float) return std::nullopt;
  if (isOp(node, "Conv") && dims->size() > 2) return WeightLayout{(*dims)[0], dims->size()};
  if (isOp(node, "ConvTranspose") && dims->size() > 2) {
    const int64_t groups = graph::intAttribute(node, "group", 1);
    if (groups < 1 || (*dims)[0] % groups != 0) return std::nullopt;
    return WeightLayout{(*dims)[1] * groups, dims->size(), groups, WeightLayout::Kind::OutputSecond};
  }
  if (isOp(node, "Gemm") && dims->size() == 2) {
    if (graph::intAttribute(node, "transB", 0)) return WeightLayout{(*dims)[0], 2};
    return WeightLayout{(*dims)[1], 2, 1, WeightLayout::Kind::OutputLast};
  }
  return std::nullopt;
}

// How to step through a weight so that `channel` is the output channel of every element.
template <class See>
void forEachElement(const graph::Dims& dims, const WeightLayout& layout, See see) {
  const auto size = [&](size_t from) { return graph::elementCount(std::span(dims).subspan(from)); };
  const int64_t rowLength = size(1);
  int64_t i = 0;
  for (int64_t row = 0; row < dims[0]; ++row) {
    for (int64_t k = 0; k < rowLength; ++k, ++i) {
      switch (layout.kind) {
        case WeightLayout::Kind::OutputFirst:
          see(i, row);
          break;
        case WeightLayout::Kind::OutputLast:
          see(i, k);
          break;
        case WeightLayout::Kind::OutputSecond: {
          const int64_t group = row / (dims[0] / layout.groups);
          see(i, group * dims[1] + k / size(2));
          break;
        }
      }
    }
  }
}

void scaleWeight(Tensor& weight, const WeightLayout& layout, const std::vector<double>& scale) {
  const std::span<float> w = weight.as<float>();
  forEachElement(weight.dims(), layout, [&](int64_t i, int64_t channel) {
    float& value = w[static_cast<size_t>(i)];
    value = static_cast<float>(value * scale[static_cast<size_t>(channel)]);
  });
}

// The bias for each channel as it adds to the output; nullopt when it is none for each channel, or not constant.
std::optional<std::vector<double>> biasOf(const Graph& graph, const Node& node, const WeightLayout& layout) {
  const auto count = static_cast<size_t>(layout.channels);
  if (node.input_size() < 3 || node.input(2).empty()) return std::vector<double>(count, 0);
  const auto value = graph.constant(node.input(2));
  if (!value || value->type() != graph::DataType::Float) return std::nullopt;
  const double beta = isOp(node, "Gemm") ? graph::floatAttribute(node, "beta", 1) : 1;
  std::vector<double> bias;
  for (const float b : value->toFloats()) bias.push_back(b * beta);
  if (bias.size() == 1) return std::vector<double>(count, bias.front());
  // A Gemm's C of as many rows as the product has, one column, is not for each channel.
  if (bias.size() != count || value->dims().back() != layout.channels) return std::nullopt;
  return bias;
}

struct Fold {
  Node* follower = nullptr;
  WeightLayout layout;
  ChannelAffine affine;
};

// The node after this one as an affine map that its weights can take in; `why` says what stands in the way of one that
// looks like it.
std::optional<Fold> foldAfter(const Graph& graph, const Node& node, std::string& why) {
  if (!isOp(node, "Conv") && !isOp(node, "ConvTranspose") && !isOp(node, "Gemm")) return std::nullopt;
  const std::string& output = node.output(0);
  Node* const follower = graph.onlyConsumer(output);
  if (!follower) {
    const auto readers = graph.consumers(output);
    if (std::ranges::any_of(readers, [](const Node* n) { return isOp(*n, "BatchNormalization"); })) {
      why = fmt::format("{} is also read by others than the batch normalization", output);
    }
    return std::nullopt;
  }
  if (!mayBeChannelAffine(*follower)) return std::nullopt;
  const auto layout = layoutOf(graph, node);
  if (!layout) {
    why = "the weights are not float32 constants";
    return std::nullopt;
  }
  if (!biasOf(graph, node, *layout)) {
    why = "the bias is not a float32 constant for each channel";
    return std::nullopt;
  }
  auto map = channelAffine(graph, *follower, output, layout->channels, layout->outputRank);
  if (!map.affine) {
    // An Add of two results is no near miss, just an Add.
    if (isOp(*follower, "BatchNormalization")) why = map.why;
    return std::nullopt;
  }
  return Fold{follower, *layout, std::move(*map.affine)};
}

void takeIn(Graph& graph, Node* node, const Fold& fold) {
  Tensor weight = *graph.constant(node->input(1));
  std::vector<double> bias = *biasOf(graph, *node, fold.layout);
  scaleWeight(weight, fold.layout, fold.affine.scale);
  std::vector<float> folded;
  for (size_t c = 0; c < bias.size(); ++c) {
    folded.push_back(static_cast<float>(bias[c] * fold.affine.scale[c] + fold.affine.shift[c]));
  }
  const bool hasBias = graph::hasInput(*node, 2);
  const std::string biasName = hasBias ? node->input(2) : node->input(1) + ".bias";
  graph.setInput(node, 1, graph.addInitializer(node->input(1), weight));
  graph.setInput(node, 2, graph.addInitializer(biasName, Tensor::vector(std::span<const float>(folded))));
  if (isOp(*node, "Gemm")) graph::setAttribute(*node, "beta", 1.0f);
  const std::string result = fold.follower->output(0);
  graph.replaceTensor(result, node->output(0));
  graph.removeNode(fold.follower);
}

class FoldBatchNormRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{"fold-batch-norm",
                               RuleKind::Folding,
                               false,
                               "put batch normalization and per-channel arithmetic into the weights before them",
                               {}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    std::vector<Node*> anchors, followers, separate;
    for (Node* node : graph.nodes()) {
      std::string why;
      if (const auto fold = foldAfter(graph, *node, why)) {
        anchors.push_back(node);
        followers.push_back(fold->follower);
        if (!subject.runAsOne(*node, *fold->follower)) separate.push_back(fold->follower);
      } else if (!why.empty() && nearMisses) {
        nearMisses->push_back({info().name, graph::idOf(*node), why});
      }
    }
    if (anchors.empty()) return std::vector<Opportunity>{};
    Opportunity o = removalOf(anchors, info(), subject);
    o.target = fmt::format("{} after {}", countByType(followers), countByType(anchors));
    o.predictedGainMs = subject.time(separate);
    o.evidence.push_back("each has one reader, and constants for each channel");
    if (const size_t folded = followers.size() - separate.size(); folded > 0) {
      o.evidence.push_back(fmt::format("the engine does so by itself for {} of them", folded));
    }
    return std::vector{std::move(o)};
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject&) const override {
    int count = 0;
    for (Node* node : nodesAt(graph, opportunity.places)) {
      std::string why;
      bool folded = false;
      // A Mul may be followed by an Add.
      while (const auto fold = foldAfter(graph, *node, why)) {
        takeIn(graph, node, *fold);
        folded = true;
      }
      count += folded;
    }
    if (count > 0) graph.removeDead();
    return count;
  }
};

}  // namespace

std::unique_ptr<Rule> makeFoldBatchNormRule() { return std::make_unique<FoldBatchNormRule>(); }

}  // namespace ridgeline::advisor
