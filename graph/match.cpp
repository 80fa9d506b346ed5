// A backtracking matcher. What is still to be matched is passed along as a continuation, so that a choice made early
// (the order of commutative operands, a branch of either) is revised when something later fails.
#include "graph/match.h"

#include "graph/pattern_item.h"

#include <algorithm>
#include <cmath>

namespace ridgeline::graph {
namespace {

using pattern::Item;
using pattern::Kind;
using pattern::Pattern;
using Next = std::function<bool()>;

constexpr std::string_view commutative[] = {"Add", "Mul", "Min", "Max", "Mean", "Sum", "And", "Or", "Xor", "Equal"};

bool isCommutative(const Node& node) {
  return std::any_of(std::begin(commutative), std::end(commutative), [&](auto type) { return isOp(node, type); });
}

// Infinities, as masks are filled with, match only themselves.
bool isNear(double found, double wanted, double relativeTolerance) {
  if (!std::isfinite(found) || !std::isfinite(wanted)) return found == wanted;
  return std::abs(found - wanted) <= relativeTolerance * std::abs(wanted);
}

class Matcher {
 public:
  Matcher(const Graph& graph, Mismatch* mismatch) : m_graph(graph), m_mismatch(mismatch) {}

  bool run(Node& root, const Pattern& pattern) {
    return matchRoot(root, pattern, [] { return true; });
  }
  Match take() { return std::move(m_match); }

 private:
  bool fails(const std::string& at, std::string why) {
    const int matched = static_cast<int>(m_match.nodes.size());
    if (m_mismatch && (m_mismatch->why.empty() || matched > m_mismatch->matchedNodes)) {
      *m_mismatch = {matched, at, std::move(why)};
    }
    return false;
  }

  bool matchRoot(Node& root, const Pattern& pattern, const Next& next) {
    if (!pattern || pattern->kind == Kind::Any) return matchTensor(idOf(root), pattern, next);
    if (pattern->kind == Kind::Op) return matchNode(root, *pattern, next);
    if (pattern->kind == Kind::Either) {
      return std::any_of(pattern->choices.begin(), pattern->choices.end(),
                         [&](const Pattern& choice) { return matchRoot(root, choice, next); });
    }
    if (pattern->kind == Kind::Through) {
      return matchRoot(root, pattern->choices[0], next) || matchBehind(root, *pattern, next);
    }
    return matchTensor(idOf(root), pattern, next);
  }

  bool matchTensor(const std::string& tensor, const Pattern& pattern, const Next& next) {
    if (!pattern) return next();
    switch (pattern->kind) {
      case Kind::Any:
        return bindTensor(pattern->name, tensor, next);
      case Kind::Constant:
        if (!m_graph.isConstant(tensor)) return fails(tensor, "expected a constant");
        return bindTensor(pattern->name, tensor, next);
      case Kind::Scalar:
        return matchScalar(tensor, *pattern, next);
      case Kind::Op:
        return matchProducer(tensor, *pattern, next);
      case Kind::Either:
        return std::any_of(pattern->choices.begin(), pattern->choices.end(),
                           [&](const Pattern& choice) { return matchTensor(tensor, choice, next); });
      case Kind::Through: {
        if (matchTensor(tensor, pattern->choices[0], next)) return true;
        Node* node = m_graph.producer(tensor);
        return node && node->output(0) == tensor && matchBehind(*node, *pattern, next);
      }
    }
    return false;
  }

  bool matchScalar(const std::string& tensor, const Item& item, const Next& next) {
    const auto found = m_graph.scalarConstant(tensor);
    if (!found) return fails(tensor, "expected a constant with one element");
    if (item.value && !isNear(*found, *item.value, item.relativeTolerance)) {
      return fails(tensor, fmt::format("expected {}, found {}", *item.value, *found));
    }
    return bindTensor(item.name, tensor, next);
  }

  bool matchProducer(const std::string& tensor, const Item& item, const Next& next) {
    Node* node = m_graph.producer(tensor);
    if (!node) return fails(tensor, fmt::format("expected {}, found no node", fmt::join(item.opTypes, " or ")));
    if (item.output >= 0 && hasType(*node, item) &&
        (item.output >= node->output_size() || node->output(item.output) != tensor)) {
      return fails(tensor, fmt::format("expected output {} of {}", item.output, node->op_type()));
    }
    return matchNode(*node, item, next);
  }

  static bool hasType(const Node& node, const Item& item) {
    return std::any_of(item.opTypes.begin(), item.opTypes.end(),
                       [&](const std::string& type) { return isOp(node, type, item.domain); });
  }

