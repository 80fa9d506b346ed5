// A grouped convolution as dense ones, each of a slice of the channels: those of several groups, with zeros where one
// group's channels meet another's filters.
#pragma once

#include "advisor/rules/quantization/forms.h"

#include <array>
#include <vector>

namespace ridgeline::advisor::quantization {

// Input channels of a slice: those of as many groups as fit, of one at least.
constexpr std::array<int64_t, 2> kSliceWidths{32, 64};

// The node has groups of several channels each; `weights` are the dims of its weights [outputs, channels, kernel...].
bool hasWideGroups(const graph::Node& attributes, const graph::Dims& weights);

// How many groups are in each slice.
std::vector<int64_t> groupsOfSlices(int64_t groups, const graph::Dims& weights, int64_t width);

// Dims of the weights of a slice of `count` groups.
graph::Dims sliceDims(int64_t groups, const graph::Dims& weights, int64_t count);

KernelForm convolutionInSlices(const ConvolutionShape& shape, int64_t width, ConvolutionForm form);

}  // namespace ridgeline::advisor::quantization
