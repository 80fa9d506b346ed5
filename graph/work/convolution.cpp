// Convolutions: 2 * results * (channels summed / group) * kernel volume (Dumoulin & Visin, A guide to convolution
// arithmetic for deep learning); the kernel's part over the padding counts, as it does in the published totals of
// networks.
#include "graph/work/operation.h"

namespace ridgeline::graph::work {
namespace {

// Weights are [results, channels / group, kernel...] in every layout (ONNX Runtime's blocked one pads channels to whole
// blocks, in the shapes it reports too): what one result needs is all dims but the first.
std::optional<double> operationsPerResult(const TensorShape& weights) {
  if (weights.dims.size() < 3) return std::nullopt;
  return 2 * elements(std::span(weights.dims).subspan(1));
}

bool channelsAgree(const Operation& op, const TensorShape& x, const TensorShape& weights, const TensorShape& y) {
  const int64_t group = intAttribute(op.node, "group", 1);
  if (group <= 0 || x.dims.size() != weights.dims.size() || y.dims.size() != x.dims.size() || x.dims.size() < 3) {
    return false;
  }
  return x.dims[1] % group == 0 && x.dims[1] / group == weights.dims[1] && y.dims[1] == weights.dims[0];
}

struct Roles {  // which inputs hold what; -1: none
  int weights = 1;
  int bias = 2;
  int addend = -1;  // added to the result before the activation
};

// nullopt when the convolution cannot be understood.
std::optional<double> convolutionOperations(const Operation& op, const Roles& roles, bool channelsFirst) {
  const TensorShape *x = op.input(0), *w = op.input(static_cast<size_t>(roles.weights)), *y = op.output(0);
  if (!x || !w || !y || x->dims.size() != y->dims.size()) return std::nullopt;
  if (channelsFirst && !channelsAgree(op, *x, *w, *y)) return std::nullopt;
  const auto perResult = operationsPerResult(*w);
  const auto activation = fusedActivationCost(op.node);
  if (!perResult || !activation) return std::nullopt;
  double extra = *activation;
  if (roles.bias >= 0 && op.input(static_cast<size_t>(roles.bias))) extra += 1;
  if (roles.addend >= 0 && op.input(static_cast<size_t>(roles.addend))) extra += 1;
  return (*perResult + extra) * elements(*y);
}

std::optional<Work> floating(const Operation& op, const Roles& roles, bool channelsFirst) {
  const auto operations = convolutionOperations(op, roles, channelsFirst);
  if (!operations) return std::nullopt;
  return trafficWith(op, op.input(0)->type, *operations);
}

std::optional<Work> integer(const Operation& op, const Roles& roles, bool channelsFirst) {
  const auto operations = convolutionOperations(op, roles, channelsFirst);
  if (!operations) return std::nullopt;
  return trafficWithInt8(op, *operations);
}

std::optional<Work> conv(const Operation& op) { return floating(op, {}, true); }
std::optional<Work> convAnyLayout(const Operation& op) { return floating(op, {}, false); }
// X, W, B, and the tensor of a residual connection.
std::optional<Work> fusedConv(const Operation& op) { return floating(op, {1, 2, 3}, true); }
std::optional<Work> fusedConvAnyLayout(const Operation& op) { return floating(op, {1, 2, 3}, false); }
// x, w, x_zero_point, w_zero_point: no bias.
std::optional<Work> convInteger(const Operation& op) { return integer(op, {1, -1, -1}, true); }

// x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, B. Scaling results back to 8 bits costs a
// few operations against the thousands of each sum, and is left out.
std::optional<Work> qLinearConv(const Operation& op) {
  return integer(op, {3, 8, -1}, intAttribute(op.node, "channels_last", 0) == 0);
}
std::optional<Work> qLinearConvAnyLayout(const Operation& op) { return integer(op, {3, 8, -1}, false); }

// Every input element meets the kernel once for each result channel: weights are [channels, results / group,
// kernel...].
std::optional<double> transposedOperations(const Operation& op, int weights, int bias) {
  const TensorShape *x = op.input(0), *w = op.input(static_cast<size_t>(weights)), *y = op.output(0);
  if (!x || !w || !y || x->dims.size() != w->dims.size() || y->dims.size() != x->dims.size()) return std::nullopt;
  const auto perElement = operationsPerResult(*w);
  if (!perElement) return std::nullopt;
  return *perElement * elements(*x) + (op.input(static_cast<size_t>(bias)) ? elements(*y) : 0);
}

std::optional<Work> convTranspose(const Operation& op) {
  const auto operations = transposedOperations(op, 1, 2);
  if (!operations) return std::nullopt;
  return trafficWith(op, op.input(0)->type, *operations);
}
std::optional<Work> qLinearConvTranspose(const Operation& op) {
  const auto operations = transposedOperations(op, 3, 8);
  if (!operations) return std::nullopt;
  return trafficWithInt8(op, *operations);
}

constexpr Entry kEntries[] = {
    {kOnnx, "Conv", conv},
    {kOnnx, "ConvTranspose", convTranspose},
    {kOnnx, "ConvInteger", convInteger},
    {kOnnx, "QLinearConv", qLinearConv},
    {kMicrosoft, "FusedConv", fusedConv},
    {kMicrosoft, "NhwcConv", convAnyLayout},
    {kMicrosoft, "NhwcFusedConv", fusedConvAnyLayout},
    {kMicrosoft, "QLinearConv", qLinearConv},
    {kMicrosoft, "QLinearConvTranspose", qLinearConvTranspose},
    {kNchwc, "Conv", fusedConvAnyLayout},
    {kNhwc, "Conv", convAnyLayout},
    {kNhwc, "FusedConv", fusedConvAnyLayout},
    {kNhwc, "ConvTranspose", convTranspose},
    {kNhwc, "QLinearConv", qLinearConvAnyLayout},
    {kNhwc, "QLinearConvTranspose", qLinearConvTranspose},
};

}  // namespace

std::span<const Entry> convolutionEntries() { return kEntries; }

}  // namespace ridgeline::graph::work
