// Normalization over the last axis as exporters write it out: (x - mean) / sqrt(mean of squares + epsilon), times a
// weight, plus a bias; or the same without taking the mean off, which is RMS normalization.
#pragma once

#include "advisor/rules/symbolic_shapes.h"
#include "graph/graph.h"

#include <optional>
#include <string>
#include <vector>

namespace ridgeline::advisor {

struct NormBlock {
  std::string x;
  graph::Node* last = nullptr;  // its output is the result
  double epsilon = 0;
  std::string weight, bias;  // (width); empty when there is none
  int64_t width = 0;         // of the last axis
  std::vector<graph::Node*> nodes;
};

struct NormMatch {
  std::optional<NormBlock> block;
  std::string why;  // empty when this is no normalization at all
};

enum class Centered { No, Yes };

// The normalization whose quotient is this Div or Mul; a weight and a bias behind it belong to it.
NormMatch matchNorm(const graph::Graph& graph, const SymbolicShapes& shapes, graph::Node& quotient, Centered centered);

// Layer normalization as TensorFlow writes it, with the weight moved inside: this Add is
// x * (weight / deviation) + (bias - mean * (weight / deviation)).
NormMatch matchFoldedNorm(const graph::Graph& graph, const SymbolicShapes& shapes, graph::Node& sum);

// The block's weight, or a new constant of ones where it has none.
std::string weightOf(graph::Graph& graph, const NormBlock& block);

}  // namespace ridgeline::advisor
