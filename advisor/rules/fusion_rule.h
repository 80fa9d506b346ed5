// The frame of a rule that puts one operator in the place of several: finding the places, predicting the gain,
// rewriting them in order. A rule says what a place looks like and how to rewrite one.
#pragma once

#include "advisor/rule.h"
#include "advisor/rules/fusion_gain.h"
#include "advisor/rules/symbolic_shapes.h"

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace ridgeline::advisor {

class FusionRule : public Rule {
 public:
  Result<std::vector<Opportunity>> find(graph::Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override;
  Result<int> apply(graph::Graph& graph, const Opportunity& opportunity, const Subject& subject) const override;

 protected:
  struct Place {
    std::vector<graph::Node*> nodes;  // that the fused operator replaces
    std::string kind;                 // places alike, for people: "attention block of 12 heads of 64"
    std::string risk = {};            // what must hold of the values for the rewrite to be right; empty for nothing
    double mostOfTime = std::numeric_limits<double>::infinity();  // as FusionPlace
  };
  struct Look {
    std::optional<Place> place;
    std::string why;  // what stood in the way; empty when this does not look like a place at all
  };
  // Rewrites the place of an anchor; false when it is none any more. Lives as long as one pass over the graph.
  using Rewriter = std::function<bool(graph::Node& anchor)>;

  virtual std::vector<std::string> anchorTypes() const = 0;
  virtual std::string fusedOperator() const = 0;
  virtual Look look(const graph::Graph& graph, const SymbolicShapes& shapes, graph::Node& anchor) const = 0;
  virtual Rewriter rewriter(graph::Graph& graph) const = 0;
  // What the places would win. By default they are cut out and timed, as they are and rewritten.
  virtual FusionGain gain(graph::Graph& graph, std::span<const FusionPlace> places, const Subject& subject) const;

 private:
  std::vector<graph::Node*> anchors(graph::Graph& graph) const;
  int rewritePlaces(graph::Graph& graph, std::span<const std::string> places) const;
};

// A node whose only output gets a fresh name like `hint`; returns that name.
std::string addNamed(graph::Graph& graph, graph::NodeSpec spec, std::string_view hint);
// A vector of integers as an initializer; returns its name.
std::string addInts(graph::Graph& graph, const std::vector<int64_t>& values, std::string_view hint);

constexpr const char* kContribDomain = "com.microsoft";

}  // namespace ridgeline::advisor
