#include "advisor/rules/quantization/slices.h"

#include "graph/graph.h"

#include <algorithm>

namespace ridgeline::advisor::quantization {
namespace {

int64_t groupsOf(const graph::Node& attributes) { return graph::intAttribute(attributes, "group", 1); }

}  // namespace

bool hasWideGroups(const graph::Node& attributes, const graph::Dims& weights) {
  const int64_t groups = groupsOf(attributes);
  return groups > 1 && weights.size() > 2 && weights[1] > 1 && weights[0] % groups == 0;
}

std::vector<int64_t> groupsOfSlices(int64_t groups, const graph::Dims& weights, int64_t width) {
  const int64_t most = std::max<int64_t>(1, width / weights[1]);
  std::vector<int64_t> counts;
  for (int64_t left = groups; left > 0; left -= counts.back()) counts.push_back(std::min(most, left));
  return counts;
}

graph::Dims sliceDims(int64_t groups, const graph::Dims& weights, int64_t count) {
  graph::Dims dims = weights;
  dims[0] = weights[0] / groups * count;
  dims[1] = weights[1] * count;
  return dims;
}

KernelForm convolutionInSlices(const ConvolutionShape& shape, int64_t width, ConvolutionForm form) {
  ConvolutionLayer layer{.shape = shape, .copies = 1};
  const int64_t groups = groupsOf(shape.attributes);
  for (const int64_t count : groupsOfSlices(groups, shape.weight, width)) {
    layer.slices.push_back(sliceDims(groups, shape.weight, count));
  }
  graph::removeAttribute(layer.shape.attributes, "group");
  return {fmt::format("{} in slices of {}", convolution(shape, form).key, width),
          [layer, form] { return convolutionModel(layer, form); }};
}

}  // namespace ridgeline::advisor::quantization
