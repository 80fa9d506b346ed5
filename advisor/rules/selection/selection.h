// Nodes that take a few entries along one axis of a tensor, wherever it comes from.
#pragma once

#include "advisor/rules/symbolic_shapes.h"

#include <optional>
#include <string>

namespace ridgeline::advisor {

// A Gather by constant indices, or a Slice of one axis by constant bounds.
struct Selection {
  graph::Node* node = nullptr;
  size_t axis = 0;
  bool dropsAxis = false;  // a Gather by one index that is no list

  const std::string& from() const { return node->input(0); }
};

std::optional<Selection> selectionOf(const graph::Graph& graph, const SymbolicShapes& shapes, graph::Node& node);

// Adds what takes the same entries of another tensor; returns the result's name. The axis stays, if with one entry.
std::string selectFrom(graph::Graph& graph, const Selection& selection, const std::string& tensor, size_t axis);

// `selected` holds only the selection's entries of what it reads: makes its output from that.
void readSelected(graph::Graph& graph, const Selection& selection, const std::string& selected);

}  // namespace ridgeline::advisor
