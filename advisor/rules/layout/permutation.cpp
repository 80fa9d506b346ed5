#include "advisor/rules/layout/permutation.h"

#include <algorithm>
#include <numeric>

namespace ridgeline::advisor {

std::optional<Permutation> permutationOf(const graph::Node& node, const Subject& subject) {
  if (!graph::isOp(node, "Transpose") || node.input_size() != 1) return std::nullopt;
  const engine::TensorFacts* const facts = subject.shape(node.input(0));
  Permutation perm = graph::intsAttribute(node, "perm");
  if (perm.empty()) {
    if (!facts) return std::nullopt;
    perm.resize(facts->dims.size());
    std::iota(perm.rbegin(), perm.rend(), 0);
    return perm;
  }
  Permutation sorted = perm;
  std::ranges::sort(sorted);
  for (size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] != static_cast<int64_t>(i)) return std::nullopt;
  }
  return perm;
}

}  // namespace ridgeline::advisor
