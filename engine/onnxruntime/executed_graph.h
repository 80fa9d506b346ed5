// The graph that the engine runs, as it wrote it down.
#pragma once

#include "engine/session.h"

#include <filesystem>
#include <string>
#include <vector>

namespace ridgeline::engine {

class ExecutedGraph {
 public:
  // Reads what writeOptimizedModel() had written, and removes it. Nodes without a name, or with one that occurs before,
  // are given one made of operator and output.
  static Result<ExecutedGraph> load(const std::filesystem::path& path);

  const graph::Model& model() const { return m_model; }

  // Gives the events of the main graph the names that its nodes have here. The engine runs nodes in the order in which
  // it wrote them; where events and nodes do not agree so, events keep the engine's own names.
  void nameEvents(std::vector<NodeEvent>& events) const;

 private:
  explicit ExecutedGraph(graph::Model model) : m_model(std::move(model)) {}
  graph::Model m_model;
};

}  // namespace ridgeline::engine
