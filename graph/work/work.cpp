#include "graph/work/work.h"

#include <limits>

namespace ridgeline::graph {

int64_t TensorShape::bytes() const {
  constexpr int64_t most = std::numeric_limits<int64_t>::max();
  const int64_t bits = bitsOf(type);
  const int64_t count = elementCount(dims);
  if (bits == 0 || count == 0) return 0;
  // Whole bytes and the remainder apart, so that the product of count and bits cannot overflow.
  const int64_t octets = count / 8;
  const int64_t rest = (count % 8 * bits + 7) / 8;
  return octets > (most - rest) / bits ? most : octets * bits + rest;
}

double Work::intensity() const {
  const double moved = bytes();
  return moved > 0 ? operations() / moved : 0;
}

}  // namespace ridgeline::graph
