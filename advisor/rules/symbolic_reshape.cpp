#include "advisor/rules/symbolic_reshape.h"

namespace ridgeline::advisor {

std::optional<std::vector<int64_t>> reshapeTarget(const SymbolicDims& from, const SymbolicDims& to,
                                                  std::optional<std::pair<size_t, size_t>> shortened) {
  std::vector<int64_t> target;
  bool isOpen = false;
  for (size_t i = 0; i < to.size(); ++i) {
    const bool isShort = shortened && shortened->second == i;
    const bool readsShort = shortened && shortened->first == i;
    if (!isShort && isNumber(to[i])) {
      if (to[i] <= 0) return std::nullopt;
      target.push_back(to[i]);
    } else if (i < from.size() && from[i] == to[i] && isShort == readsShort) {
      target.push_back(0);
    } else {
      if (isOpen) return std::nullopt;
      isOpen = true;
      target.push_back(-1);
    }
  }
  return target;
}

}  // namespace ridgeline::advisor
