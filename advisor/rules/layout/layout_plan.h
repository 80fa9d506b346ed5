// A choice of layout cut into regions that can be changed one without the other, and the change itself.
#pragma once

#include "advisor/rules/layout/layout_choice.h"

#include <vector>

namespace ridgeline::advisor {

// Operators that change together.
struct LayoutRegion {
  std::vector<graph::Node*> permuted;       // to be changed
  std::vector<graph::Node*> vanishing;      // Transposes that become superfluous; never empty
  int64_t bytesBefore = 0, bytesAfter = 0;  // transposed per run
};

// Regions in which fewer bytes are transposed than before, in the file's order.
std::vector<LayoutRegion> planLayout(const graph::Graph& graph, const Subject& subject, const LayoutChoice& choice);

// Changes one region of the choice. Leaves dead nodes, and nodes out of order.
void applyLayout(graph::Graph& graph, const LayoutChoice& choice, const LayoutRegion& region, const Permutation& perm);

}  // namespace ridgeline::advisor
