#include "advisor/rules/constant_behind.h"
#include "advisor/rules/respelling/build.h"
#include "advisor/rules/respelling/respelling.h"

#include <algorithm>

namespace ridgeline::advisor {
namespace {

using graph::Graph;
using graph::Node;

// Empty when they are not known.
std::vector<float> slopesOf(const Graph& graph, const Node& node) {
  const auto slopes = graph.constant(floatConstantBehind(graph, node.input(1)));
  if (!slopes) return {};
  const auto values = slopes->as<float>();
  return {values.begin(), values.end()};
}

bool areEqual(const std::vector<float>& slopes) {
  return std::ranges::all_of(slopes, [&](float s) { return s == slopes.front(); });
}

// Above a slope of 1, the line of the slope is the lower one of the two where x is positive.
bool areAtMostOne(const std::vector<float>& slopes) {
  return std::ranges::all_of(slopes, [](float s) { return s <= 1; });
}

Respellable look(const Graph& graph, const SymbolicShapes&, Node& node) {
  if (node.input_size() != 2) return {};
  const auto slopes = slopesOf(graph, node);
  if (slopes.empty()) return {{}, {}, "its slopes are no constant"};
  if (areEqual(slopes)) return {{&node}, "PRelu of one slope", {}};
  if (!areAtMostOne(slopes)) return {{}, {}, "its slopes are not all at most 1"};
  return {{&node}, "PRelu", {}};
}

// x where it is positive, slope * x elsewhere.
std::string write(Graph& graph, const SymbolicShapes&, Node& node) {
  Expression e(graph, node.output(0));
  const auto slopes = slopesOf(graph, node);
  if (areEqual(slopes)) return e.apply("LeakyRelu", {node.input(0)}, {{"alpha", slopes.front()}});
  return e.apply("Max", {node.input(0), e.apply("Mul", {node.input(0), node.input(1)})});
}

}  // namespace

const Respelling kPRelu{"PRelu", look, write};

}  // namespace ridgeline::advisor
