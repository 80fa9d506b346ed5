#include "advisor/rules/channel_affine.h"

#include <algorithm>
#include <cmath>

namespace ridgeline::advisor {

using graph::Graph;
using graph::isOp;
using graph::Node;

namespace {

AffineOrReason no(std::string why) { return {std::nullopt, std::move(why)}; }

// The constant's value for each channel, if it broadcasts over every axis but the channels'.
std::optional<std::vector<double>> perChannel(const Graph& graph, const std::string& tensor, int64_t channels,
                                              size_t rank) {
  const auto dims = graph.constantDims(tensor);
  if (!dims || dims->size() > rank || graph.constantType(tensor) != graph::DataType::Float) return std::nullopt;
  const int64_t count = graph::elementCount(*dims);
  if (count != 1 && count != channels) return std::nullopt;
  if (count != 1) {
    // Broadcasting aligns at the end: the channels' axis is 1 of `rank`.
    if (dims->size() + 1 < rank || (*dims)[dims->size() + 1 - rank] != channels) return std::nullopt;
  }
  const auto value = graph.constant(tensor);
  if (!value) return std::nullopt;
  const std::vector<float> values = value->toFloats();
  if (count == 1) return std::vector<double>(static_cast<size_t>(channels), values.front());
  return std::vector<double>(values.begin(), values.end());
}

AffineOrReason ofBatchNorm(const Graph& graph, const Node& node, int64_t channels) {
  if (graph::intAttribute(node, "training_mode", 0) != 0) return no("batch normalization in training mode");
  if (graph::intAttribute(node, "spatial", 1) == 0) return no("batch normalization over single elements");
  if (node.input_size() < 5) return no("batch normalization lacks inputs");
  for (int i = 1; i < node.output_size(); ++i) {
    if (!node.output(i).empty() && graph.isUsed(node.output(i))) return no("the batch statistics are used");
  }
  std::vector<std::vector<float>> p;  // scale, bias, mean, variance
  for (int i = 1; i < 5; ++i) {
    const auto value = graph.constant(node.input(i));
    if (!value || value->type() != graph::DataType::Float || value->size() != channels) {
      return no(fmt::format("input {} of the batch normalization is not a float32 constant for each channel", i));
    }
    p.push_back(value->toFloats());
  }
  const double epsilon = graph::floatAttribute(node, "epsilon", 1e-5f);
  ChannelAffine affine;
  for (size_t c = 0; c < static_cast<size_t>(channels); ++c) {
    affine.scale.push_back(p[0][c] / std::sqrt(p[3][c] + epsilon));
    affine.shift.push_back(p[1][c] - p[2][c] * affine.scale.back());
  }
  return {std::move(affine), {}};
}

AffineOrReason ofArithmetic(const Graph& graph, const Node& node, const std::string& x, int64_t channels, size_t rank) {
  if (node.input_size() != 2 || node.input(0) == node.input(1)) return no("it does not combine with a constant");
  const bool xFirst = node.input(0) == x;
  const auto constant = perChannel(graph, node.input(xFirst ? 1 : 0), channels, rank);
  if (!constant) return no("the other operand is not a float32 constant for each channel");
  const std::vector<double> ones(constant->size(), 1), zeros(constant->size(), 0);
  const auto map = [&](auto f) {
    std::vector<double> mapped;
    std::ranges::transform(*constant, std::back_inserter(mapped), f);
    return mapped;
  };
  if (isOp(node, "Mul")) return {ChannelAffine{*constant, zeros}, {}};
  if (isOp(node, "Add")) return {ChannelAffine{ones, *constant}, {}};
  if (isOp(node, "Sub") && xFirst) return {ChannelAffine{ones, map([](double c) { return -c; })}, {}};
  if (isOp(node, "Sub")) return {ChannelAffine{map([](double) { return -1.0; }), *constant}, {}};
  if (isOp(node, "Div") && xFirst) return {ChannelAffine{map([](double c) { return 1 / c; }), zeros}, {}};
  return no("a constant divided by the result");
}

}  // namespace

bool mayBeChannelAffine(const Node& node) {
  return isOp(node, "BatchNormalization") || isOp(node, "Mul") || isOp(node, "Add") || isOp(node, "Sub") ||
         isOp(node, "Div");
}

AffineOrReason channelAffine(const Graph& graph, const Node& node, const std::string& x, int64_t channels,
                             size_t rank) {
  AffineOrReason result;
  if (!mayBeChannelAffine(node)) return no("not an operator of this kind");
  if (isOp(node, "BatchNormalization")) {
    result = ofBatchNorm(graph, node, channels);
  } else {
    result = ofArithmetic(graph, node, x, channels, rank);
  }
  if (!result.affine) return result;
  const auto finite = [](double v) { return std::isfinite(static_cast<float>(v)); };
  if (!std::ranges::all_of(result.affine->scale, finite) || !std::ranges::all_of(result.affine->shift, finite)) {
    return no("the scale is not finite: a variance or divisor of 0 or less");
  }
  return result;
}

}  // namespace ridgeline::advisor
