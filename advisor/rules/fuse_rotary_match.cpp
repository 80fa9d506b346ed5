#include "advisor/rules/fuse_rotary_match.h"

#include "graph/match.h"

#include <fmt/format.h>

#include <algorithm>

namespace ridgeline::advisor {

namespace {

using graph::Graph;
using graph::isOp;
using graph::Node;

// The half of the last axis that a Slice takes.
enum class Half { None, First, Second };

class Matcher {
 public:
  Matcher(const Graph& graph, const SymbolicShapes& shapes, Node& sum) : m_graph(graph), m_shapes(shapes) {
    m_block.sum = &sum;
  }

  RotaryMatch run() {
    if (!findProducts() || !findAngles() || !checkShapes()) return {std::nullopt, m_why};
    findProjection();
    return {std::move(m_block), {}};
  }

 private:
  bool no(std::string why) {
    m_why = std::move(why);
    return false;
  }

  bool findProducts() {
    namespace p = graph::pattern;
    const auto x = p::any("x");
    const auto turned =
        p::op("Concat", {p::op("Neg", {p::op("Slice", {x}, "second")}), p::op("Slice", {x}, "first")}, "turned");
    const auto whole =
        p::op("Add", {p::op("Mul", {x, p::any("cos")}, "straight"), p::op("Mul", {turned, p::any("sin")}, "crossed")});
    const auto found = graph::match(m_graph, *m_block.sum, whole);
    if (!found) return false;
    m_block.x = found->tensor("x");
    m_cos = found->tensor("cos");
    m_sin = found->tensor("sin");
    m_block.nodes = found->nodes;
    const auto dims = m_shapes.dims(m_block.x);
    if (!dims || dims->size() != 4 || isSymbol((*dims)[1]) || isSymbol((*dims)[3]) || (*dims)[3] % 2 != 0) {
      return no("the number of heads or their size does not follow from the file");
    }
    m_block.heads = (*dims)[1];
    m_block.headSize = (*dims)[3];
    const int64_t axis = graph::intAttribute(*found->node("turned"), "axis", 0);
    if (axis != 3 && axis != -1) return no("the halves are not put together along the last axis");
    if (halfOf(*found->node("first")) != Half::First || halfOf(*found->node("second")) != Half::Second) {
      return no("what is turned are not the two halves of each head");
    }
    return graph::isClosed(m_graph, found->nodes, {{m_block.sum->output(0)}}) ||
           no("a value inside is also read elsewhere");
  }

  Half halfOf(const Node& slice) const {
    const auto value = [&](int i) { return i < slice.input_size() ? m_shapes.integers(slice.input(i)) : std::nullopt; };
    const auto starts = value(1), ends = value(2), axes = value(3), steps = value(4);
    const auto one = [](const auto& v) { return v && v->size() == 1; };
    if (!one(starts) || !one(ends) || !one(axes) || (steps && steps->front() != 1)) return Half::None;
    if (axes->front() != 3 && axes->front() != -1) return Half::None;
    const int64_t middle = m_block.headSize / 2;
    if (starts->front() == 0 && ends->front() == middle) return Half::First;
    const bool toTheEnd = isNumber(ends->front()) && ends->front() >= m_block.headSize;
    return starts->front() == middle && toTheEnd ? Half::Second : Half::None;
  }

  // The angles behind a cosine or sine that is repeated in both halves and set against the heads.
  std::string anglesOf(const std::string& tensor, const char* function) {
    Node* const unsqueeze = m_graph.producer(tensor);
    if (!unsqueeze || !isOp(*unsqueeze, "Unsqueeze")) return {};
    Node* const wave = m_graph.producerOf(*unsqueeze, 0, function);
    Node* const repeated = wave ? m_graph.producerOf(*wave, 0, "Concat") : nullptr;
    if (!repeated || repeated->input_size() != 2 || repeated->input(0) != repeated->input(1)) return {};
    const auto dims = m_shapes.dims(tensor), flat = m_shapes.dims(repeated->input(0));
    if (!dims || dims->size() != 4 || (*dims)[1] != 1 || !flat || flat->size() != 3) return {};
    const int64_t axis = graph::intAttribute(*repeated, "axis", 0);
    const bool same = (*dims)[0] == (*flat)[0] && (*dims)[2] == (*flat)[1] && (*dims)[3] == m_block.headSize;
    if (!same || (axis != -1 && axis != 2)) return {};
    for (Node* node : {unsqueeze, wave, repeated}) {
      if (std::ranges::find(m_block.nodes, node) == m_block.nodes.end()) m_block.nodes.push_back(node);
    }
    return repeated->input(0);
  }

  bool findAngles() {
    m_block.angles = anglesOf(m_cos, "Cos");
    if (m_block.angles.empty())
      return no(fmt::format("{} is not the cosine of angles that repeat in both halves", m_cos));
    if (m_block.angles != anglesOf(m_sin, "Sin")) return no("cosine and sine are not those of the same angles");
    return true;
  }

  bool checkShapes() {
    const auto x = m_shapes.dims(m_block.x), angles = m_shapes.dims(m_block.angles);
    if ((*angles)[1] != (*x)[2]) return no("there may not be an angle for each position");
    m_block.sharedPositions = (*angles)[0] == 1;
    if (!m_block.sharedPositions && (*angles)[0] != (*x)[0]) return no("there may not be angles for each sequence");
    return true;
  }

  void findProjection() {
    Node* const split = m_graph.producer(m_block.x);
    if (!split || !isOp(*split, "Transpose") ||
        graph::intsAttribute(*split, "perm") != std::vector<int64_t>{0, 2, 1, 3})
      return;
    Node* const reshape = m_graph.producerOf(*split, 0, "Reshape");
    const auto x = m_shapes.dims(m_block.x);
    if (!reshape || m_shapes.dims(reshape->input(0)) != SymbolicDims{(*x)[0], (*x)[2], (*x)[1] * (*x)[3]}) return;
    m_block.split = split;
    m_block.reshape = reshape;
    m_block.nodes.insert(m_block.nodes.end(), {split, reshape});
  }

  const Graph& m_graph;
  const SymbolicShapes& m_shapes;
  RotaryBlock m_block;
  std::string m_cos, m_sin, m_why;
};

}  // namespace

RotaryMatch matchRotary(const Graph& graph, const SymbolicShapes& shapes, Node& sum) {
  if (!isOp(sum, "Add")) return {};
  return Matcher(graph, shapes, sum).run();
}

}  // namespace ridgeline::advisor
