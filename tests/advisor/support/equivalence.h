// What a rule's test stands on: the rewritten graph equals the one written by hand, and computes the same as before.
#pragma once

#include "advisor/rule.h"
#include "engine/session.h"
#include "graph/model.h"
#include "tests/advisor/support/sketch.h"

#include <string>
#include <vector>

namespace ridgeline::test {

// Where two graphs part; empty when they are equal up to the names of inner tensors and nodes, the order of nodes, and
// whether a constant is an initializer or a Constant node. Inputs and outputs must keep their names. Floating-point
// constants may differ by `constantTolerance`, relative. Sharing counts: one node used twice is not two equal nodes.
// Nodes that reach no output count as a difference.
std::string difference(const graph::Model& a, const graph::Model& b, double constantTolerance = 1e-5);

// Where the outputs part when both run on the same inputs, at the engine's lowest optimization level so that the
// rewriting itself is what is compared; empty when every element is within `tolerance` * (1 + |expected|).
std::string outputDifference(const graph::Model& before, const graph::Model& after, const engine::NamedTensors& inputs,
                             double tolerance);

// What the rule is told beside the model.
struct Setup {
  engine::NamedTensors inputs;             // left empty: made up by the engine library
  std::map<std::string, int64_t> symbols;  // sizes of open dims when they are made up
  advisor::NodeTimes times;
  advisor::FusedNodes fused;
  bool pinnedShapes = false;
  bool ioLayout = false;
  int64_t maxOpset = std::numeric_limits<int64_t>::max();
  int threads = 1;
  double lookSeconds = 0;        // for rules that run the model to predict
  double preflightSeconds = 60;  // for timing single operators
  double tolerance = 1e-4;       // of outputs
  bool run = true;               // compare outputs too; false where the engine has no kernel for the model
};

struct Rewritten {
  graph::Model model;
  std::vector<advisor::Opportunity> opportunities;
  std::vector<advisor::NearMiss> nearMisses;
  int places = 0;  // rewritten, over all opportunities
};

// Finds and applies every opportunity (of variant `variant`, if given). Fails the test when the rule fails, when find()
// changes the graph, when the result does not load, or when its outputs differ.
Rewritten rewrite(const advisor::Rule& rule, const graph::Model& model, const Setup& setup = {},
                  std::string_view variant = {});

// The rule turns `before` into `expected`.
void requireRewrites(const advisor::Rule& rule, const graph::Model& before, const graph::Model& expected,
                     const Setup& setup = {});
// The rule finds nothing here; returns the near misses it told.
std::vector<advisor::NearMiss> requireNothing(const advisor::Rule& rule, const graph::Model& model,
                                              const Setup& setup = {});

}  // namespace ridgeline::test
