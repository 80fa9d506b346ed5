// Which tensors of a graph hold the same value, because equal operators made them of equal inputs. Engines keep one of
// such nodes and drop the others.
#pragma once

#include "graph/model.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace ridgeline::engine {

class ValueNumbers {
 public:
  explicit ValueNumbers(const onnx::GraphProto& graph);  // which must outlive this

  // -1 for a tensor the graph does not have.
  int of(const std::string& tensor) const;
  // Nodes that make the value, in the file's order; none for inputs and initializers.
  const std::vector<int>& makers(int number) const { return m_makers[static_cast<size_t>(number)]; }
  // True when the value follows from initializers and Constant nodes alone.
  bool isConstant(int number) const { return m_constant[static_cast<size_t>(number)]; }

 private:
  int add(const std::string& tensor, bool constant);
  void addNode(const onnx::NodeProto& node, int index);
  bool dependsOnConstantsOnly(const onnx::NodeProto& node) const;
  std::string keyOf(const onnx::NodeProto& node, int index) const;

  std::unordered_map<std::string, int> m_numbers;
  std::unordered_map<std::string, std::vector<int>> m_byKey;  // the numbers of such a node's outputs
  std::vector<std::vector<int>> m_makers;
  std::vector<bool> m_constant;
};

}  // namespace ridgeline::engine
