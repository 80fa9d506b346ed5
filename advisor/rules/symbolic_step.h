// What one operator makes of symbolic shapes, for SymbolicShapes.
#pragma once

#include "advisor/rules/symbolic_shapes.h"

namespace ridgeline::advisor {

class SymbolicStep {
 public:
  SymbolicStep(const graph::Graph& graph, SymbolicShapes& shapes, const graph::Node& node)
      : m_graph(graph), m_shapes(shapes), m_node(node) {}
  void run();

 private:
  using Dims = std::optional<SymbolicDims>;

  const SymbolicShapes::Facts& input(int index) const;
  Dims dimsOf(int index) const;
  Dims intsOf(int index) const;
  std::optional<SymbolicDims> constantInts(int index, const char* attribute) const;
  void setDims(Dims dims, int output = 0);
  void setInts(Dims integers);
  SymbolicDims freshDims(size_t rank);

  bool elementwise();
  bool layout();
  bool products();
  bool reductions();
  bool fused();
  void transpose();
  void reshape();
  Dim inferredDim(const SymbolicDims& from, const SymbolicDims& to);
  void unsqueeze();
  void squeeze();
  void concat();
  void slice();
  Dim slicedLength(Dim size, Dim start, Dim end);
  void sliceInts(Dim start, Dim end);
  void split();
  void gather();
  void expand();
  void range();
  void tile();
  void shapeOf();
  void convolution();
  void transposedConvolution();
  int64_t intAt(const char* attribute, size_t index, int64_t otherwise) const;
  Dim slid(Dim size, Dim kernel, size_t i, size_t places);
  void matMul(const Dims& a, const Dims& b);
  void attention();
  void arithmetic();
  Dim calculated(Dim x, Dim y);
  Dim unknownValue();
  void numbers();

  const graph::Graph& m_graph;
  SymbolicShapes& m_shapes;
  const graph::Node& m_node;
};

}  // namespace ridgeline::advisor
