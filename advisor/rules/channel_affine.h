// y = scale * x + shift, channel by channel: what a batch normalization is when the network does not train, and what
// arithmetic with a constant for each channel is.
#pragma once

#include "graph/graph.h"

#include <optional>
#include <string>
#include <vector>

namespace ridgeline::advisor {

struct ChannelAffine {
  std::vector<double> scale, shift;  // one for each channel
};

// The node as such a map of `x`, a tensor of `channels` channels (axis 1) and `rank` axes, or why it is none.
struct AffineOrReason {
  std::optional<ChannelAffine> affine;
  std::string why;
};
AffineOrReason channelAffine(const graph::Graph& graph, const graph::Node& node, const std::string& x, int64_t channels,
                             size_t rank);

// Whether the node's operator is one that can be.
bool mayBeChannelAffine(const graph::Node& node);

}  // namespace ridgeline::advisor
