// What makes a node a no-op.
#pragma once

#include "advisor/rule.h"
#include "advisor/rules/fixed_shapes.h"
#include "advisor/rules/symbolic_shapes.h"

#include <optional>
#include <string>

namespace ridgeline::advisor {

class NoopFinder {
 public:
  // With `pinned`, shapes seen with the job's inputs count as those of every run.
  NoopFinder(const graph::Graph& graph, const Subject& subject, bool pinned = false)
      : m_graph(graph), m_subject(subject), m_fixed(graph, pinned) {}

  // The tensor that the node's first output always equals, in value, type and shape; empty when it does something.
  std::string source(const graph::Node& node);
  // For a Reshape, Squeeze, Unsqueeze or Flatten whose result does not depend on its input's shape: what it may read
  // instead of the output of another such node. Empty when there is none.
  std::string earlierSource(const graph::Node& node);
  // For an Expand whose readers all broadcast what it is given to the same shape by themselves: what they may read
  // instead. Empty when there is none.
  std::string unexpanded(const graph::Node& node);

 private:
  bool doesNothing(const graph::Node& node);
  bool arithmeticWith(const graph::Node& node, double neutral, bool eitherSide);
  bool keepsType(const graph::Node& node) const;
  bool keepsShape(const graph::Node& node);
  bool undoesPrevious(const graph::Node& node) const;
  bool slicesEverything(const graph::Node& node) const;
  bool padsNothing(const graph::Node& node) const;
  bool broadcastsAlike(const graph::Node& reader, const graph::Node& expand);
  const SymbolicShapes& symbolic();
  // Both known, fixed, and equal.
  bool sameShape(const std::string& a, const std::string& b);
  std::optional<std::vector<int64_t>> constantInts(const graph::Node& node, int input) const;

  const graph::Graph& m_graph;
  const Subject& m_subject;
  FixedShapes m_fixed;
  std::optional<SymbolicShapes> m_symbolic;  // made at the first need
  int m_kept = 0;                            // index of the input that the node under test hands on
};

}  // namespace ridgeline::advisor
