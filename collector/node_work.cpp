#include "collector/node_work.h"

#include <algorithm>

namespace ridgeline::collector {
namespace {

using graph::Node;
using graph::TensorShape;

TensorShape shapeOf(const std::string& tensor, const engine::ShapeMap& shapes,
                    const std::unordered_set<std::string>& constants) {
  const auto found = tensor.empty() ? shapes.end() : shapes.find(tensor);
  if (found == shapes.end()) return {};
  return {found->second.type, found->second.dims, constants.contains(tensor)};
}

// False when a tensor that is there has no known shape.
bool collectShapes(const google::protobuf::RepeatedPtrField<std::string>& tensors, const engine::ShapeMap& shapes,
                   const std::unordered_set<std::string>& constants, std::vector<TensorShape>& out) {
  for (const auto& tensor : tensors) {
    out.push_back(shapeOf(tensor, shapes, constants));
    if (!tensor.empty() && !out.back().present()) return false;
  }
  return true;
}

std::unordered_set<std::string> constantsOf(const graph::Model& model) {
  std::unordered_set<std::string> constants;
  for (const auto& initializer : model.graphProto().initializer()) constants.insert(initializer.name());
  for (const auto& node : model.graphProto().node()) {
    if (graph::isOp(node, "Constant") && node.output_size() > 0) constants.insert(node.output(0));
  }
  return constants;
}

}  // namespace

NodeWorks nodeWorks(const graph::Model& model, const engine::ShapeMap& shapes) {
  const auto constants = constantsOf(model);
  NodeWorks works;
  for (const auto& node : model.graphProto().node()) {
    std::vector<TensorShape> inputs, outputs;
    if (!collectShapes(node.input(), shapes, constants, inputs)) continue;
    if (!collectShapes(node.output(), shapes, constants, outputs)) continue;
    if (const auto work = graph::workOf(node, inputs, outputs)) {
      works.emplace(graph::idOf(node), WorkShare{*work, constantBytesOf(*work, inputs)});
    }
  }
  return works;
}

double constantBytesOf(const graph::Work& work, std::span<const graph::TensorShape> inputs) {
  double constant = 0, all = 0;
  for (const auto& input : inputs) {
    const auto bytes = static_cast<double>(input.bytes());
    all += bytes;
    if (input.constant) constant += bytes;
  }
  // An operator that reads a part of its inputs (Gather) reads as much less of its weights.
  return all > work.bytesRead && all > 0 ? constant * work.bytesRead / all : constant;
}

NodeGroups::NodeGroups(const graph::Model& model, const engine::ShapeMap& shapes, const NodeWorks& works)
    : m_shapes(shapes), m_works(works) {
  for (const auto& node : model.graphProto().node()) {
    m_nodes.emplace(graph::idOf(node), &node);
    for (const auto& input : node.input()) m_readers[input].push_back(&node);
  }
  for (const auto& output : model.graphProto().output()) m_outputs.insert(output.name());
}

double NodeGroups::bytesOf(const std::string& tensor) const {
  const auto found = m_shapes.find(tensor);
  if (found == m_shapes.end()) return 0;
  return static_cast<double>(TensorShape{found->second.type, found->second.dims, false}.bytes());
}

std::optional<WorkShare> NodeGroups::fused(const std::vector<std::string>& ids) const {
  if (ids.empty()) return std::nullopt;
  std::unordered_set<const Node*> group;
  WorkShare sum;
  double most = -1;
  for (const auto& id : ids) {
    const auto node = m_nodes.find(id);
    const auto share = m_works.find(id);
    if (node == m_nodes.end() || share == m_works.end()) return std::nullopt;
    group.insert(node->second);
    const auto& work = share->second.work;
    sum.work.flops += work.flops;
    sum.work.intOps += work.intOps;
    sum.work.bytesRead += work.bytesRead;
    sum.work.bytesWritten += work.bytesWritten;
    sum.constantBytes += share->second.constantBytes;
    if (work.operations() > most) {
      most = work.operations();
      sum.work.computeType = work.computeType;
    }
  }
  for (const auto* node : group) {
    for (const auto& output : node->output()) {
      const auto readers = m_readers.find(output);
      if (output.empty() || readers == m_readers.end() || m_outputs.contains(output)) continue;
      double inside = 0;
      bool leaves = false;
      for (const auto* reader : readers->second) {
        inside += group.contains(reader) ? 1 : 0;
        leaves = leaves || !group.contains(reader);
      }
      const double bytes = bytesOf(output);
      sum.work.bytesRead -= inside * bytes;
      if (!leaves) sum.work.bytesWritten -= bytes;
    }
  }
  // Operators that only rename a tensor count no bytes, and so leave less than was subtracted.
  sum.work.bytesRead = std::max({sum.work.bytesRead, sum.constantBytes, 0.0});
  sum.work.bytesWritten = std::max(sum.work.bytesWritten, 0.0);
  return sum;
}

std::vector<double> NodeGroups::shares(const std::vector<std::string>& ids) const {
  // Operations a processor does in the time it moves a byte: about 10 on anything with vector units.
  constexpr double kOperationsPerByte = 10;
  std::vector<double> costs;
  double least = 0;
  for (const auto& id : ids) {
    const auto found = m_works.find(id);
    const double cost =
        found == m_works.end() ? -1 : found->second.work.operations() / kOperationsPerByte + found->second.work.bytes();
    if (cost > 0) least = least > 0 ? std::min(least, cost) : cost;
    costs.push_back(cost);
  }
  double sum = 0;
  for (auto& cost : costs) {
    if (cost < 0) cost = least;  // unknown: little, but something
    sum += cost;
  }
  for (auto& cost : costs) cost = sum > 0 ? cost / sum : 1.0 / static_cast<double>(costs.size());
  return costs;
}

}  // namespace ridgeline::collector
