#include "advisor/rules/padding_mask.h"

#include "graph/match.h"

namespace ridgeline::advisor {

std::optional<PaddingMask> paddingMaskOf(const graph::Graph& graph, const SymbolicShapes& shapes,
                                         const std::string& added) {
  using namespace graph::pattern;
  const auto inner = op("Unsqueeze", {any("tokens")});
  const auto raised = either({op("Unsqueeze", {inner}), inner});
  const auto low = op("Mul", {op("Sub", {scalar(1.0), through("Cast", raised)}), scalar("fill")});
  graph::Node* const root = graph.producer(added);
  if (!root) return std::nullopt;
  const auto found = graph::match(graph, *root, either({low, op("Expand", {low})}));
  if (!found) return std::nullopt;
  PaddingMask mask{found->tensor("tokens"), graph.scalarConstant(found->tensor("fill")).value_or(0)};
  // Anything higher would leave padding a weight, which the fused operators' own arithmetic need not keep exactly.
  if (mask.fill > -1000) return std::nullopt;
  const auto tokens = shapes.dims(mask.tokens);
  const auto spread = shapes.dims(graph::isOp(*root, "Expand") ? root->input(0) : added);
  if (!tokens || !spread || tokens->size() != 2 || spread->size() != 4) return std::nullopt;
  if ((*spread)[0] != (*tokens)[0] || (*spread)[1] != 1 || (*spread)[2] != 1 || (*spread)[3] != (*tokens)[1]) {
    return std::nullopt;
  }
  return mask;
}

}  // namespace ridgeline::advisor
