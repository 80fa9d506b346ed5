#include "advisor/rules/quantization/transposed_convolutions.h"

#include "advisor/rules/constant_behind.h"
#include "advisor/rules/fusion_rule.h"
#include "advisor/rules/quantization/convolutions.h"
#include "advisor/rules/quantization/form_model.h"
#include "advisor/rules/symbolic_shapes.h"

#include <algorithm>
#include <optional>
#include <tuple>

namespace ridgeline::advisor::quantization {
namespace {

using graph::DataType;
using graph::Graph;
using graph::Node;
using graph::Tensor;

// `values` for height and width, or nothing where the node leaves the operator's default.
void setPair(std::array<int64_t, 2>& pair, const std::vector<int64_t>& values) {
  if (values.size() == 2) pair = {values[0], values[1]};
}

TransposedGeometry geometryOf(const Node& node, const graph::Dims& weight) {
  TransposedGeometry geometry;
  geometry.kernel = {weight[2], weight[3]};
  setPair(geometry.stride, graph::intsAttribute(node, "strides"));
  setPair(geometry.outputPadding, graph::intsAttribute(node, "output_padding"));
  if (const auto pads = graph::intsAttribute(node, "pads"); pads.size() == 4) {
    geometry.padBefore = {pads[0], pads[1]};
    geometry.padAfter = {pads[2], pads[3]};
  }
  return geometry;
}

// Puts each pixel of the blocks that the plain convolution makes where it belongs. Nodes are given to `add`, which
// returns the name of what they make: for the last one `output`, where given.
template <class Add, class Constant>
std::string moveBlocks(const TransposedConvolution& t, std::string blocks, std::vector<std::string> output, Add add,
                       Constant constant) {
  const auto transpose = [&](std::vector<int64_t> order, std::vector<std::string> made = {}) {
    blocks = add(graph::NodeSpec{"Transpose", {blocks}, std::move(made), {{"perm", std::move(order)}}, {}, {}});
  };
  const auto reshape = [&](const std::vector<int64_t>& dims) {
    const auto shape = constant(Tensor::vector(std::span<const int64_t>(dims)));
    blocks = add(graph::NodeSpec{"Reshape", {blocks, shape}, {}, {}, {}, {}});
  };
  transpose({0, 2, 3, 1});
  reshape(t.blockRows);
  transpose({0, 1, 3, 2, 4});
  reshape(t.image);
  transpose({0, 3, 1, 2}, std::move(output));
  return blocks;
}

graph::NodeSpec plainConvolution(const UnfoldedConvolution& u, std::vector<std::string> inputs) {
  return {"Conv",
          std::move(inputs),
          {},
          {{"kernel_shape", std::vector<int64_t>{u.kernel[0], u.kernel[1]}},
           {"pads", std::vector<int64_t>{u.padBefore[0], u.padBefore[1], u.padAfter[0], u.padAfter[1]}}},
          {},
          {}};
}

// nullopt when the node is none; `why` is told what stood in the way of a ConvTranspose.
std::optional<TransposedConvolution> asTransposedConvolution(const Graph& graph, const SymbolicShapes& shapes,
                                                             Node& node, std::string* why) {
  if (!graph::isOp(node, "ConvTranspose") || node.input_size() < 2 || node.output_size() != 1) return std::nullopt;
  const auto refuse = [&](const char* reason) {
    if (why) *why = reason;
    return std::nullopt;
  };
  TransposedConvolution t;
  t.node = &node;
  t.weight = floatConstantBehind(graph, node.input(1));
  const auto weight = graph.constantDims(t.weight);
  if (!weight || graph::elementCount(*weight) == 0) return refuse("the weight is not a float32 constant");
  if (weight->size() != 4) return refuse("it has other than two spatial dims");
  if (graph::intAttribute(node, "group", 1) != 1) return refuse("it works in groups of channels");
  t.outputs = (*weight)[1];
  if (graph::hasInput(node, 2)) {
    t.bias = floatConstantBehind(graph, node.input(2));
    if (graph.constantDims(t.bias) != graph::Dims{t.outputs}) {
      return refuse("the bias is not a float32 constant for each channel");
    }
  }
  const auto dilations = graph::intsAttribute(node, "dilations");
  if (graph::stringAttribute(node, "auto_pad", "NOTSET") != "NOTSET" || graph::findAttribute(node, "output_shape") ||
      std::ranges::any_of(dilations, [](int64_t d) { return d != 1; })) {
    return refuse("it is dilated, or states its output's size instead of its padding");
  }
  t.geometry = geometryOf(node, *weight);
  const auto unfolded = unfold(t.geometry);
  if (!unfolded) return refuse("its output is not as many times as large as its input as its stride");
  t.unfolded = *unfolded;
  const auto input = shapes.dims(node.input(0));
  if (!input || input->size() != 4 || (isSymbol((*input)[2]) && isSymbol((*input)[3]))) {
    return refuse("height and width of its input are open; --pin-shapes fixes them");
  }
  const auto [sy, sx] = t.geometry.stride;
  const auto scaled = [](Dim dim, int64_t stride) { return isSymbol(dim) ? int64_t{-1} : dim * stride; };
  t.blockRows = {0, 0, 0, sy, sx * t.outputs};
  t.image = {0, scaled((*input)[2], sy), scaled((*input)[3], sx), t.outputs};
  return t;
}

}  // namespace

std::vector<TransposedConvolution> allTransposedConvolutions(const Graph& graph, const std::string& rule,
                                                             std::vector<NearMiss>* nearMisses) {
  std::vector<TransposedConvolution> found;
  const auto nodes = graph.nodesOf("ConvTranspose");
  if (nodes.empty()) return found;
  const SymbolicShapes shapes(graph);
  for (Node* node : nodes) {
    std::string why;
    if (auto t = asTransposedConvolution(graph, shapes, *node, &why)) {
      found.push_back(std::move(*t));
    } else if (!why.empty() && nearMisses) {
      nearMisses->push_back({rule, graph::idOf(*node), "ConvTranspose: " + why});
    }
  }
  return found;
}

Node* writeUnfolded(Graph& graph, const TransposedConvolution& transposed) {
  const auto weight = graph.constant(transposed.weight);
  const auto bias = transposed.bias.empty() ? std::optional<Tensor>() : graph.constant(transposed.bias);
  if (!weight || weight->byteSize() == 0 || (!transposed.bias.empty() && !bias)) return nullptr;
  std::vector<std::string> inputs{transposed.node->input(0)};
  inputs.push_back(graph.addInitializer(transposed.weight + "_unfolded",
                                        unfoldWeights(*weight, transposed.geometry, transposed.unfolded)));
  if (bias) {
    const auto [sy, sx] = transposed.geometry.stride;
    std::vector<float> values;
    for (int64_t i = 0; i < sy * sx; ++i) std::ranges::copy(bias->as<float>(), std::back_inserter(values));
    inputs.push_back(
        graph.addInitializer(transposed.bias + "_unfolded", Tensor::vector(std::span<const float>(values))));
  }
  Node* const activation = activationBehind(graph, *transposed.node);
  const std::string output = (activation ? activation : transposed.node)->output(0);
  const std::string made = transposed.node->output(0);
  graph.removeNode(transposed.node);
  auto spec = plainConvolution(transposed.unfolded, std::move(inputs));
  spec.outputs = {graph.uniqueName(made + "_blocks")};
  Node* const convolution = graph.addNode(std::move(spec));
  std::string blocks = convolution->output(0);
  if (activation) {
    graph.setInput(activation, 0, blocks);
    blocks = graph.uniqueName(output + "_blocks");
    graph.setOutput(activation, 0, blocks);
  }
  moveBlocks(
      transposed, blocks, {output}, [&](graph::NodeSpec move) { return graph.addNode(std::move(move))->output(0); },
      [&](const Tensor& dims) { return graph.addInitializer(output + "_shape", dims); });
  return convolution;
}

KernelForm transposedConvolution(const ConvolutionShape& shape, const TransposedConvolution& transposed,
                                 ConvolutionForm form) {
  constexpr std::string_view names[] = {"float32", "u8s8", "s8s8"};
  auto key = fmt::format("ConvTranspose {} {} W{} {}", names[static_cast<size_t>(form)], graph::formatDims(shape.input),
                         graph::formatDims(shape.weight), attributesKey(shape.attributes));
  if (form == ConvolutionForm::Float) {
    return {std::move(key),
            [shape, form] { return convolutionModel({.opType = "ConvTranspose", .shape = shape}, form); },
            kConvolutionCopies};
  }
  const auto build = [shape, transposed, form] {
    const auto& [geometry, unfolded] = std::tie(transposed.geometry, transposed.unfolded);
    ConvolutionLayer layer;
    layer.shape.input = shape.input;
    layer.shape.weight = {geometry.stride[0] * geometry.stride[1] * transposed.outputs, shape.input[1],
                          unfolded.kernel[0], unfolded.kernel[1]};
    for (const auto& [name, value] : plainConvolution(unfolded, {}).attributes) {
      graph::setAttribute(layer.shape.attributes, name, value);
    }
    layer.moves = [&transposed](FormModel& model, const std::string& integers) {
      return moveBlocks(
          transposed, integers, {}, [&](graph::NodeSpec spec) { return model.add(std::move(spec)); },
          [&](const Tensor& dims) { return model.constant(dims); });
    };
    return convolutionModel(layer, form);
  };
  return {std::move(key), build, kConvolutionCopies};
}

}  // namespace ridgeline::advisor::quantization
