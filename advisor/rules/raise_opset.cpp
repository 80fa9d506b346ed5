#include "advisor/rules/raise_opset.h"

#include "graph/subgraphs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace ridgeline::advisor {
namespace {

using graph::Graph;
using graph::Node;
using graph::Tensor;

constexpr int64_t kOldest = 7;   // older ones differ in broadcasting
constexpr int64_t kNewest = 23;  // of those looked through

// One operator from one opset on, where a node of an older one cannot simply stay. `mayStay` is null where it never
// can; `respell` is null where it may stay as it is.
struct Change {
  int64_t since;
  std::string_view op;
  bool (*mayStay)(const Node& node, const SymbolicShapes* shapes);
  void (*respell)(Graph& graph, Node& node);
};

bool always(const Node&, const SymbolicShapes*) { return true; }
bool hasOneOutput(const Node& node, const SymbolicShapes*) { return node.output_size() == 1; }

// Before 13, all dims from the axis on were taken as one.
bool isAlongLastAxis(const Node& node, const SymbolicShapes* shapes) {
  const int64_t axis = graph::intAttribute(node, "axis", 1);
  const auto dims = shapes ? shapes->dims(node.input(0)) : std::nullopt;
  return axis == -1 || (dims && axis == static_cast<int64_t>(dims->size()) - 1);
}
void alongLastAxis(Graph&, Node& node) { graph::setAttribute(node, "axis", int64_t{-1}); }

bool roundsDown(const Node& node, const SymbolicShapes*) { return graph::intAttribute(node, "ceil_mode", 0) == 0; }

void integersToInput(Graph& graph, Node& node, const char* attribute, int input) {
  if (!graph::findAttribute(node, attribute)) return;
  const auto values = graph::intsAttribute(node, attribute);
  graph.setInput(&node, input, graph.addInitializer(attribute, Tensor::vector(std::span<const int64_t>(values))));
  graph::removeAttribute(node, attribute);
}
void axesToInput(Graph& graph, Node& node) { integersToInput(graph, node, "axes", 1); }
void partsToInput(Graph& graph, Node& node) { integersToInput(graph, node, "split", 1); }

void numberToInput(Graph& graph, Node& node, const char* attribute, float otherwise, int input) {
  const float value = graph::floatAttribute(node, attribute, otherwise);
  graph.setInput(&node, input, graph.addInitializer(attribute, Tensor::scalar(value)));
  graph::removeAttribute(node, attribute);
}
void limitsToInputs(Graph& graph, Node& node) {
  constexpr float kMost = std::numeric_limits<float>::max();
  numberToInput(graph, node, "min", -kMost, 1);
  numberToInput(graph, node, "max", kMost, 2);
}
void paddingToInputs(Graph& graph, Node& node) {
  integersToInput(graph, node, "pads", 1);
  numberToInput(graph, node, "value", 0, 2);
}
// Of what is left out in training; none of it matters in inference.
void dropRatio(Graph&, Node& node) { graph::removeAttribute(node, "ratio"); }
void countParts(Graph&, Node& node) {
  if (!graph::hasInput(node, 1)) graph::setAttribute(node, "num_outputs", int64_t{node.output_size()});
}
void renameInterpolation(Graph&, Node& node) {
  const auto mode = graph::stringAttribute(node, "mode", "bilinear");
  if (mode == "bilinear") graph::setAttribute(node, "mode", std::string("linear"));
  if (mode == "bicubic") graph::setAttribute(node, "mode", std::string("cubic"));
}

// ONNX, "Operator Changelog". What is missing here got more types, more attributes whose default is what was, or more
// optional inputs.
constexpr auto kChanges = std::to_array<Change>({
    {9, "BatchNormalization", nullptr, nullptr},  // lost an attribute
    {10, "Dropout", hasOneOutput, nullptr},       // the mask became boolean
    {10, "Slice", nullptr, nullptr},
    {10, "TopK", nullptr, nullptr},
    {10, "Upsample", nullptr, nullptr},
    {11, "Resize", nullptr, nullptr},
    {11, "Scatter", nullptr, nullptr},
    {11, "Clip", always, limitsToInputs},
    {11, "Pad", always, paddingToInputs},
    {12, "Dropout", always, dropRatio},
    {13, "Softmax", isAlongLastAxis, alongLastAxis},
    {13, "LogSoftmax", isAlongLastAxis, alongLastAxis},
    {13, "Hardmax", isAlongLastAxis, alongLastAxis},
    {13, "Squeeze", always, axesToInput},
    {13, "Unsqueeze", always, axesToInput},
    {13, "ReduceSum", always, axesToInput},
    {13, "Split", always, partsToInput},
    {14, "BatchNormalization", hasOneOutput, nullptr},
    {18, "ReduceL1", always, axesToInput},
    {18, "ReduceL2", always, axesToInput},
    {18, "ReduceLogSum", always, axesToInput},
    {18, "ReduceLogSumExp", always, axesToInput},
    {18, "ReduceMax", always, axesToInput},
    {18, "ReduceMean", always, axesToInput},
    {18, "ReduceMin", always, axesToInput},
    {18, "ReduceProd", always, axesToInput},
    {18, "ReduceSumSquare", always, axesToInput},
    {18, "Split", always, countParts},
    {19, "AveragePool", roundsDown, nullptr},  // what a window beyond the edge is divided by
    {20, "DFT", nullptr, nullptr},
    {20, "GridSample", always, renameInterpolation},
    {21, "GroupNormalization", nullptr, nullptr},  // a scale for each channel, no longer for each group
});

// ONNX Runtime 1.30 has kernels of these for older opsets only.
constexpr int64_t kLostKernels = 22;
constexpr auto kWithoutKernel =
    std::to_array<std::string_view>({"Bernoulli", "GlobalLpPool", "MaxRoiPool", "Multinomial", "RandomNormal",
                                     "RandomNormalLike", "RandomUniform", "RandomUniformLike", "RoiAlign"});

bool isOfOnnx(const Node& node) { return node.domain().empty() || node.domain() == "ai.onnx"; }

bool concerns(const Change& change, const Node& node, int64_t from, int64_t to) {
  return from < change.since && change.since <= to && node.op_type() == change.op && isOfOnnx(node);
}

}  // namespace

