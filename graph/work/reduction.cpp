// Many elements into one: Reduce*, Softmax's family, running sums, selection.
#include "graph/work/operation.h"

namespace ridgeline::graph::work {
namespace {

// PerInput operations for every element reduced, PerOutput for every result.
template <int PerInput, int PerOutput>
std::optional<Work> reduce(const Operation& op) {
  const TensorShape* in = op.input(0);
  const TensorShape* out = op.output(0);
  if (!in || !out) return std::nullopt;
  return trafficWith(op, in->type, PerInput * elements(*in) + PerOutput * elements(*out));
}

template <int Cost>
std::optional<Work> perInput(const Operation& op) {
  return reduce<Cost, 0>(op);
}

std::optional<Work> softmax(const Operation& op) {
  const TensorShape* in = op.input(0);
  if (!in) return std::nullopt;
  return trafficWith(op, in->type, kSoftmaxCost * elements(*in));
}

std::optional<Work> biasSoftmax(const Operation& op) {
  const TensorShape* in = op.input(0);
  if (!in || !op.input(1)) return std::nullopt;
  return trafficWith(op, in->type, (kSoftmaxCost + 1) * elements(*in));
}

constexpr Entry kEntries[] = {
    {kOnnx, "ReduceSum", reduce<1, 0>},
    {kOnnx, "ReduceMean", reduce<1, 1>},
    {kOnnx, "ReduceMax", reduce<1, 0>},
    {kOnnx, "ReduceMin", reduce<1, 0>},
    {kOnnx, "ReduceProd", reduce<1, 0>},
    {kOnnx, "ReduceL1", reduce<2, 0>},
    {kOnnx, "ReduceL2", reduce<2, 1>},
    {kOnnx, "ReduceSumSquare", reduce<2, 0>},
    {kOnnx, "ReduceLogSum", reduce<1, 1>},
    {kOnnx, "ReduceLogSumExp", reduce<4, 2>},  // maximum, subtract, exponential, add; logarithm, add the maximum back
    {kOnnx, "ArgMax", reduce<1, 0>},
    {kOnnx, "ArgMin", reduce<1, 0>},
    {kOnnx, "CumSum", perInput<1>},
    {kOnnx, "CumProd", perInput<1>},
    {kOnnx, "Softmax", softmax},
    {kOnnx, "LogSoftmax", softmax},  // as Softmax: the divide becomes a subtract, the logarithm is one per row
    {kOnnx, "Hardmax", perInput<1>},
    // Selection has to look at every element once; how much it compares beyond that depends on their order.
    {kOnnx, "TopK", perInput<1>},
    {kOnnx, "NonZero", perInput<1>},
    {kMicrosoft, "BiasSoftmax", biasSoftmax},
};

}  // namespace

std::span<const Entry> reductionEntries() { return kEntries; }

}  // namespace ridgeline::graph::work
