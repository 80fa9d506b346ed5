#include "graph/permutation.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

namespace ridgeline::graph {

bool isIdentity(const Permutation& perm) { return std::ranges::is_sorted(perm); }

Permutation inverse(const Permutation& perm) {
  Permutation result(perm.size());
  for (size_t i = 0; i < perm.size(); ++i) result[static_cast<size_t>(perm[i])] = static_cast<int64_t>(i);
  return result;
}

Permutation compose(const Permutation& first, const Permutation& second) {
  Permutation result;
  for (const int64_t axis : second) result.push_back(first[static_cast<size_t>(axis)]);
  return result;
}

Dims transposed(const Dims& dims, const Permutation& perm) {
  Dims result;
  for (const int64_t axis : perm) result.push_back(dims[static_cast<size_t>(axis)]);
  return result;
}

Tensor transposed(const Tensor& tensor, const Permutation& perm) {
  const size_t rank = perm.size();
  const Dims dims = transposed(tensor.dims(), perm);
  Tensor result(tensor.type(), dims);
  if (tensor.size() == 0) return result;

  // Distance in the source between neighbours along each axis of the result.
  std::vector<int64_t> stride(rank, 1);
  for (size_t i = 0; i < rank; ++i) {
    for (size_t j = static_cast<size_t>(perm[i]) + 1; j < rank; ++j) stride[i] *= tensor.dims()[j];
  }
  const size_t width = tensor.byteSize() / static_cast<size_t>(tensor.size());
  std::vector<int64_t> index(rank, 0);
  int64_t source = 0;
  for (int64_t to = 0; to < tensor.size(); ++to) {
    std::memcpy(result.bytes().data() + static_cast<size_t>(to) * width,
                tensor.bytes().data() + static_cast<size_t>(source) * width, width);
    for (size_t axis = rank; axis-- > 0;) {
      source += stride[axis];
      if (++index[axis] < dims[axis]) break;
      source -= stride[axis] * dims[axis];
      index[axis] = 0;
    }
  }
  return result;
}

std::string describe(const Permutation& perm) {
  if (perm == Permutation{0, 2, 3, 1}) return "NCHW to NHWC";
  if (perm == Permutation{0, 3, 1, 2}) return "NHWC to NCHW";
  return fmt::format("{}", fmt::join(perm, " "));
}

}  // namespace ridgeline::graph
