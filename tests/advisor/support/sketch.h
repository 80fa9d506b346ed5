// Small models written out by hand, for tests.
#pragma once

#include "graph/graph.h"
#include "graph/model.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ridgeline::test {

// Standard normal values times `scale`.
graph::Tensor randomTensor(graph::Dims dims, uint64_t seed = 1, float scale = 1);
graph::Tensor ints(const std::vector<int64_t>& values);
graph::Tensor index(int64_t value);  // of no dims
graph::Tensor floats(graph::Dims dims, const std::vector<float>& values);

class Sketch {
 public:
  explicit Sketch(int64_t opset = 17) : m_model(graph::Model::create(opset, "sketch")) {}
  Sketch(const Sketch& other) : m_model(other.m_model.clone()) {}
  Sketch& operator=(const Sketch& other) {
    m_model = other.m_model.clone();
    return *this;
  }

  // -1 leaves a dim open, under the name "<port>_<axis>".
  Sketch& input(const std::string& name, graph::Dims dims, graph::DataType type = graph::DataType::Float);
  Sketch& output(const std::string& name, graph::DataType type = graph::DataType::Float);
  Sketch& weight(const std::string& name, const graph::Tensor& value);
  Sketch& node(const std::string& opType, std::vector<std::string> inputs, std::vector<std::string> outputs,
               const std::vector<std::pair<std::string, graph::AttributeValue>>& attributes = {},
               const std::string& domain = {});
  graph::Model model() const { return m_model.clone(); }

 private:
  graph::Model m_model;
};

}  // namespace ridgeline::test
