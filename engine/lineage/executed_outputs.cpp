#include "engine/lineage/executed_outputs.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace ridgeline::engine {
namespace {

using onnx::NodeProto;

const std::set<std::string_view> kAdapters = {"ReorderInput", "ReorderOutput",  "Transpose",      "Cast",
                                              "Reshape",      "Squeeze",        "Unsqueeze",      "Identity",
                                              "MemcpyToHost", "MemcpyFromHost", "QuantizeLinear", "DequantizeLinear"};

constexpr int kLongestChain = 4;

bool contains(const google::protobuf::RepeatedPtrField<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// Where the engine lacks a 16-bit kernel it computes a tensor in float, under the tensor's name with this in front.
constexpr std::string_view kCastPrefix = "InsertedPrecisionFreeCast_";

std::string withoutCastPrefix(const std::string& tensor) {
  return tensor.starts_with(kCastPrefix) ? tensor.substr(kCastPrefix.size()) : tensor;
}

// "Conv_0_token_3" -> "Conv_0": a node the engine remade in another layout.
std::string withoutToken(const std::string& name) {
  const auto at = name.rfind("_token_");
  if (at == std::string::npos) return name;
  const bool number = name.find_first_not_of("0123456789", at + 7) == std::string::npos && at + 7 < name.size();
  return number ? name.substr(0, at) : name;
}

}  // namespace

bool ExecutedOutputs::isAdapter(const NodeProto& node) { return kAdapters.contains(node.op_type()); }

ExecutedOutputs::ExecutedOutputs(const onnx::GraphProto& original, const onnx::GraphProto& executed)
    : m_original(original), m_executed(executed) {
  indexOriginal();
  indexExecuted();
  m_made.resize(static_cast<size_t>(executed.node_size()));
  for (int i = 0; i < executed.node_size(); ++i) {
    const auto& node = executed.node(i);
    auto& made = m_made[static_cast<size_t>(i)];
    if (onlyRelays(node)) {
      if (node.input_size() > 0 && node.output_size() > 0) m_same[node.output(0)] = originalOf(node.input(0));
      continue;
    }
    made = byOutputName(node);
    if (made.empty()) made = byNodeName(node);
    if (made.empty()) made = behindAdapters(node);
    if (made.empty()) made = byFusedName(node);
    if (made.empty()) made = byInputs(node);
    if (made.size() == 1 && node.output_size() > 0) m_same[node.output(0)] = made.front();
  }
}

void ExecutedOutputs::indexOriginal() {
  std::set<std::string> repeated;
  for (const auto& node : m_original.node()) {
    for (const auto& output : node.output()) {
      if (!output.empty()) m_maker[output] = &node;
    }
    for (const auto& input : node.input()) m_readers[input].push_back(&node);
    if (node.name().empty()) continue;
    if (!m_originalByName.emplace(node.name(), &node).second) repeated.insert(node.name());
  }
  for (const auto& name : repeated) m_originalByName.erase(name);
}

void ExecutedOutputs::indexExecuted() {
  for (const auto& node : m_executed.node()) {
    for (const auto& output : node.output()) {
      if (!output.empty()) m_executedMaker[output] = &node;
    }
    for (const auto& input : node.input()) m_executedReaders[input].push_back(&node);
  }
}

const NodeProto* ExecutedOutputs::originalMaker(const std::string& executedTensor) const {
  const auto found = m_maker.find(withoutCastPrefix(executedTensor));
  return found == m_maker.end() ? nullptr : found->second;
}

// The node of the file whose name the executed one has, or has with what the engine's rewrites append.
const NodeProto* ExecutedOutputs::originalNamed(const std::string& executedName) const {
  auto name = withoutToken(executedName);
  for (const std::string_view fused : {"/MatMulAddFusion", "/GatherSliceToSplitFusion"}) {
    if (name.ends_with(fused)) name.resize(name.size() - fused.size());
  }
  const auto found = m_originalByName.find(name);
  return found == m_originalByName.end() ? nullptr : found->second;
}

std::string ExecutedOutputs::originalOf(const std::string& executedTensor) const {
  const auto found = m_same.find(executedTensor);
  return found == m_same.end() ? withoutCastPrefix(executedTensor) : found->second;
}

// An adapter the engine put in: its output is a tensor of the file that another operator makes there, and its input is
// one the file does not have; or its output is a tensor the file does not have, and no node of the file has its name.
bool ExecutedOutputs::onlyRelays(const NodeProto& node) const {
  if (!isAdapter(node) || node.input_size() == 0 || node.output_size() == 0) return false;
  if (node.op_type() == "ReorderInput" || node.op_type() == "ReorderOutput") return true;
  const auto* maker = originalMaker(node.output(0));
  if (maker) {
    return maker->op_type() != node.op_type() && m_executedMaker.contains(node.input(0)) &&
           !originalMaker(node.input(0));
  }
  const auto named = m_originalByName.find(node.name());
  return named == m_originalByName.end() || named->second->op_type() != node.op_type();
}

std::vector<std::string> ExecutedOutputs::byOutputName(const NodeProto& node) const {
  std::vector<std::string> made;
  for (const auto& output : node.output()) {
    if (originalMaker(output)) made.push_back(withoutCastPrefix(output));
  }
  if (!made.empty()) return made;
  // Nodes moved to ONNX Runtime's blocked layout are named after the tensor they made before.
  static constexpr std::string_view kBlocked = "_nchwc";
  if (!node.name().ends_with(kBlocked)) return made;
  const auto tensor = node.name().substr(0, node.name().size() - kBlocked.size());
  if (originalMaker(tensor)) made.push_back(tensor);
  return made;
}

std::vector<std::string> ExecutedOutputs::byNodeName(const NodeProto& node) const {
  const auto found = m_originalByName.find(node.name());
  if (found == m_originalByName.end() || found->second->op_type() != node.op_type()) return {};
  std::vector<std::string> made;
  for (const auto& output : found->second->output()) {
    // Another executed node makes it under its own name: that one stands for it.
    if (output.empty()) continue;
    const auto other = m_executedMaker.find(output);
    if (other == m_executedMaker.end() || onlyRelays(*other->second)) made.push_back(output);
  }
  return made;
}

// Operators of one kind that read one tensor, such as the slices that became a Split.
std::vector<std::string> ExecutedOutputs::unmadeSiblings(const NodeProto& node) const {
  std::vector<std::string> made;
  const auto readers = m_readers.find(node.input_size() > 0 ? node.input(0) : std::string());
  if (readers == m_readers.end()) return made;
  for (const auto* reader : readers->second) {
    const bool alike = reader->op_type() == node.op_type() && reader->input(0) == node.input(0);
    if (!alike || reader->output_size() == 0 || m_executedMaker.contains(reader->output(0))) continue;
    made.push_back(reader->output(0));
  }
  return made;
}

// A fused node that kept the name of its first part: what it makes is the output of its last.
std::vector<std::string> ExecutedOutputs::byFusedName(const NodeProto& node) const {
  const auto* part = originalNamed(node.name());
  if (!part || part->output_size() == 0) return {};
  if (node.op_type() == "Split") return unmadeSiblings(*part);
  const bool quantized = node.op_type().starts_with("QLinear") || node.op_type() == "QGemm";
  const bool withBias = node.op_type() == "Gemm" && part->op_type() == "MatMul";
  // Behind the part may come an activation, then the operator that closes the group.
  const std::string_view closing = quantized ? "QuantizeLinear" : withBias ? "Add" : "";
  for (int step = 0; step < kLongestChain && !closing.empty() && part->op_type() != closing; ++step) {
    const auto readers = m_readers.find(part->output(0));
    if (readers == m_readers.end() || readers->second.size() != 1 || readers->second[0]->output_size() == 0) return {};
    part = readers->second[0];
  }
  const bool closed =
      closing.empty() ? node.op_type().find(part->op_type()) != std::string::npos : part->op_type() == closing;
  if (!closed || m_executedMaker.contains(part->output(0))) return {};
  return {part->output(0)};
}

std::vector<std::string> ExecutedOutputs::behindAdapters(const NodeProto& start) const {
  const NodeProto* node = &start;
  for (int step = 0; step < kLongestChain; ++step) {
    if (node->output_size() == 0) return {};
    const auto readers = m_executedReaders.find(node->output(0));
    if (readers == m_executedReaders.end()) return {};
    const auto next = std::find_if(readers->second.begin(), readers->second.end(), [&](const NodeProto* reader) {
      return onlyRelays(*reader) && reader->input(0) == node->output(0);
    });
    if (next == readers->second.end()) return {};
    node = *next;
    if (originalMaker(node->output(0))) return {withoutCastPrefix(node->output(0))};
  }
  return {};
}

// The node of the file with this operator that reads what this one reads.
std::vector<std::string> ExecutedOutputs::byInputs(const NodeProto& node) const {
  if (node.input_size() == 0) return {};
  const auto readers = m_readers.find(originalOf(node.input(0)));
  if (readers == m_readers.end()) return {};
  for (const auto* candidate : readers->second) {
    if (candidate->op_type() != node.op_type() || candidate->output_size() == 0) continue;
    const bool same = std::all_of(node.input().begin(), node.input().end(), [&](const std::string& input) {
      return input.empty() || contains(candidate->input(), originalOf(input));
    });
    if (same && !m_executedMaker.contains(candidate->output(0))) return {candidate->output(0)};
  }
  return {};
}

}  // namespace ridgeline::engine
