// An executed node stands for the part of the file's graph that ends in the tensors it makes and begins at tensors
// which other executed nodes make, or which are given: inputs, initializers, values folded when the model was loaded.
#include "engine/lineage.h"

#include "engine/lineage/executed_outputs.h"
#include "engine/lineage/value_numbers.h"

#include <unordered_set>

namespace ridgeline::engine {
namespace {

using onnx::NodeProto;

bool mentions(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// Operators that take quantized weights as they are: the DequantizeLinear of a weight then was not folded but is a
// part.
bool takesQuantizedWeights(const NodeProto& node) {
  const auto& op = node.op_type();
  return mentions(op, "QLinear") || mentions(op, "Integer") || mentions(op, "NBits") || mentions(op, "QGemm") ||
         mentions(op, "QAttention") || mentions(op, "Quantized") || mentions(op, "DynamicQuantize");
}

class Tracer {
 public:
  Tracer(const onnx::GraphProto& original, const onnx::GraphProto& executed)
      : m_original(original), m_executed(executed), m_values(original), m_outputs(original, executed) {
    for (int i = 0; i < original.node_size(); ++i) {
      for (const auto& output : original.node(i).output()) {
        if (!output.empty()) m_maker[output] = i;
      }
    }
    for (int i = 0; i < executed.node_size(); ++i) {
      for (const auto& tensor : m_outputs.of(i)) addBoundary(tensor);
    }
    // A constant folded at load keeps the name of the tensor it replaces.
    for (const auto& tensor : executed.initializer()) addBoundary(tensor.name());
    m_claimed.resize(static_cast<size_t>(original.node_size()), false);
  }

  Lineage trace() {
    Lineage lineage;
    for (int i = 0; i < m_executed.node_size(); ++i) {
      const auto& node = m_executed.node(i);
      const auto claimed = claimFor(node, m_outputs.of(i));
      auto& sources = lineage.sources[node.name()];
      for (const int index : claimed) sources.push_back(graph::idOf(m_original.node(index)));
      if (claimed.empty() && !ExecutedOutputs::isAdapter(node)) ++lineage.unmatched;
    }
    return lineage;
  }

 private:
  void addBoundary(const std::string& tensor) {
    m_boundary.insert(tensor);
    if (const int value = m_values.of(tensor); value >= 0) m_boundaryValues.insert(value);
  }

  bool makesBoundary(const NodeProto& node) const {
    for (const auto& output : node.output()) {
      if (!output.empty() && m_boundary.contains(output)) return true;
    }
    return false;
  }

  void claim(int index, std::vector<int>& pending) {
    if (m_claimed[static_cast<size_t>(index)]) return;
    m_claimed[static_cast<size_t>(index)] = true;
    pending.push_back(index);
  }

  // Equal nodes that the engine merged into the one it kept.
  void claimMerged(int index, std::vector<int>& pending) {
    for (const auto& output : m_original.node(index).output()) {
      const int value = output.empty() ? -1 : m_values.of(output);
      if (value < 0) continue;
      for (const int maker : m_values.makers(value)) {
        if (!makesBoundary(m_original.node(maker))) claim(maker, pending);
      }
    }
  }

  void claimBehind(const std::string& input, const NodeProto& executed, std::vector<int>& pending) {
    const auto maker = m_maker.find(input);
    if (maker == m_maker.end()) return;
    const int value = m_values.of(input);
    if (value >= 0 && m_boundaryValues.contains(value)) return;
    const bool weight =
        m_original.node(maker->second).op_type() == "DequantizeLinear" && takesQuantizedWeights(executed);
    if (value >= 0 && m_values.isConstant(value) && !weight) return;  // folded when the model was loaded
    claim(maker->second, pending);
  }

  // Nodes of the file in the order in which they were reached, from the tensors made backwards.
  std::vector<int> claimFor(const NodeProto& executed, const std::vector<std::string>& made) {
    std::vector<int> claimed;
    for (const auto& tensor : made) claim(m_maker.at(tensor), claimed);
    for (size_t next = 0; next < claimed.size(); ++next) {
      const int index = claimed[next];
      claimMerged(index, claimed);
      for (const auto& input : m_original.node(index).input()) claimBehind(input, executed, claimed);
    }
    return claimed;
  }

  const onnx::GraphProto& m_original;
  const onnx::GraphProto& m_executed;
  ValueNumbers m_values;
  ExecutedOutputs m_outputs;
  std::unordered_map<std::string, int> m_maker;
  std::unordered_set<std::string> m_boundary;  // tensors by name, and their values
  std::unordered_set<int> m_boundaryValues;
  std::vector<bool> m_claimed;
};

}  // namespace

Lineage traceLineage(const graph::Model& original, const graph::Model& optimized) {
  return Tracer(original.graphProto(), optimized.graphProto()).trace();
}

}  // namespace ridgeline::engine
