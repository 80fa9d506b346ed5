// Which tensors of the file each executed node makes, though the engine may have renamed or re-laid them.
#pragma once

#include "graph/model.h"

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace ridgeline::engine {

class ExecutedOutputs {
 public:
  ExecutedOutputs(const onnx::GraphProto& original, const onnx::GraphProto& executed);  // both must outlive this

  // Tensors of the original graph made by the executed node of this index; none for nodes of the engine's own.
  const std::vector<std::string>& of(int executed) const { return m_made[static_cast<size_t>(executed)]; }

  // True for operators that an engine puts in by itself, to change a layout or a type.
  static bool isAdapter(const onnx::NodeProto& node);

 private:
  void indexOriginal();
  void indexExecuted();
  const onnx::NodeProto* originalMaker(const std::string& executedTensor) const;
  const onnx::NodeProto* originalNamed(const std::string& executedName) const;
  bool onlyRelays(const onnx::NodeProto& node) const;
  std::vector<std::string> byOutputName(const onnx::NodeProto& node) const;
  std::vector<std::string> byNodeName(const onnx::NodeProto& node) const;
  std::vector<std::string> byFusedName(const onnx::NodeProto& node) const;
  std::vector<std::string> unmadeSiblings(const onnx::NodeProto& node) const;
  std::vector<std::string> behindAdapters(const onnx::NodeProto& node) const;
  std::vector<std::string> byInputs(const onnx::NodeProto& node) const;
  std::string originalOf(const std::string& executedTensor) const;

  const onnx::GraphProto& m_original;
  const onnx::GraphProto& m_executed;
  std::unordered_map<std::string, const onnx::NodeProto*> m_maker, m_originalByName, m_executedMaker;
  std::unordered_map<std::string, std::vector<const onnx::NodeProto*>> m_readers, m_executedReaders;
  std::unordered_map<std::string, std::string> m_same;  // executed tensor -> the original one it holds
  std::vector<std::vector<std::string>> m_made;
};

}  // namespace ridgeline::engine
