// The part of a graph whose values are the same in every run, and its evaluation.
#pragma once

#include "advisor/rule.h"
#include "advisor/rules/fixed_shapes.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace ridgeline::advisor {

class ConstantRegion {
 public:
  // With `pinned`, shapes seen with the job's inputs count as those of every run.
  ConstantRegion(const graph::Graph& graph, const Subject& subject, bool pinned);

  // Nodes in it that others outside read: each can be replaced by its value. In the file's order.
  const std::vector<graph::Node*>& frontier() const { return m_frontier; }
  // Every node that nothing needs once the frontier is replaced, the frontier included.
  const std::vector<graph::Node*>& nodes() const { return m_nodes; }

  // Values of all used outputs of these frontier nodes, from running them and what they stand on.
  Result<std::map<std::string, graph::Tensor>> evaluate(const std::vector<graph::Node*>& wanted) const;

 private:
  bool belongs(const graph::Node& node, FixedShapes& fixed) const;
  bool growsTooMuch(const graph::Node& node) const;
  bool isOutside(const graph::Node* node) const { return !m_members.contains(node); }
  void dropUselessFrontier();
  void addToModel(const graph::Node& node, graph::Model& model, std::set<std::string>& made) const;

  const graph::Graph& m_graph;
  const Subject& m_subject;
  std::set<const graph::Node*> m_members;
  std::vector<graph::Node*> m_frontier, m_nodes;
};

}  // namespace ridgeline::advisor
