// Work of groups of the file's nodes: what a fused operator does, and how its time divides among its nodes.
#pragma once

#include "collector/observe.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace ridgeline::collector {

// The part of the work's bytesRead that is weights.
double constantBytesOf(const graph::Work& work, std::span<const graph::TensorShape> inputs);

class NodeGroups {
 public:
  // The model and the works must outlive this.
  NodeGroups(const graph::Model& model, const engine::ShapeMap& shapes, const NodeWorks& works);

  // Work of an operator that does all of these nodes at once: operations add up; tensors that only go from one of them
  // to another are neither written nor read. None when the work of one is not known.
  std::optional<WorkShare> fused(const std::vector<std::string>& ids) const;

  // How much of the group's time each node takes, by its modelled work; adds up to 1.
  std::vector<double> shares(const std::vector<std::string>& ids) const;

 private:
  double bytesOf(const std::string& tensor) const;
  std::unordered_map<std::string_view, const graph::Node*> m_nodes;  // by id
  std::unordered_map<std::string_view, std::vector<const graph::Node*>> m_readers;
  std::unordered_set<std::string_view> m_outputs;
  const engine::ShapeMap& m_shapes;
  const NodeWorks& m_works;
};

}  // namespace ridgeline::collector