std::string whyNotRaised(const Graph& graph, int64_t opset, int64_t newest, const SymbolicShapes* shapes) {
  const int64_t from = graph.model().opset();
  if (from >= opset) return {};
  if (opset > newest) return fmt::format("--max-opset allows none newer than {}", newest);
  if (from < kOldest || opset > kNewest) return fmt::format("opset {} cannot be raised to {}", from, opset);
  if (graph.model().proto().functions_size() > 0) return "the model has functions of its own";
  for (const Node* node : graph.nodes()) {
    if (graph::hasSubgraph(*node)) return fmt::format("{} holds a graph of its own", node->op_type());
    if (from < kLostKernels && opset >= kLostKernels && isOfOnnx(*node) &&
        std::ranges::find(kWithoutKernel, node->op_type()) != kWithoutKernel.end()) {
      return fmt::format("the engine has no {} of opset {}", node->op_type(), kLostKernels);
    }
    for (const auto& change : kChanges) {
      if (!concerns(change, *node, from, opset) || (change.mayStay && change.mayStay(*node, shapes))) continue;
      return fmt::format("{} of opset {} means something else in {}", node->op_type(), from, change.since);
    }
  }
  return {};
}

void raiseOpset(Graph& graph, int64_t opset) {
  const int64_t from = graph.model().opset();
  for (const auto& change : kChanges) {
    if (!change.respell || from >= opset) continue;
    for (Node* node : graph.nodesOf(change.op)) {
      if (concerns(change, *node, from, opset)) change.respell(graph, *node);
    }
  }
  graph.model().requireOpset("", opset);
}

}  // namespace ridgeline::advisor
