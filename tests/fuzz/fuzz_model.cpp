// Any bytes are either refused or make a model that can be asked, edited and written, and that stays one.
#include "graph/graph.h"
#include "graph/match.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

using namespace ridgeline;
using namespace ridgeline::graph;

namespace {

// No such folder: external data is looked for, and not found.
constexpr const char* nowhere = "/dev/null/none";

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

void requireModel(const Model& model, const char* after) {
  const auto bytes = model.serialize();
  require(bytes.has_value(), after);
  const auto again = Model::parse(*bytes, nowhere);
  if (!again) std::fprintf(stderr, "%s\n", again.error().text().c_str());
  require(again.has_value(), after);
}

void ask(const Graph& graph) {
  static const auto pattern = pattern::op(
      "Add|Mul|Relu", {pattern::either({pattern::scalar("k"), pattern::through("Cast", pattern::any("x"))})}, "root");
  for (auto* node : graph.nodes()) {
    const auto& id = idOf(*node);
    require(id.empty() || graph.find(id) == node, "a node is found by its id");
    for (const auto& input : node->input()) {
      if (auto constant = graph.constant(input)) {
        require(constant->dims() == graph.constantDims(input), "a constant's dims");
        constant->toFloats();
        constant->toInts();
      }
      graph.scalarConstant(input);
      graph.onlyConsumer(input);
      require(input.empty() || !graph.consumers(input).empty(), "a tensor that is read has a reader");
    }
    const auto found = match(graph, *node, pattern);
    require(!found || isClosed(graph, found->nodes, {}) || !found->nodes.empty(), "a match has nodes");
  }
}

// Takes nodes out of the way, as a rule that finds them superfluous does.
void bypass(Graph& graph) {
  int left = 8;
  for (auto* node : graph.nodes()) {
    if (node->input_size() == 0 || idOf(*node).empty() || --left < 0) continue;
    const auto from = idOf(*node);
    const auto to = node->input(0);
    graph.replaceTensor(from, to);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto model = Model::parse({reinterpret_cast<const char*>(data), size}, nowhere);
  if (!model) return 0;
  requireModel(*model, "a model that was parsed is written and parsed again");
  Graph graph(*model);
  ask(graph);
  require(graph.sort(), "a model that was parsed has no cycle");
  bypass(graph);
  requireModel(*model, "a model stays one when nodes are bypassed");
  graph.removeDead();
  requireModel(*model, "a model stays one when dead nodes are removed");
  require(graph.sort(), "edits make no cycle");
  ask(graph);
  return 0;
}
