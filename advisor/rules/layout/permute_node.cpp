#include "advisor/rules/layout/permute_node.h"

#include "advisor/rules/axis_use.h"

#include <algorithm>
#include <numeric>

namespace ridgeline::advisor {

using graph::Graph;
using graph::Node;
using graph::Tensor;

namespace {

bool absentOrConstant(const Graph& graph, const Node& node, int input) {
  return !graph::hasInput(node, input) || graph.isConstant(node.input(input));
}

// Where a Pad or Resize keeps its entries for each axis.
int perAxisInput(const Node& node) {
  if (node.op_type() == "Pad") return 1;
  return graph::hasInput(node, 3) ? 3 : 2;
}

bool constantsAllow(const Graph& graph, const Node& node, AxisUse kind) {
  const int64_t opset = graph.model().opset();
  switch (kind) {
    case AxisUse::Unary:
      return true;
    case AxisUse::Broadcast:
      return opset >= 7;
    case AxisUse::Concat:
      return true;
    case AxisUse::Axis: {
      // Before version 13 these saw their input as a matrix, cut at the axis.
      const bool cut = node.op_type().ends_with("max") && !node.op_type().starts_with("Arg");
      const bool keeps = !node.op_type().starts_with("Arg") || graph::intAttribute(node, "keepdims", 1) != 0;
      return (!cut || opset >= 13) && keeps;
    }
    case AxisUse::Reduce:
      return graph::intAttribute(node, "keepdims", 1) != 0 && absentOrConstant(graph, node, 1);
    case AxisUse::Slice:
      return graph::hasInput(node, 1) && absentOrConstant(graph, node, 1) && absentOrConstant(graph, node, 3);
    case AxisUse::PerAxis: {
      if (opset < 11 || graph::hasInput(node, node.op_type() == "Pad" ? 3 : 1))
        return false;  // axes; region of interest
      if (node.op_type() == "Resize") {
        // The engine's kernels for the other modes want the spatial axes last.
        if (graph::stringAttribute(node, "mode", "nearest") != "nearest") return false;
        if (graph::findAttribute(node, "axes")) return false;
      }
      return graph::hasInput(node, perAxisInput(node)) && graph.isConstant(node.input(perAxisInput(node)));
    }
    case AxisUse::Quantize:
      return graph::hasInput(node, 1) && graph.isConstant(node.input(1)) && absentOrConstant(graph, node, 2) &&
             graph.constantDims(node.input(1)).value_or(graph::Dims{0, 0}).size() < 2;
  }
  return false;
}

// Right-aligned constants of a broadcast, seen with all axes.
std::optional<Tensor> withRank(const Tensor& tensor, size_t rank) {
  if (tensor.dims().size() > rank || graph::bitsOf(tensor.type()) < 8) return std::nullopt;
  graph::Dims dims(rank - tensor.dims().size(), 1);
  dims.insert(dims.end(), tensor.dims().begin(), tensor.dims().end());
  Tensor reshaped(tensor.type(), dims);
  std::ranges::copy(tensor.bytes(), reshaped.bytes().begin());
  return reshaped;
}

int64_t mapped(int64_t axis, const Permutation& perm) {
  const auto rank = static_cast<int64_t>(perm.size());
  return perm[static_cast<size_t>(axis < 0 ? axis + rank : axis)];
}

void mapList(std::vector<int64_t>& axes, const Permutation& perm) {
  for (int64_t& axis : axes) axis = mapped(axis, perm);
}

void permuteBroadcast(Graph& graph, Node* node, const Permutation& perm) {
  for (int i = 0; i < node->input_size(); ++i) {
    const auto dims = graph.constantDims(node->input(i));
    if (!dims || graph::elementCount(*dims) == 1) continue;
    const auto full = withRank(*graph.constant(node->input(i)), perm.size());
    graph.setInput(node, i, graph.addInitializer(node->input(i), transposed(*full, inverse(perm))));
  }
}

void permuteReduce(Graph& graph, Node* node, const Permutation& perm) {
  if (graph::hasInput(*node, 1)) {
    std::vector<int64_t> axes = graph.constant(node->input(1))->toInts();
    mapList(axes, perm);
    graph.setInput(node, 1, graph.addInitializer(node->input(1), Tensor::vector(std::span<const int64_t>(axes))));
  } else if (std::vector<int64_t> axes = graph::intsAttribute(*node, "axes"); !axes.empty()) {
    mapList(axes, perm);
    graph::setAttribute(*node, "axes", axes);
  }
}

void permuteSlice(Graph& graph, Node* node, const Permutation& perm) {
  std::vector<int64_t> axes;
  if (graph::hasInput(*node, 3)) {
    axes = graph.constant(node->input(3))->toInts();
  } else {
    axes.resize(static_cast<size_t>(graph::elementCount(*graph.constantDims(node->input(1)))));
    std::iota(axes.begin(), axes.end(), 0);
  }
  mapList(axes, perm);
  // Starts, ends and axes must be of one type.
  Tensor list = Tensor::vector(std::span<const int64_t>(axes));
  if (graph.constantType(node->input(1)) == graph::DataType::Int32) {
    const std::vector<int32_t> narrow(axes.begin(), axes.end());
    list = Tensor::of<int32_t>({static_cast<int64_t>(narrow.size())}, std::span<const int32_t>(narrow));
  }
  graph.setInput(node, 3, graph.addInitializer("axes", list));
}

void permutePerAxis(Graph& graph, Node* node, const Permutation& perm) {
  const int input = perAxisInput(*node);
  const Tensor before = *graph.constant(node->input(input));
  Tensor after = before;
  const size_t rank = perm.size(), width = before.byteSize() / static_cast<size_t>(before.size());
  for (size_t i = 0; i < static_cast<size_t>(before.size()); ++i) {
    const size_t to = i / rank * rank + static_cast<size_t>(perm[i % rank]);
    std::ranges::copy(before.bytes().subspan(i * width, width), after.bytes().subspan(to * width, width).begin());
  }
  graph.setInput(node, input, graph.addInitializer(node->input(input), after));
}

}  // namespace

std::optional<std::vector<int>> permutableInputs(const Graph& graph, const Node& node, const Subject& subject,
                                                 size_t rank) {
  const auto kind = axisUseOf(node);
  if (!kind || !constantsAllow(graph, node, *kind)) return std::nullopt;
  for (const std::string& output : node.output()) {
    const engine::TensorFacts* const facts = subject.shape(output);
    if (!facts || facts->dims.size() != rank) return std::nullopt;
  }
  const bool all = *kind == AxisUse::Broadcast || *kind == AxisUse::Concat;
  std::vector<int> inputs;
  for (int i = 0; i < (all ? node.input_size() : 1); ++i) {
    const std::string& name = node.input(i);
    if (graph.isConstant(name)) {
      const auto dims = graph.constantDims(name);
      const auto type = graph.constantType(name);
      if (!dims || dims->size() > rank || !type || graph::bitsOf(*type) < 8) return std::nullopt;
      if (*kind != AxisUse::Broadcast && dims->size() != rank) return std::nullopt;
      continue;
    }
    const engine::TensorFacts* const facts = subject.shape(name);
    if (!facts) return std::nullopt;
    if (*kind == AxisUse::Broadcast && facts->dims.empty()) continue;
    if (facts->dims.size() != rank) return std::nullopt;
    inputs.push_back(i);
  }
  if (inputs.empty()) return std::nullopt;
  if (*kind == AxisUse::PerAxis) {
    const auto count = graph::elementCount(*graph.constantDims(node.input(perAxisInput(node))));
    if (count != static_cast<int64_t>(node.op_type() == "Pad" ? 2 * rank : rank)) return std::nullopt;
  }
  return inputs;
}

void permuteNode(Graph& graph, Node* node, const Permutation& perm) {
  switch (*axisUseOf(*node)) {
    case AxisUse::Unary:
      break;
    case AxisUse::Broadcast:
      permuteBroadcast(graph, node, perm);
      break;
    case AxisUse::Concat:
      permuteBroadcast(graph, node, perm);
      [[fallthrough]];
    case AxisUse::Axis:
      graph::setAttribute(*node, "axis", mapped(graph::intAttribute(*node, "axis", defaultAxis(*node)), perm));
      break;
    case AxisUse::Reduce:
      permuteReduce(graph, node, perm);
      break;
    case AxisUse::Slice:
      permuteSlice(graph, node, perm);
      break;
    case AxisUse::PerAxis:
      permutePerAxis(graph, node, perm);
      break;
    case AxisUse::Quantize:
      if (graph::elementCount(*graph.constantDims(node->input(1))) != 1) {
        graph::setAttribute(*node, "axis", mapped(graph::intAttribute(*node, "axis", 1), perm));
      }
      break;
  }
}

}  // namespace ridgeline::advisor
