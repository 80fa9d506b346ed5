// Builds the small models that forms.h times.
#pragma once

#include "graph/graph.h"

#include <string>
#include <vector>

namespace ridgeline::advisor::quantization {

// Values that are neither zero nor denormal, in every type: no kernel is faster or slower than on real ones.
graph::Tensor filled(graph::DataType type, graph::Dims dims);

// Spells a node's attributes, for keys of what was timed.
std::string attributesKey(const graph::Node& attributes);

// A model with one input "x" of fixed shape.
class FormModel {
 public:
  static constexpr int64_t kOpset = 17;
  FormModel(const std::string& name, graph::DataType type, const graph::Dims& dims, int64_t opset = kOpset);

  std::string add(graph::NodeSpec spec);  // returns the name of the output
  // The same with attributes that a node of a user's model has.
  std::string addLike(const graph::Node& attributes, graph::NodeSpec spec);
  std::string constant(const graph::Tensor& tensor);
  std::string floats(int64_t n);
  std::string scalar(float value);
  std::string zeroPoint(graph::DataType type, int value);
  std::string quantize(const std::string& x, const std::string& scale, const std::string& zero);
  std::string dequantize(const std::string& x, const std::string& scale, const std::string& zero, int64_t axis = 1);
  std::vector<std::string> split(const std::string& x, const std::vector<int64_t>& sizes, int64_t axis = -1);
  void output(const std::string& tensor, graph::DataType type = graph::DataType::Float);
  graph::Model take() &&;

 private:
  graph::Model m_model;
  graph::Graph m_graph;
};

}  // namespace ridgeline::advisor::quantization
