#include "advisor/rules/quantization/opset.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace ridgeline::advisor::quantization {
namespace {

using graph::Graph;
using graph::Node;

constexpr int64_t kNeeded = 11;
// Raising a model is safe if no operator in it changed its meaning between: ONNX's change log has these from 7 to 11.
// Older sets differ in broadcasting, and are left alone.
constexpr int64_t kOldest = 7;
constexpr std::array<std::string_view, 3> kChanged{"Upsample", "Resize", "Scan"};

bool keepsItsMeaning(const Node& node, int64_t opset) {
  if (std::ranges::any_of(node.attribute(), [](const auto& a) { return a.has_g() || a.graphs_size() > 0; }))
    return false;
  if (!node.domain().empty() && node.domain() != "ai.onnx") return true;
  const auto& op = node.op_type();
  if (op == "BatchNormalization") return opset >= 9;      // lost an attribute
  if (op == "Dropout") return node.output_size() == 1;    // the mask became boolean
  if (op == "Slice" || op == "TopK") return opset >= 10;  // take inputs since
  return std::ranges::count(kChanged, op) == 0;
}

// What Clip and Pad are told became inputs in 11.
void attributesToInputs(Graph& graph, Node& node) {
  constexpr float kMost = std::numeric_limits<float>::max();
  using graph::Tensor;
  const auto give = [&](int input, std::string_view hint, const Tensor& value) {
    graph.setInput(&node, input, graph.addInitializer(hint, value));
  };
  if (graph::isOp(node, "Clip")) {
    give(1, "clip_min", Tensor::scalar(graph::floatAttribute(node, "min", -kMost)));
    give(2, "clip_max", Tensor::scalar(graph::floatAttribute(node, "max", kMost)));
    graph::removeAttribute(node, "min");
    graph::removeAttribute(node, "max");
  } else if (graph::isOp(node, "Pad")) {
    give(1, "pads", Tensor::vector(std::span<const int64_t>(graph::intsAttribute(node, "pads"))));
    give(2, "pad_value", Tensor::scalar(graph::floatAttribute(node, "value", 0)));
    graph::removeAttribute(node, "pads");
    graph::removeAttribute(node, "value");
  }
}

}  // namespace

bool mayConvolveIntegers(const graph::Model& model) {
  const int64_t opset = model.opset();
  return opset >= kNeeded ||
         (opset >= kOldest && model.proto().functions_size() == 0 &&
          std::ranges::all_of(model.graphProto().node(), [&](const auto& n) { return keepsItsMeaning(n, opset); }));
}

void raiseForIntegerConvolutions(Graph& graph) {
  if (graph.model().opset() >= kNeeded) return;
  for (Node* node : graph.nodes()) attributesToInputs(graph, *node);
  graph.model().requireOpset("", kNeeded);
}

}  // namespace ridgeline::advisor::quantization
