#include "advisor/rules/constant_behind.h"
#include "advisor/rules/respelling/build.h"
#include "advisor/rules/respelling/respelling.h"

#include <algorithm>

namespace ridgeline::advisor {
namespace {

using graph::Graph;
using graph::Node;

Respellable look(const Graph& graph, const SymbolicShapes&, Node& node) {
  const auto dims = graph.constantDims(floatConstantBehind(graph, node.input(1)));
  if (!dims || dims->size() != 3) return {};
  const bool depthwise = (*dims)[1] == 1 && graph::intAttribute(node, "group", 1) == (*dims)[0];
  return {{&node}, fmt::format("{}Conv of {} on a line", depthwise ? "depthwise " : "", (*dims)[2]), {}};
}

// The line as an image one pixel high.
std::string write(Graph& graph, const SymbolicShapes&, Node& node) {
  Expression e(graph, node.output(0));
  const auto line = *graph.constant(floatConstantBehind(graph, node.input(1)));
  const auto& dims = line.dims();
  graph::Tensor image(graph::DataType::Float, {dims[0], dims[1], 1, dims[2]});
  std::ranges::copy(line.bytes(), image.bytes().begin());
  std::vector<std::string> inputs{e.overAxes("Unsqueeze", 13, node.input(0), {2}),
                                  graph.addInitializer(node.input(1) + "_2d", image)};
  if (graph::hasInput(node, 2)) inputs.push_back(node.input(2));
  std::vector<std::pair<std::string, graph::AttributeValue>> attributes{
      {"kernel_shape", std::vector<int64_t>{1, dims[2]}}, {"group", graph::intAttribute(node, "group", 1)}};
  for (const char* name : {"strides", "dilations"}) {
    if (const auto given = graph::intsAttribute(node, name); given.size() == 1) {
      attributes.emplace_back(name, std::vector<int64_t>{1, given[0]});
    }
  }
  if (const auto pads = graph::intsAttribute(node, "pads"); pads.size() == 2) {
    attributes.emplace_back("pads", std::vector<int64_t>{0, pads[0], 0, pads[1]});
  }
  if (const auto automatic = graph::stringAttribute(node, "auto_pad", ""); !automatic.empty()) {
    attributes.emplace_back("auto_pad", automatic);
  }
  return e.overAxes("Squeeze", 13, e.apply("Conv", std::move(inputs), std::move(attributes)), {2});
}

}  // namespace

const Respelling kConv1d{"Conv", look, write};

}  // namespace ridgeline::advisor
