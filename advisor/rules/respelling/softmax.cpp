#include "advisor/rules/respelling/build.h"
#include "advisor/rules/respelling/respelling.h"

namespace ridgeline::advisor {
namespace {

using graph::Graph;
using graph::Node;

// Until then, all axes from this one on were taken together.
constexpr int64_t kOneAxisOpset = 13;

Respellable look(const Graph& graph, const SymbolicShapes& shapes, Node& node) {
  const int64_t axis = graph::intAttribute(node, "axis", -1);
  if (graph.model().opset() < kOneAxisOpset || axis == -1) return {};
  const auto dims = shapes.dims(node.input(0));
  if (!dims) return {{}, {}, "how many axes there are does not follow from the file"};
  const auto rank = static_cast<int64_t>(dims->size());
  if (axis < -rank || axis >= rank - 1) return {};
  return {{&node}, fmt::format("{} over axis {} of {}", node.op_type(), axis < 0 ? axis + rank : axis, rank), {}};
}

std::string write(Graph& graph, const SymbolicShapes&, Node& node) {
  Expression e(graph, node.output(0));
  const std::vector<int64_t> axes{graph::intAttribute(node, "axis", -1)};
  const auto most = e.overAxes("ReduceMax", 18, node.input(0), axes);
  const auto below = e.apply("Sub", {node.input(0), most});
  const auto powers = e.apply("Exp", {below});
  const auto sum = e.overAxes("ReduceSum", 13, powers, axes);
  return graph::isOp(node, "Softmax") ? e.apply("Div", {powers, sum}) : e.apply("Sub", {below, e.apply("Log", {sum})});
}

}  // namespace

const Respelling kSoftmax{"Softmax", look, write};
const Respelling kLogSoftmax{"LogSoftmax", look, write};

}  // namespace ridgeline::advisor
