// Inputs and outputs whose axes a rewrite has put into another order than the original has them.
#pragma once

#include "graph/model.h"
#include "graph/permutation.h"

#include <map>
#include <string>

namespace ridgeline::engine {

// By name: axis i of the port is axis order[i] of the original's.
struct PortOrders {
  std::map<std::string, graph::Permutation> inputs, outputs;

  bool empty() const { return inputs.empty() && outputs.empty(); }
  // "input image NCHW to NHWC, output y 0 2 1"
  std::string describe() const;
};

// A rewritten model on its way through the advisor carries them with it, and its sessions take and give data in the
// original's order, so that the same samples do for both. Files do not carry them: whoever runs the file arranges the
// data.
PortOrders portOrdersIn(const graph::Model& model);
void keepPortOrders(graph::Model& model, const PortOrders& orders);

}  // namespace ridgeline::engine