  bool matchNode(Node& node, const Item& item, const Next& next) {
    if (!hasType(node, item)) {
      return fails(idOf(node), fmt::format("expected {}, found {}", fmt::join(item.opTypes, " or "), node.op_type()));
    }
    if (item.exact && node.input_size() != static_cast<int>(item.inputs.size())) {
      return fails(idOf(node), fmt::format("expected {} inputs of {}, found {}", item.inputs.size(), node.op_type(),
                                           node.input_size()));
    }
    for (const auto& check : item.checks) {
      if (!check.holds(m_graph, node)) return fails(idOf(node), check.why);
    }
    return withNode(node, [&] {
      return bindNode(item, node, [&] {
        if (isCommutative(node)) return matchAnyOrder(node, item, 0, {}, next);
        return matchInputs(node, item, 0, next);
      });
    });
  }

  bool matchBehind(Node& node, const Item& through, const Next& next) {
    if (!hasType(node, through) || node.input_size() == 0) return false;
    return withNode(node, [&] { return matchTensor(node.input(0), through.choices[0], next); });
  }

  bool matchInput(const Node& node, int index, const Pattern& pattern, const Next& next) {
    if (!pattern) return next();
    if (index >= node.input_size() || node.input(index).empty()) {
      return fails(idOf(node), fmt::format("expected input {} of {}, found none", index, node.op_type()));
    }
    return matchTensor(node.input(index), pattern, next);
  }

  bool matchInputs(const Node& node, const Item& item, size_t from, const Next& next) {
    if (from == item.inputs.size()) return next();
    return matchInput(node, static_cast<int>(from), item.inputs[from],
                      [&] { return matchInputs(node, item, from + 1, next); });
  }

  // `used`: inputs of the node that earlier patterns have taken.
  bool matchAnyOrder(const Node& node, const Item& item, size_t from, std::vector<int> used, const Next& next) {
    if (from == item.inputs.size()) return next();
    if (!item.inputs[from]) return matchAnyOrder(node, item, from + 1, used, next);
    if (static_cast<int>(item.inputs.size()) > node.input_size()) {
      return fails(idOf(node), fmt::format("expected {} inputs of {}, found {}", item.inputs.size(), node.op_type(),
                                           node.input_size()));
    }
    for (int i = 0; i < node.input_size(); ++i) {
      if (std::find(used.begin(), used.end(), i) != used.end()) continue;
      auto taken = used;
      taken.push_back(i);
      const bool matched =
          matchInput(node, i, item.inputs[from], [&] { return matchAnyOrder(node, item, from + 1, taken, next); });
      if (matched) return true;
    }
    return false;
  }

  bool bindTensor(const std::string& name, const std::string& tensor, const Next& next) {
    if (name.empty()) return next();
    const auto [it, isNew] = m_match.tensors.try_emplace(name, tensor);
    if (!isNew) {
      if (it->second == tensor) return next();
      return fails(tensor, fmt::format("expected '{}' again, which is {}", name, it->second));
    }
    if (next()) return true;
    m_match.tensors.erase(name);
    return false;
  }

  bool bindNode(const Item& item, Node& node, const Next& next) {
    if (item.name.empty()) return next();
    const auto [it, isNew] = m_match.bound.try_emplace(item.name, &node);
    if (!isNew && it->second != &node) {
      return fails(idOf(node), fmt::format("expected '{}' again, which makes {}", item.name, idOf(*it->second)));
    }
    const bool hasOutput = item.output >= 0 && item.output < node.output_size();
    if (bindTensor(item.name, hasOutput ? node.output(item.output) : idOf(node), next)) return true;
    if (isNew) m_match.bound.erase(item.name);
    return false;
  }

  bool withNode(Node& node, const Next& next) {
    auto& nodes = m_match.nodes;
    if (std::find(nodes.begin(), nodes.end(), &node) != nodes.end()) return next();
    nodes.push_back(&node);
    if (next()) return true;
    nodes.pop_back();
    return false;
  }

  const Graph& m_graph;
  Mismatch* m_mismatch;
  Match m_match;
};

}  // namespace

const std::string& Match::tensor(std::string_view name) const {
  static const std::string none;
  const auto it = tensors.find(name);
  return it == tensors.end() ? none : it->second;
}

Node* Match::node(std::string_view name) const {
  const auto it = bound.find(name);
  return it == bound.end() ? nullptr : it->second;
}

std::optional<Match> match(const Graph& graph, Node& root, const pattern::Pattern& pattern, Mismatch* mismatch) {
  if (mismatch) *mismatch = {};
  Matcher matcher(graph, mismatch);
  if (!matcher.run(root, pattern)) return std::nullopt;
  return matcher.take();
}

bool isClosed(const Graph& graph, const std::vector<Node*>& nodes, std::span<const std::string> outputs) {
  for (const Node* node : nodes) {
    for (const auto& tensor : node->output()) {
      if (tensor.empty() || std::find(outputs.begin(), outputs.end(), tensor) != outputs.end()) continue;
      if (graph.isGraphOutput(tensor)) return false;
      for (const Node* reader : graph.consumers(tensor)) {
        if (std::find(nodes.begin(), nodes.end(), reader) == nodes.end()) return false;
      }
    }
  }
  return true;
}

}  // namespace ridgeline::graph
