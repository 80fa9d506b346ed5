// The arithmetic and the memory traffic of one operator, from its shapes: what a perfect implementation must do.
#pragma once

#include "graph/graph.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ridgeline::graph {

// A tensor as the operator sees it when it runs; dims are concrete. Absent optional inputs have type Undefined.
struct TensorShape {
  DataType type = DataType::Undefined;
  Dims dims;
  bool constant = false;  // a weight: read, but never written by the run
  bool present() const { return type != DataType::Undefined; }
  int64_t bytes() const;  // elements x bits / 8, rounded up; strings count 0
};

struct Work {
  double flops = 0;         // floating-point operations, a multiply-add counted as two
  double intOps = 0;        // integer multiply-adds likewise counted as two (INT8 convolutions and products)
  double bytesRead = 0;     // inputs and weights, each read once; only the rows used by a Gather
  double bytesWritten = 0;  // outputs, each written once; 0 for operators that only rename (Reshape, Identity...)
  // The data type in which the arithmetic is done: it chooses the compute roof.
  DataType computeType = DataType::Float;

  double operations() const { return flops + intOps; }
  double bytes() const { return bytesRead + bytesWritten; }
  double intensity() const;  // operations / byte; 0 when no bytes move
};

// nullopt for an operator whose work is not known (control flow, custom ops, data-dependent ones): never a guess.
// Formulas are stated beside each operator's entry, in work/*.cpp, grouped by kind.
std::optional<Work> workOf(const Node& node, std::span<const TensorShape> inputs, std::span<const TensorShape> outputs);

// True when the operator type has an entry, whatever its shapes.
bool knowsWorkOf(const Node& node);

}  // namespace ridgeline::graph
