// Which tensors have the same shape, and which the same value, in every run of a model.
//
// Shapes observed in one run hold for others only where they follow from the file alone, or from input shapes that
// the user pinned. This traces that, through the operators whose result's shape depends on a value they are given.
#pragma once

#include "graph/graph.h"

#include <string>
#include <string_view>
#include <unordered_map>

namespace ridgeline::advisor {

class FixedShapes {
 public:
  // With `pinned`, every graph input counts as having a fixed shape. The graph must outlive this and not change.
  FixedShapes(const graph::Graph& graph, bool pinned);

  bool shape(const std::string& tensor);  // the same dims in every run
  bool value(const std::string& tensor);  // the same value in every run

 private:
  struct Facts {
    bool shape = false;
    bool value = false;
  };
  const Facts& of(const std::string& tensor);
  Facts derive(const graph::Node& node);

  const graph::Graph& m_graph;
  std::unordered_map<std::string, Facts> m_facts;
};

// Gives the same outputs for the same inputs, holds no subgraph, and is one of ONNX's own operators.
bool isPure(const graph::Node& node);

}  // namespace ridgeline::advisor
