// Edits on a model's main graph, with every index kept right: who makes a tensor, who reads it.
//
// A Node* points into the model's protobuf and stays valid until that node is removed. A tensor is named by a string,
// as in ONNX. A node is identified across copies of a model by its first non-empty output: see idOf(). Tensors read
// inside subgraphs (If, Loop, Scan bodies) count as read by the node that holds the subgraph.
#pragma once

#include "graph/model.h"
#include "graph/string_map.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace ridgeline::graph {

using Node = onnx::NodeProto;

const std::string& idOf(const Node& node);  // empty for a node that makes nothing
// "" and "ai.onnx" are one; `domain` "" means the default domain.
bool isOp(const Node& node, std::string_view opType, std::string_view domain = {});
bool hasInput(const Node& node, int index);  // the optional one is there

// Attributes, with the operator's own default where the node does not set them.
int64_t intAttribute(const Node& node, std::string_view name, int64_t otherwise);
float floatAttribute(const Node& node, std::string_view name, float otherwise);
std::string stringAttribute(const Node& node, std::string_view name, std::string_view otherwise);
std::vector<int64_t> intsAttribute(const Node& node, std::string_view name);
const onnx::AttributeProto* findAttribute(const Node& node, std::string_view name);

using AttributeValue = std::variant<int64_t, float, std::string, std::vector<int64_t>, std::vector<float>, Tensor>;
void setAttribute(Node& node, std::string_view name, const AttributeValue& value);
void removeAttribute(Node& node, std::string_view name);

struct NodeSpec {
  std::string opType;
  std::vector<std::string> inputs;   // "" for an optional one left out
  std::vector<std::string> outputs;  // empty: one fresh name
  std::vector<std::pair<std::string, AttributeValue>> attributes;
  std::string domain;
  std::string name;  // empty: made from the op type
};

class Graph {
 public:
  explicit Graph(Model& model);  // the model must outlive the graph and not be edited behind its back
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  Model& model() { return m_model; }
  const Model& model() const { return m_model; }

  // In the file's order; after sort(), topological.
  std::vector<Node*> nodes() const;
  std::vector<Node*> nodesOf(std::string_view opType, std::string_view domain = {}) const;
  Node* find(std::string_view id) const;  // by idOf(); null if gone

  // The node that makes a tensor; null for graph inputs, initializers and unknown names.
  Node* producer(std::string_view tensor) const;
  // The input's producer if it is this operator, else null.
  Node* producerOf(const Node& node, int input, std::string_view opType, std::string_view domain = {}) const;
  // Nodes that read a tensor, each once even if it reads it twice, in the file's order.
  std::vector<Node*> consumers(std::string_view tensor) const;
  // The only reader of the tensor, which is no graph output; else null.
  Node* onlyConsumer(std::string_view tensor) const;

  bool isGraphInput(std::string_view tensor) const;  // not counting initializers listed as inputs
  bool isGraphOutput(std::string_view tensor) const;
  bool isUsed(std::string_view tensor) const;  // read by a node or a graph output

  // A tensor whose value the file fixes: an initializer that is no overridable input (those listed as inputs are, from
  // IR version 4 on), or a Constant node's output. Sparse ones are not counted.
  bool isConstant(std::string_view tensor) const;
  std::optional<Tensor> constant(std::string_view tensor) const;    // nullopt too where external data cannot be read
  std::optional<Dims> constantDims(std::string_view tensor) const;  // without reading the data
  std::optional<DataType> constantType(std::string_view tensor) const;
  // The value when the constant has one element of a numeric type.
  std::optional<double> scalarConstant(std::string_view tensor) const;

  // --- edits ---
  std::string uniqueName(std::string_view hint);  // a tensor or node name not in use, "hint" or "hint_1", ...
  std::string addInitializer(std::string_view hint, const Tensor& tensor);  // returns its name
  Node* addNode(NodeSpec spec);                                             // imports no opset: see Model::requireOpset
  void removeNode(Node* node);  // its outputs must not be in use, or be redefined before the edit ends
  void setInput(Node* node, int index, std::string_view tensor);  // grows the list with "" as needed
  void setOutput(Node* node, int index, std::string_view tensor);

  // Every reader of `from` reads `to` instead, save the node that makes `to`: so a node put behind `from` can take its
  // place. When `from` is a graph output its name must stay: the producer of `to` then makes `from` (and `to`'s other
  // readers follow), or an Identity does where `to` is an input, a constant or an output. The old producer of `from` is
  // left with a fresh name to make. An output that is itself a graph input keeps its value.
  void replaceTensor(std::string_view from, std::string_view to);

  // Removes nodes none of whose outputs is used, initializers that nothing reads (unless they are overridable inputs or
  // a part of the training information), and value_info of tensors that are gone. Returns the number of nodes removed.
  int removeDead();
  // Topological order, stable; false when there is a cycle (order unchanged).
  bool sort();

 private:
  struct Constant;
  void index();
  void indexNode(Node* node);
  void addUse(std::string_view tensor, Node* node);
  void removeUse(std::string_view tensor, Node* node);
  void renameReads(Node* node, std::string_view from, std::string_view to);
  void renameOutput(Node* node, std::string_view from, std::string_view to);
  void renameWeights(const std::string& from, const std::string& to);
  void takeOverOutput(std::string_view output, std::string_view to);
  Constant findConstant(std::string_view tensor) const;
  bool isOverridable(std::string_view tensor) const;

  Model& m_model;
  StringMap<Node*> m_producer;
  StringMap<std::vector<Node*>> m_consumers;  // one entry a use
  StringMap<onnx::TensorProto*> m_initializers;
  StringSet m_inputs;  // as listed, initializers included
  StringSet m_outputs;
  StringSet m_names;  // ever in use, for uniqueName
  StringMap<int> m_nextSuffix;
  std::unordered_map<const Node*, int64_t> m_position;  // grows in the file's order, with gaps
  int64_t m_nextPosition = 0;
};

}  // namespace ridgeline::graph
