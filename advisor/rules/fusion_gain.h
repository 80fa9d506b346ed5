// What a fusion would win at the shapes at hand: its place cut out of the model and timed alone, before and after.
#pragma once

#include "advisor/rule.h"

#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ridgeline::advisor {

// The nodes as a model of their own: what they read becomes its inputs, with the shapes of the subject; small constants
// and the arithmetic that shapes come from are taken along. Fails where a shape is not known.
Result<graph::Model> cutOut(const graph::Graph& graph, std::span<graph::Node* const> nodes, const Subject& subject);

// A place of a fusion: the nodes it replaces, and its anchor.
struct FusionPlace {
  std::string anchor;
  std::vector<graph::Node*> nodes;
  // Timed alone, it may take this much of its time, rewritten: with more, it is none.
  double mostOfTime = std::numeric_limits<double>::infinity();
};

struct FusionGain {
  std::vector<std::string> byEngine;  // anchors of places that the engine fuses by itself: nothing to win there
  double ms = 0;                      // of all places; never negative
  std::vector<std::string> evidence;  // one line for each kind of place
  std::vector<std::string> tooSlow;   // anchors of places that take more than they may
};

// Places that the engine turns into the fused operator on its own are told apart. Times every different kind of place
// once, as it is and as `rewrite` leaves it. Where the engine cannot time it, the observed times of the nodes that only
// move memory count as the gain.
FusionGain fusionGain(const graph::Graph& graph, std::span<const FusionPlace> places, const Subject& subject,
                      std::string_view fusedName,
                      const std::function<Status(graph::Graph&, const std::string&)>& rewrite);

}  // namespace ridgeline::advisor
