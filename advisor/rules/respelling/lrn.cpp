#include "advisor/rules/respelling/build.h"
#include "advisor/rules/respelling/respelling.h"

#include <algorithm>

namespace ridgeline::advisor {
namespace {

using graph::Graph;
using graph::Node;
using graph::Tensor;

// A matrix of this many rows and columns: with more, its product is no longer small beside what it replaces.
constexpr int64_t kMostChannels = 1024;

Respellable look(const Graph&, const SymbolicShapes& shapes, Node& node) {
  const auto dims = shapes.dims(node.input(0));
  if (!dims || dims->size() != 4 || isSymbol((*dims)[1]) || (*dims)[1] > kMostChannels) {
    return {{}, {}, "the number of channels does not follow from the file, or is too large"};
  }
  return {{&node}, fmt::format("LRN over {} of {} channels", graph::intAttribute(node, "size", 1), (*dims)[1]), {}};
}

// x / base^beta, with the base a sum over neighbouring channels: a convolution of one pixel with a band of weights.
std::string write(Graph& graph, const SymbolicShapes& shapes, Node& node) {
  const std::string x = node.input(0);
  const int64_t channels = (*shapes.dims(x))[1], size = graph::intAttribute(node, "size", 1);
  const float share = graph::floatAttribute(node, "alpha", 1e-4F) / static_cast<float>(size);
  const float beta = graph::floatAttribute(node, "beta", 0.75F);
  Tensor band(graph::DataType::Float, {channels, channels, 1, 1}), bias(graph::DataType::Float, {channels});
  std::ranges::fill(bias.as<float>(), graph::floatAttribute(node, "bias", 1));
  for (int64_t c = 0; c < channels; ++c) {
    const int64_t first = std::max<int64_t>(0, c - (size - 1) / 2), last = std::min(channels - 1, c + size / 2);
    for (int64_t i = first; i <= last; ++i) band.as<float>()[static_cast<size_t>(c * channels + i)] = share;
  }
  Expression e(graph, node.output(0));
  const auto squares = e.apply("Mul", {x, x});
  const auto base =
      e.apply("Conv", {squares, graph.addInitializer(x + "_band", band), graph.addInitializer(x + "_band_bias", bias)});
  if (beta != 0.75F) return e.apply("Div", {x, e.apply("Pow", {base, e.scalar(beta)})});
  const auto root = e.apply("Sqrt", {base});
  return e.apply("Div", {x, e.apply("Mul", {root, e.apply("Sqrt", {root})})});
}

}  // namespace

const Respelling kLrn{"LRN", look, write};

}  // namespace ridgeline::advisor
