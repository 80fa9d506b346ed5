// The operators before a selection that need to make only what is selected.
#pragma once

#include "advisor/rules/selection/row_wise.h"
#include "advisor/rules/selection/selection.h"

#include <map>
#include <string>
#include <vector>

namespace ridgeline::advisor {

// Every operator whose results reach the model's outputs through this selection alone, and that makes each selected
// entry from the same entries of its inputs.
class SelectedRegion {
 public:
  // The graph must not change before apply().
  SelectedRegion(const graph::Graph& graph, const SymbolicShapes& shapes, const Selection& selection);

  const Selection& selection() const { return m_selection; }
  const std::vector<graph::Node*>& nodes() const { return m_nodes; }  // the last one first
  // Who else reads what is selected from, where that alone keeps its producer out; else null.
  const graph::Node* otherReader() const;

  void apply(graph::Graph& graph) const;

 private:
  bool grow();
  bool tryToAdd(const std::string& tensor, size_t axis);
  bool readsOnlySelected(const graph::Node& reader, const std::string& tensor, size_t axis) const;
  bool makesOnlyTargets(const graph::Node& node) const;
  bool has(const graph::Node* node) const { return m_needs.contains(node); }

  const graph::Graph& m_graph;
  const SymbolicShapes& m_shapes;
  Selection m_selection;
  std::vector<graph::Node*> m_nodes;
  std::map<const graph::Node*, RowWise> m_needs;
  std::map<std::string, size_t> m_wanted;  // tensors of which only the selected entries are needed: along which axis
};

}  // namespace ridgeline::advisor
