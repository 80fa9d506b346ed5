// Patterns over a graph, for rules that fit a screen.
//
//   using namespace ridgeline::graph::pattern;
//   // x * 0.5 * (1 + erf(x / sqrt(2))), in any order of the commutative operands
//   const auto x = any("x");
//   const auto gelu = op("Mul", {op("Mul", {x, op("Add", {op("Erf", {op("Div", {x, scalar(1.41421356)})}),
//   scalar(1)})}),
//                                scalar(0.5)});
//   if (auto m = match(graph, *node, gelu)) use(m->tensor("x"));
//
// A name that occurs twice must stand for the same tensor. Operands of Add, Mul, Min, Max, Mean, Sum, And, Or, Xor and
// Equal match in any order.
#pragma once

#include "graph/graph.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::graph {

namespace pattern {
struct Item;
using Pattern = std::shared_ptr<const Item>;

Pattern any(std::string_view name = {});                        // any tensor; bound to the name
Pattern constant(std::string_view name = {});                   // any constant
Pattern scalar(double value, double relativeTolerance = 1e-3);  // a one-element constant of this value
Pattern scalar(std::string_view name);                          // a one-element constant of any value
// A node of this type, by its first output; `name` binds the node and that tensor. Inputs given must match; further
// ones may exist unless exact() wraps it. "A|B" accepts either type. A null Pattern accepts anything, also an absent
// input.
Pattern op(std::string_view opTypes, std::vector<Pattern> inputs = {}, std::string_view name = {},
           std::string_view domain = {});
Pattern exact(Pattern op);
// The op by another of its outputs, as of Split; -1 for any.
Pattern output(Pattern op, int index);
// Narrow an op by a check on its node (an attribute, say); `why` is told when it fails.
Pattern where(Pattern op, std::function<bool(const Graph&, const Node&)> check, std::string_view why);
// Either pattern: the first that matches. exact, output and where reach into each choice, and behind through.
Pattern either(std::vector<Pattern> choices);
// The pattern, or the same behind one node of this type (a Cast, Identity, Reshape...), by that node's first input.
Pattern through(std::string_view opTypes, Pattern inner);
}  // namespace pattern

struct Match {
  std::map<std::string, std::string, std::less<>> tensors;  // bound names -> tensor names
  std::map<std::string, Node*, std::less<>> bound;          // bound names -> nodes
  std::vector<Node*> nodes;                                 // every node matched, root first, each once

  const std::string& tensor(std::string_view name) const;  // empty if not bound (the other branch of an either)
  Node* node(std::string_view name) const;                 // null if not bound
};

// Why a pattern did not match, for near misses: how many nodes had matched when it failed, and on what.
struct Mismatch {
  int matchedNodes = 0;
  std::string at;   // id of the node or tensor where it stopped
  std::string why;  // "expected Softmax, found LogSoftmax"
};

// Matches the pattern with `root` as its outermost node. On failure `mismatch`, if given, holds the furthest attempt.
std::optional<Match> match(const Graph& graph, Node& root, const pattern::Pattern& pattern,
                           Mismatch* mismatch = nullptr);

// True when, apart from `outputs`, nothing outside the matched nodes reads what they make: they can be replaced.
bool isClosed(const Graph& graph, const std::vector<Node*>& nodes, std::span<const std::string> outputs);

}  // namespace ridgeline::graph
