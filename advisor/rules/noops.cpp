#include "advisor/rules/noops.h"

#include <algorithm>
#include <limits>

namespace ridgeline::advisor {

using graph::intAttribute;
using graph::intsAttribute;
using graph::isOp;
using graph::Node;

namespace {

bool isAny(const Node& node, std::initializer_list<std::string_view> types) {
  return std::ranges::any_of(types, [&](std::string_view t) { return isOp(node, t); });
}

}  // namespace

std::string NoopFinder::source(const Node& node) {
  if (node.input_size() == 0 || node.output_size() == 0 || node.output(0).empty()) return {};
  m_kept = 0;
  std::string kept;
  if (undoesPrevious(node)) {
    kept = m_graph.producer(node.input(0))->input(0);
  } else if (doesNothing(node)) {
    kept = node.input(m_kept);
  } else {
    return {};
  }
  // A graph output must keep its name, which takes an Identity unless a node can make it.
  const auto isBoundary = [&](const std::string& t) {
    return m_graph.isGraphInput(t) || m_graph.isConstant(t) || m_graph.isGraphOutput(t);
  };
  if (m_graph.isGraphOutput(node.output(0)) && isBoundary(kept)) return {};
  return kept;
}

bool NoopFinder::doesNothing(const Node& node) {
  if (isOp(node, "Identity")) return true;
  if (isOp(node, "Dropout")) {
    const bool maskUsed = node.output_size() > 1 && m_graph.isUsed(node.output(1));
    const bool mayTrain = graph::hasInput(node, 2) && m_graph.scalarConstant(node.input(2)).value_or(1) != 0;
    return !maskUsed && !mayTrain && m_graph.model().opset() >= 7;
  }
  if (isAny(node, {"Cast", "CastLike"})) return keepsType(node);
  if (isOp(node, "Add")) return arithmeticWith(node, 0, true);
  if (isOp(node, "Sub")) return arithmeticWith(node, 0, false);
  if (isOp(node, "Mul")) return arithmeticWith(node, 1, true);
  if (isAny(node, {"Div", "Pow"})) return arithmeticWith(node, 1, false);
  if (isAny(node, {"Concat", "Sum", "Max", "Min", "Mean"})) return node.input_size() == 1;
  if (isOp(node, "Pad")) return padsNothing(node);
  if (isOp(node, "Slice")) return slicesEverything(node) || keepsShape(node);
  if (isAny(node, {"Reshape", "Squeeze", "Unsqueeze", "Expand", "Flatten", "Tile"})) return keepsShape(node);
  return false;
}

// x + 0, x * 1 and the like: the constant has one element and no more dimensions than x, so it broadcasts away.
bool NoopFinder::arithmeticWith(const Node& node, double neutral, bool eitherSide) {
  if (node.input_size() != 2) return false;
  for (const int constant : {1, 0}) {
    if (constant == 0 && !eitherSide) break;
    const auto value = m_graph.scalarConstant(node.input(constant));
    if (!value || *value != neutral) continue;
    const auto dims = m_graph.constantDims(node.input(constant));
    const engine::TensorFacts* const x = m_subject.shape(node.input(1 - constant));
    if (!dims || (!dims->empty() && (!x || x->dims.size() < dims->size()))) continue;
    // Pow's result has the base's type, and -0 + 0 is 0, which compares equal: both harmless.
    m_kept = 1 - constant;
    return true;
  }
  return false;
}

bool NoopFinder::keepsType(const Node& node) const {
  const engine::TensorFacts* const from = m_subject.shape(node.input(0));
  const engine::TensorFacts* const to = m_subject.shape(node.output(0));
  if (!from || from->type == graph::DataType::Undefined) return false;
  if (isOp(node, "Cast")) return static_cast<int64_t>(from->type) == intAttribute(node, "to", 0);
  return to && from->type == to->type;
}

bool NoopFinder::sameShape(const std::string& a, const std::string& b) {
  const engine::TensorFacts* const shapeA = m_subject.shape(a);
  const engine::TensorFacts* const shapeB = m_subject.shape(b);
  return shapeA && shapeB && shapeA->dims == shapeB->dims && m_fixed.shape(a) && m_fixed.shape(b);
}

bool NoopFinder::keepsShape(const Node& node) {
  if (isOp(node, "Slice")) {
    // Taking all elements backwards keeps the shape too.
    const auto steps = constantInts(node, 4);
    if (graph::hasInput(node, 4) && (!steps || std::ranges::any_of(*steps, [](int64_t s) { return s < 0; })))
      return false;
  }
  return sameShape(node.input(0), node.output(0));
}

std::optional<std::vector<int64_t>> NoopFinder::constantInts(const Node& node, int input) const {
  if (!graph::hasInput(node, input)) return std::nullopt;
  const auto value = m_graph.constant(node.input(input));
  if (!value) return std::nullopt;
  return value->toInts();
}

// Squeeze after the Unsqueeze, or Unsqueeze after the Squeeze, of the same axes.
bool NoopFinder::undoesPrevious(const Node& node) const {
  if (!isAny(node, {"Squeeze", "Unsqueeze"})) return false;
  const Node* const previous = m_graph.producer(node.input(0));
  const std::string_view inverse = isOp(node, "Squeeze") ? "Unsqueeze" : "Squeeze";
  if (!previous || !isOp(*previous, inverse)) return false;
  const auto axes = [&](const Node& n) {
    auto list = constantInts(n, 1).value_or(intsAttribute(n, "axes"));
    std::ranges::sort(list);
    return list;
  };
  // Axes from the end count in different ranks before and after; both name the larger rank here, so equal is equal.
  return !axes(node).empty() && axes(node) == axes(*previous);
}

bool NoopFinder::padsNothing(const Node& node) const {
  const auto pads = constantInts(node, 1).value_or(intsAttribute(node, "pads"));
  return !pads.empty() && std::ranges::all_of(pads, [](int64_t p) { return p == 0; });
}

bool NoopFinder::slicesEverything(const Node& node) const {
  if (graph::hasInput(node, 4)) {
    const auto steps = constantInts(node, 4);
    if (!steps || std::ranges::any_of(*steps, [](int64_t s) { return s != 1; })) return false;
  }
  const bool asInputs = node.input_size() > 1;
  const auto starts = asInputs ? constantInts(node, 1) : std::optional(intsAttribute(node, "starts"));
  const auto ends = asInputs ? constantInts(node, 2) : std::optional(intsAttribute(node, "ends"));
  if (!starts || !ends || starts->empty()) return false;
  // INT32_MAX is how some exporters write "to the end".
  return std::ranges::all_of(*starts, [](int64_t s) { return s == 0; }) &&
         std::ranges::all_of(*ends, [](int64_t e) { return e >= std::numeric_limits<int32_t>::max(); });
}

std::string NoopFinder::earlierSource(const Node& node) {
  const Node* const previous = node.input_size() > 0 ? m_graph.producer(node.input(0)) : nullptr;
  if (!previous || !isAny(*previous, {"Reshape", "Squeeze", "Unsqueeze", "Flatten"}) || !isOp(node, "Reshape"))
    return {};
  if (m_graph.onlyConsumer(node.input(0)) != &node) return {};
  const auto shape = constantInts(node, 1);
  // 0 copies a dim of the input, which the earlier source may not have.
  if (!shape || std::ranges::any_of(*shape, [](int64_t d) { return d == 0; })) return {};
  return previous->input(0);
}

std::string NoopFinder::unexpanded(const Node& node) {
  if (!isOp(node, "Expand") || m_graph.isGraphOutput(node.output(0))) return {};
  const auto readers = m_graph.consumers(node.output(0));
  const bool all = std::ranges::all_of(readers, [&](const Node* reader) { return broadcastsAlike(*reader, node); });
  return all && !readers.empty() ? node.input(0) : std::string();
}

// Wherever Expand repeats, another operand has the size that it repeats to.
bool NoopFinder::broadcastsAlike(const Node& reader, const Node& expand) {
  if (!isAny(reader,
             {"Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Where", "And", "Or", "Equal", "Less", "Greater"})) {
    return false;
  }
  const auto from = symbolic().dims(expand.input(0)), to = symbolic().dims(expand.output(0));
  if (!from || !to || from->size() > to->size()) return false;
  for (size_t fromEnd = 1; fromEnd <= to->size(); ++fromEnd) {
    const Dim wanted = (*to)[to->size() - fromEnd];
    if (fromEnd <= from->size() && (*from)[from->size() - fromEnd] == wanted) continue;
    const bool given = std::ranges::any_of(reader.input(), [&](const std::string& operand) {
      const auto dims = operand == expand.output(0) ? std::nullopt : symbolic().dims(operand);
      return dims && fromEnd <= dims->size() && (*dims)[dims->size() - fromEnd] == wanted;
    });
    if (!given) return false;
  }
  return true;
}

const SymbolicShapes& NoopFinder::symbolic() {
  if (!m_symbolic) m_symbolic.emplace(m_graph);
  return *m_symbolic;
}

}  // namespace ridgeline::advisor
