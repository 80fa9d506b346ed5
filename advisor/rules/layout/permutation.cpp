#include "advisor/rules/layout/permutation.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace ridgeline::advisor {

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

graph::Tensor transposed(const graph::Tensor& tensor, const Permutation& perm) {
  const size_t rank = perm.size();
  graph::Dims dims;
  for (const int64_t axis : perm) dims.push_back(tensor.dims()[static_cast<size_t>(axis)]);
  graph::Tensor result(tensor.type(), dims);
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

}  // namespace ridgeline::advisor
