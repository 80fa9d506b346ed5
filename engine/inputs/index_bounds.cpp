#include "engine/inputs/index_bounds.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <vector>

namespace ridgeline::engine {
namespace {

// Operators that hand their first input's values on unchanged, as far as their range goes.
const std::set<std::string, std::less<>> kCarriers = {"Cast",    "Identity",  "Unsqueeze", "Squeeze", "Reshape",
                                                      "Flatten", "Transpose", "Expand",    "Slice",   "Tile",
                                                      "Concat",  "Split",     "Gather"};
// Operators that make a table of the same rows from a table, as in front of a quantized or half-precision embedding.
const std::set<std::string, std::less<>> kTableMakers = {"Cast", "Identity", "DequantizeLinear"};

class BoundFinder {
 public:
  explicit BoundFinder(const graph::Model& model) {
    const auto& graph = model.graphProto();
    for (const auto& tensor : graph.initializer()) {
      m_constants[tensor.name()] = {tensor.dims().begin(), tensor.dims().end()};
    }
    for (const auto& node : graph.node()) addNode(node);
  }

  int64_t boundOf(const std::string& input) {
    m_bound = kNone;
    std::set<std::string> seen;
    m_pending = {input};  // a list, not recursion: a graph can be very deep
    while (!m_pending.empty()) {
      const std::string tensor = std::move(m_pending.back());
      m_pending.pop_back();
      const auto readers = m_readers.find(tensor);
      if (readers == m_readers.end() || !seen.insert(tensor).second) continue;
      for (const auto* node : readers->second) readBy(*node, tensor);
    }
    return m_bound;
  }

  static constexpr int64_t kNone = INT64_MAX;

 private:
  void addNode(const onnx::NodeProto& node) {
    for (const auto& input : node.input()) m_readers[input].push_back(&node);
    if (node.output_size() > 0 && node.input_size() > 0 && kTableMakers.contains(node.op_type())) {
      const auto table = m_constants.find(node.input(0));
      if (table != m_constants.end()) m_constants[node.output(0)] = graph::Dims(table->second);
    }
    if (node.op_type() != "Constant") return;
    for (const auto& attribute : node.attribute()) {
      if (attribute.name() != "value" || node.output_size() == 0) continue;
      m_constants[node.output(0)] = {attribute.t().dims().begin(), attribute.t().dims().end()};
    }
  }

  void limit(const std::string& table, int64_t axis) {
    const auto found = m_constants.find(table);
    if (found == m_constants.end()) return;
    const auto rank = static_cast<int64_t>(found->second.size());
    if (axis < 0) axis += rank;
    if (axis >= 0 && axis < rank) m_bound = std::min(m_bound, found->second[static_cast<size_t>(axis)]);
  }

  void readBy(const onnx::NodeProto& node, const std::string& tensor) {
    const auto& op = node.op_type();
    if ((op == "Gather" || op == "GatherElements") && node.input_size() > 1 && node.input(1) == tensor) {
      int64_t axis = 0;
      for (const auto& a : node.attribute()) {
        if (a.name() == "axis") axis = a.i();
      }
      limit(node.input(0), axis);
      return;
    }
    if (op == "GatherBlockQuantized" && node.input_size() > 1 && node.input(1) == tensor)
      return limit(node.input(0), 0);
    if (op == "EmbedLayerNormalization") {
      // input_ids, segment_ids, their tables at 2 and 4; position_ids and its table.
      static constexpr std::pair<int, int> kTables[] = {{0, 2}, {1, 4}, {8, 3}};
      for (const auto& [ids, table] : kTables) {
        if (ids < node.input_size() && table < node.input_size() && node.input(ids) == tensor)
          limit(node.input(table), 0);
      }
      return;
    }
    if (!kCarriers.contains(op) || node.input_size() == 0) return;
    // Concat hands on all of its inputs, the others only the first.
    if (op != "Concat" && node.input(0) != tensor) return;
    for (const auto& output : node.output()) {
      if (!output.empty()) m_pending.push_back(output);
    }
  }

  std::unordered_map<std::string, graph::Dims> m_constants;
  std::unordered_map<std::string, std::vector<const onnx::NodeProto*>> m_readers;
  std::vector<std::string> m_pending;
  int64_t m_bound = kNone;
};

}  // namespace

std::map<std::string, int64_t> indexBounds(const graph::Model& model, const std::vector<std::string>& inputs) {
  BoundFinder finder(model);
  std::map<std::string, int64_t> bounds;
  for (const auto& input : inputs) {
    const int64_t bound = finder.boundOf(input);
    if (bound != BoundFinder::kNone) bounds[input] = bound;
  }
  return bounds;
}

}  // namespace ridgeline::engine
