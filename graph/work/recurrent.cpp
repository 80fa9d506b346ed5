// LSTM, GRU, RNN: per direction, step and batch element, 2 G H (I + H) for the products with input and state (G gates,
// I inputs, H units; with a projection of the state to P, the state's part is P), the bias, and the gates' pointwise
// arithmetic.
#include "graph/work/operation.h"

#include <array>

namespace ridgeline::graph::work {
namespace {

struct Cell {
  double gates = 1;
  double pointwise = 0;  // operations per unit and step besides products and bias, with the default activations
};

// Three sigmoids (4 each), two tanh, f * c + i * g (3), o * tanh(c) (1): Hochreiter & Schmidhuber with forget gates.
constexpr Cell kLstm{4, 3 * 4 + 2 + 3 + 1};
// Two sigmoids, a tanh, the reset (1), (1 - z) * g + z * h (4): Cho et al. 2014.
constexpr Cell kGru{3, 2 * 4 + 1 + 1 + 4};
constexpr Cell kRnn{1, 1};

constexpr size_t kBias = 3, kLengths = 4, kPeepholes = 7;

struct Sizes {
  double directions = 0, steps = 0, batch = 0, inputs = 0, hidden = 0;
};

// W is [directions, gates * hidden, inputs], or [directions, inputs, gates * hidden] when transposed.
std::optional<Sizes> sizesOf(const Operation& op, double gates, bool transposed) {
  const TensorShape *x = op.input(0), *w = op.input(1), *r = op.input(2);
  if (!x || !w || !r || x->dims.size() != 3 || w->dims.size() != 3 || r->dims.size() != 3) return std::nullopt;
  // Sequences that end early are skipped in part: how much is data.
  if (op.input(kLengths)) return std::nullopt;
  const bool batchFirst = intAttribute(op.node, "layout", 0) == 1;
  const auto d = [](int64_t dim) { return static_cast<double>(dim); };
  Sizes sizes;
  sizes.directions = d(w->dims[0]);
  sizes.steps = d(x->dims[batchFirst ? 1 : 0]);
  sizes.batch = d(x->dims[batchFirst ? 0 : 1]);
  sizes.inputs = d(x->dims[2]);
  sizes.hidden = d(r->dims[transposed ? 1 : 2]);
  if (d(w->dims[transposed ? 1 : 2]) != sizes.inputs) return std::nullopt;
  if (d(w->dims[transposed ? 2 : 1]) != gates * sizes.hidden || w->dims[0] != r->dims[0]) return std::nullopt;
  return sizes;
}

double cellsOf(const Sizes& sizes) { return sizes.directions * sizes.steps * sizes.batch; }

double productOperations(const Sizes& sizes, double gates) {
  return cellsOf(sizes) * 2 * gates * sizes.hidden * (sizes.inputs + sizes.hidden);
}

double pointwiseOperations(const Operation& op, const Sizes& sizes, const Cell& cell) {
  double perUnit = cell.pointwise + cell.gates;  // each gate adds its two products
  if (op.input(kBias)) perUnit += cell.gates;    // the two biases are added up once, ahead
  if (op.input(kPeepholes)) perUnit += 3 * 2;    // a multiply-add for each of three gates
  return cellsOf(sizes) * sizes.hidden * perUnit;
}

std::optional<Work> recurrent(const Operation& op, const Cell& cell) {
  const auto sizes = sizesOf(op, cell.gates, false);
  if (!sizes) return std::nullopt;
  return trafficWith(op, op.input(0)->type,
                     productOperations(*sizes, cell.gates) + pointwiseOperations(op, *sizes, cell));
}

std::optional<Work> lstm(const Operation& op) { return recurrent(op, kLstm); }
std::optional<Work> gru(const Operation& op) { return recurrent(op, kGru); }
std::optional<Work> rnn(const Operation& op) { return recurrent(op, kRnn); }

// com.microsoft: weights in 8 bits and transposed; the products are integer ones, the rest is float.
std::optional<Work> dynamicQuantizeLstm(const Operation& op) {
  const auto sizes = sizesOf(op, kLstm.gates, true);
  if (!sizes) return std::nullopt;
  auto work = trafficWithInt8(op, productOperations(*sizes, kLstm.gates));
  if (work) work->flops = pointwiseOperations(op, *sizes, kLstm);
  return work;
}

constexpr Entry kEntries[] = {
    {kOnnx, "LSTM", lstm},
    {kOnnx, "GRU", gru},
    {kOnnx, "RNN", rnn},
    {kMicrosoft, "DynamicQuantizeLSTM", dynamicQuantizeLstm},
};

}  // namespace

std::span<const Entry> recurrentEntries() { return kEntries; }

}  // namespace ridgeline::graph::work
