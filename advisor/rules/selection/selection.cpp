#include "advisor/rules/selection/selection.h"

#include "advisor/rules/axis_use.h"

#include <array>
#include <limits>

namespace ridgeline::advisor {
namespace {

using graph::Graph;
using graph::Node;
using graph::Tensor;

Tensor listOf(const std::vector<int64_t>& values) { return Tensor::vector(std::span<const int64_t>(values)); }

// What a Slice takes along one axis.
struct Bounds {
  int64_t axis = 0, start = 0, end = 0, step = 1;
  bool takesAll() const { return start == 0 && step == 1 && end >= std::numeric_limits<int32_t>::max(); }
};

// Along the one axis where it leaves something out; nullopt when bounds are computed or there are several such axes.
std::optional<Bounds> boundsOf(const Graph& graph, const Node& node) {
  const auto list = [&](int input, const char* attribute) -> std::optional<std::vector<int64_t>> {
    if (node.input_size() == 1) return graph::intsAttribute(node, attribute);
    if (input >= node.input_size() || node.input(input).empty()) return std::vector<int64_t>{};
    if (!graph.isConstant(node.input(input))) return std::nullopt;
    const auto value = graph.constant(node.input(input));
    return value ? std::optional(value->toInts()) : std::nullopt;
  };
  const auto starts = list(1, "starts"), ends = list(2, "ends"), axes = list(3, "axes"), steps = list(4, "steps");
  if (!starts || !ends || !axes || !steps || starts->size() != ends->size()) return std::nullopt;
  std::optional<Bounds> only;
  for (size_t i = 0; i < starts->size(); ++i) {
    const Bounds bounds{i < axes->size() ? (*axes)[i] : static_cast<int64_t>(i), (*starts)[i], (*ends)[i],
                        i < steps->size() ? (*steps)[i] : 1};
    if (bounds.takesAll()) continue;
    if (only) return std::nullopt;
    only = bounds;
  }
  return only;
}

}  // namespace

std::optional<Selection> selectionOf(const Graph& graph, const SymbolicShapes& shapes, Node& node) {
  const bool isGather = graph::isOp(node, "Gather") && node.input_size() == 2;
  if (!isGather && !graph::isOp(node, "Slice")) return std::nullopt;
  const auto dims = node.input_size() > 0 ? shapes.dims(node.input(0)) : std::nullopt;
  if (!dims || graph.isConstant(node.input(0))) return std::nullopt;
  if (isGather) {
    const auto indices = graph.constantDims(node.input(1));
    const auto axis = axisOf(graph::intAttribute(node, "axis", 0), dims->size());
    if (!indices || indices->size() > 1 || !axis || !graph.constant(node.input(1))) return std::nullopt;
    return Selection{&node, *axis, indices->empty()};
  }
  const auto bounds = boundsOf(graph, node);
  const auto axis = bounds ? axisOf(bounds->axis, dims->size()) : std::nullopt;
  return axis ? std::optional(Selection{&node, *axis, false}) : std::nullopt;
}

std::string selectFrom(Graph& graph, const Selection& selection, const std::string& tensor, size_t axis) {
  const auto at = static_cast<int64_t>(axis);
  const auto output = graph.uniqueName(tensor + "_selected");
  if (graph::isOp(*selection.node, "Gather")) {
    const auto indices = graph.constant(selection.node->input(1))->toInts();
    const auto list = graph.addInitializer("selected", listOf(indices));
    graph.addNode({"Gather", {tensor, list}, {output}, {{"axis", at}}, {}, {}});
    return output;
  }
  const Bounds bounds = *boundsOf(graph, *selection.node);
  graph::NodeSpec slice{"Slice", {tensor}, {output}, {}, {}, {}};
  if (selection.node->input_size() == 1) {
    slice.attributes = {
        {"starts", std::vector{bounds.start}}, {"ends", std::vector{bounds.end}}, {"axes", std::vector{at}}};
  } else {
    for (const int64_t value : {bounds.start, bounds.end, at, bounds.step}) {
      slice.inputs.push_back(graph.addInitializer("bound", listOf({value})));
    }
  }
  graph.addNode(std::move(slice));
  return output;
}

void readSelected(Graph& graph, const Selection& selection, const std::string& selected) {
  if (selection.dropsAxis) {
    graph.setInput(selection.node, 0, selected);
    graph.setInput(selection.node, 1,
                   graph.addInitializer("first", Tensor::of<int64_t>({}, std::array<int64_t, 1>{0})));
    return;
  }
  graph.replaceTensor(selection.node->output(0), selected);
  graph.removeNode(selection.node);
}

}  // namespace ridgeline::advisor
