#include "advisor/rules/selection/selected_region.h"

#include <algorithm>

namespace ridgeline::advisor {

using graph::Graph;
using graph::Node;

SelectedRegion::SelectedRegion(const Graph& graph, const SymbolicShapes& shapes, const Selection& selection)
    : m_graph(graph), m_shapes(shapes), m_selection(selection), m_wanted{{selection.from(), selection.axis}} {
  while (grow()) {
  }
}

// An operator qualifies once all its readers have: its inputs are looked at when it is added. A Shape whose result only
// a Reshape needs is no reader either once that is added, wherever it is: hence another round while there is progress.
bool SelectedRegion::grow() {
  std::vector<std::string> open;
  for (const auto& [tensor, axis] : m_wanted) open.push_back(tensor);
  const size_t before = m_nodes.size();
  while (!open.empty()) {
    const std::string tensor = std::move(open.back());
    open.pop_back();
    const auto wanted = m_wanted.find(tensor);
    if (wanted == m_wanted.end() || !tryToAdd(tensor, wanted->second)) continue;
    open.insert(open.end(), m_nodes.back()->input().begin(), m_nodes.back()->input().end());
  }
  return m_nodes.size() > before;
}

bool SelectedRegion::tryToAdd(const std::string& tensor, size_t axis) {
  Node* const producer = m_graph.producer(tensor);
  if (!producer || has(producer) || m_graph.isConstant(tensor) || m_graph.isGraphOutput(tensor)) return false;
  if (producer->output(0) != tensor) return false;
  for (int i = 1; i < producer->output_size(); ++i) {
    if (!producer->output(i).empty() && m_graph.isUsed(producer->output(i))) return false;
  }
  const auto readers = m_graph.consumers(tensor);
  if (!std::ranges::all_of(readers, [&](const Node* n) { return readsOnlySelected(*n, tensor, axis); })) return false;
  auto needs = rowWise(m_graph, m_shapes, *producer, axis);
  if (!needs) return false;
  std::map<std::string, size_t> more;
  for (size_t i = 0; i < needs->axes.size(); ++i) {
    if (!needs->axes[i]) continue;
    const auto& input = producer->input(static_cast<int>(i));
    const auto known = m_wanted.find(input);
    const size_t here = known != m_wanted.end() ? known->second : more.emplace(input, *needs->axes[i]).first->second;
    if (here != *needs->axes[i]) return false;  // along one axis here, along another there
  }
  m_wanted.merge(more);
  m_needs.emplace(producer, std::move(*needs));
  m_nodes.push_back(producer);
  return true;
}

bool SelectedRegion::readsOnlySelected(const Node& reader, const std::string& tensor, size_t axis) const {
  if (&reader == m_selection.node) return std::ranges::count(reader.input(), tensor) == 1;
  const auto needs = m_needs.find(&reader);
  if (needs == m_needs.end()) return graph::isOp(reader, "Shape") && makesOnlyTargets(reader);
  for (int i = 0; i < reader.input_size(); ++i) {
    if (reader.input(i) == tensor && needs->second.axes[static_cast<size_t>(i)] != axis) return false;
  }
  return true;
}

// What it computes is used for nothing but targets of Reshape nodes in the region, which get new ones.
bool SelectedRegion::makesOnlyTargets(const Node& node) const {
  return std::ranges::all_of(node.output(), [&](const std::string& output) {
    if (m_graph.isGraphOutput(output)) return false;
    return std::ranges::all_of(m_graph.consumers(output), [&](const Node* reader) {
      if (!has(reader)) return makesOnlyTargets(*reader);
      return graph::isOp(*reader, "Reshape") && reader->input(0) != output;
    });
  });
}

const Node* SelectedRegion::otherReader() const {
  const std::string& tensor = m_selection.from();
  const Node* const producer = m_graph.producer(tensor);
  if (!m_nodes.empty() || !producer || m_graph.isGraphOutput(tensor)) return nullptr;
  if (!rowWise(m_graph, m_shapes, *producer, m_selection.axis)) return nullptr;
  for (const Node* reader : m_graph.consumers(tensor)) {
    if (!readsOnlySelected(*reader, tensor, m_selection.axis)) return reader;
  }
  return nullptr;
}

void SelectedRegion::apply(Graph& graph) const {
  std::map<std::string, std::string> selected;
  for (Node* node : m_nodes) {
    const std::string tensor = node->output(0);
    graph.setOutput(node, 0, graph.uniqueName(tensor + "_selected"));
    selected[tensor] = node->output(0);
  }
  const auto selectedOf = [&](const std::string& tensor, size_t axis) {
    const auto known = selected.find(tensor);
    if (known != selected.end()) return known->second;
    return selected[tensor] = selectFrom(graph, m_selection, tensor, axis);
  };
  for (Node* node : m_nodes) {
    const RowWise& needs = m_needs.at(node);
    for (size_t i = 0; i < needs.axes.size(); ++i) {
      if (!needs.axes[i]) continue;
      const int input = static_cast<int>(i);
      graph.setInput(node, input, selectedOf(node->input(input), *needs.axes[i]));
    }
    if (!graph::isOp(*node, "Reshape")) continue;
    graph.setInput(
        node, 1, graph.addInitializer("selected_shape", graph::Tensor::vector(std::span<const int64_t>(needs.shape))));
    graph::removeAttribute(*node, "allowzero");
  }
  readSelected(graph, m_selection, selectedOf(m_selection.from(), m_selection.axis));
}

}  // namespace ridgeline::advisor
