#include "engine/onnxruntime/executed_graph.h"

#include "graph/graph.h"

#include <fstream>
#include <system_error>
#include <unordered_set>

namespace ridgeline::engine {
namespace fs = std::filesystem;
namespace {

// Stands in for the weights, which were not kept: a file without content that looks long enough for all of them.
std::error_code putEmptyWeights(const fs::path& path) {
  static constexpr uintmax_t kAnyLength = uintmax_t{1} << 40;
  std::error_code ec;
  fs::remove(path, ec);  // the link; what it points to is the system's
  std::ofstream(path).close();
  fs::resize_file(path, kAnyLength, ec);
  return ec;
}

Result<graph::Model> readAndRemove(const fs::path& path) {
  const fs::path weights = path.string() + ".data";
  if (const auto ec = putEmptyWeights(weights)) {
    return unavailable(fmt::format("cannot write {}: {}", weights.string(), ec.message()));
  }
  auto model = graph::Model::load(path);
  std::error_code ec;
  fs::remove(weights, ec);
  fs::remove(path, ec);
  return model;
}

}  // namespace

Result<ExecutedGraph> ExecutedGraph::load(const std::filesystem::path& path) {
  auto model = readAndRemove(path);
  if (!model) return passOn(model);
  std::unordered_set<std::string> taken;
  for (const auto& node : model->graphProto().node()) taken.insert(node.name());
  std::unordered_set<std::string> seen;
  for (auto& node : *model->graphProto().mutable_node()) {
    if (!node.name().empty() && seen.insert(node.name()).second) continue;
    const auto base = fmt::format("{}_{}", node.op_type(), graph::idOf(node));
    auto name = base;
    for (int i = 1; taken.contains(name); ++i) name = fmt::format("{}_{}", base, i);
    taken.insert(name);
    seen.insert(name);
    node.set_name(name);
  }
  return ExecutedGraph(std::move(*model));
}

void ExecutedGraph::nameEvents(std::vector<NodeEvent>& events) const {
  const auto& nodes = m_model.graphProto().node();
  std::vector<NodeEvent*> main;
  for (auto& event : events) {
    if (event.depth == 0) main.push_back(&event);
  }
  if (main.size() != static_cast<size_t>(nodes.size())) return;
  for (size_t i = 0; i < main.size(); ++i) {
    if (main[i]->opType != nodes[static_cast<int>(i)].op_type()) return;
  }
  for (size_t i = 0; i < main.size(); ++i) main[i]->name = nodes[static_cast<int>(i)].name();
}

}  // namespace ridgeline::engine
