#include "advisor/rules/respelling/build.h"
#include "advisor/rules/respelling/respelling.h"

namespace ridgeline::advisor {
namespace {

using graph::Graph;
using graph::Node;

// From here on, tanh(softplus(x)) is 1 in float32, and the square of exp(x) is still finite.
constexpr float kOneFrom = 20;

Respellable look(const Graph& graph, const SymbolicShapes&, Node& node) {
  Node* const softplus = graph.producerOf(node, 0, "Softplus");
  if (!softplus) return {};
  if (graph.onlyConsumer(softplus->output(0)) != &node) return {{}, {}, "the Softplus is also read elsewhere"};
  return {{softplus, &node}, "tanh(softplus(x))", {}};
}

// With e = exp(x): softplus(x) = log(1 + e), so its tanh is ((1 + e)^2 - 1) / ((1 + e)^2 + 1) = n / (n + 2) with
// n = e (e + 2).
std::string write(Graph& graph, const SymbolicShapes&, Node& node) {
  Expression e(graph, node.output(0));
  const auto two = e.scalar(2);
  const auto x = graph.producerOf(node, 0, "Softplus")->input(0);
  const auto power = e.apply("Exp", {e.apply("Min", {x, e.scalar(kOneFrom)})});
  const auto n = e.apply("Mul", {power, e.apply("Add", {power, two})});
  return e.apply("Div", {n, e.apply("Add", {n, two})});
}

}  // namespace

const Respelling kTanhOfSoftplus{"Tanh", look, write};

}  // namespace ridgeline::advisor
