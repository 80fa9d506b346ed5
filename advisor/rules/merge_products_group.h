// Products of one tensor that differ in nothing but their weights, and what they are when merged.
#pragma once

#include "graph/graph.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ridgeline::advisor {

// An operand of a product that has a part for each output column: put side by side along `axis`.
struct ColumnOperand {
  int input = 0;     // of the node
  int64_t axis = 0;  // of the operand, along which the columns lie; -1: a value for each column, or one for all
};

struct ProductGroup {
  std::vector<graph::Node*> nodes;  // at least two, in the graph's order
  std::vector<int64_t> columns;     // of each
  std::vector<ColumnOperand> operands;

  const graph::Node& first() const { return *nodes.front(); }
  bool has(const ColumnOperand& operand) const;  // all members do, or none
  int64_t totalColumns() const;
};

// Of MatMul, MatMulIntegerToFloat, DynamicQuantizeMatMul and MatMulNBits. In the graph's order.
std::vector<ProductGroup> productGroups(graph::Graph& graph);

// One operand of all members side by side; empty when a constant cannot be read.
graph::Tensor sideBySide(const graph::Graph& graph, const ProductGroup& group, const ColumnOperand& operand);

}  // namespace ridgeline::advisor
