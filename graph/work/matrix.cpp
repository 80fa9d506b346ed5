// Matrix products: 2 M N K operations for an M x K by K x N product, as many times as there are matrices.
#include "graph/work/einsum.h"
#include "graph/work/operation.h"

namespace ridgeline::graph::work {
namespace {

// The length each result is summed over when A is multiplied as MatMul does; nullopt when A and B disagree.
std::optional<double> summedLength(const TensorShape& a, const TensorShape& b) {
  if (a.dims.empty() || b.dims.empty()) return std::nullopt;
  const int64_t inA = a.dims.back();
  const int64_t inB = b.dims.size() == 1 ? b.dims[0] : b.dims[b.dims.size() - 2];
  if (inA != inB) return std::nullopt;
  return static_cast<double>(inA);
}

// com.microsoft's: transX swaps the last two dims; transBatchX first moves the first dim to the place before the last.
std::optional<double> summedLengthTransposed(const Operation& op, const TensorShape& a, const TensorShape& b) {
  const size_t rankA = a.dims.size(), rankB = b.dims.size();
  if (rankA < 2 || rankB < 2) return summedLength(a, b);
  const auto flag = [&](const char* name) { return intAttribute(op.node, name, 0) != 0; };
  const int64_t beforeLastA = flag("transBatchA") ? a.dims[0] : a.dims[rankA - 2];
  const int64_t beforeLastB = flag("transBatchB") ? b.dims[0] : b.dims[rankB - 2];
  const int64_t inA = flag("transA") ? beforeLastA : a.dims[rankA - 1];
  const int64_t inB = flag("transB") ? b.dims[rankB - 1] : beforeLastB;
  if (inA != inB) return std::nullopt;
  return static_cast<double>(inA);
}

std::optional<Work> matMul(const Operation& op) {
  const TensorShape *a = op.input(0), *b = op.input(1), *out = op.output(0);
  if (!a || !b || !out) return std::nullopt;
  const auto k = summedLength(*a, *b);
  if (!k) return std::nullopt;
  return trafficWith(op, a->type, 2 * *k * elements(*out));
}

// FusedMatMul, and with an activation attribute FusedMatMulActivation.
std::optional<Work> fusedMatMul(const Operation& op) {
  const TensorShape *a = op.input(0), *b = op.input(1), *out = op.output(0);
  if (!a || !b || !out) return std::nullopt;
  const auto k = summedLengthTransposed(op, *a, *b);
  const auto activation = fusedActivationCost(op.node);
  if (!k || !activation) return std::nullopt;
  return trafficWith(op, a->type, (2 * *k + *activation) * elements(*out));
}

// alpha A B + beta C: the scalings vanish in the product; adding C is one operation per result.
std::optional<double> gemmOperations(const Operation& op, const TensorShape* c) {
  const TensorShape *a = op.input(0), *b = op.input(1), *out = op.output(0);
  if (!a || !b || !out || a->dims.size() != 2 || b->dims.size() != 2) return std::nullopt;
  const int64_t k = a->dims[intAttribute(op.node, "transA", 0) != 0 ? 0 : 1];
  if (k != b->dims[intAttribute(op.node, "transB", 0) != 0 ? 1 : 0]) return std::nullopt;
  return (2 * static_cast<double>(k) + (c ? 1 : 0)) * elements(*out);
}

std::optional<Work> gemm(const Operation& op) {
  const auto operations = gemmOperations(op, op.input(2));
  const auto activation = fusedActivationCost(op.node);
  if (!operations || !activation) return std::nullopt;
  return trafficWith(op, op.input(0)->type, *operations + *activation * elements(*op.output(0)));
}

std::optional<Work> gemmFastGelu(const Operation& op) {
  const TensorShape *a = op.input(0), *b = op.input(1), *out = op.output(0);
  if (!a || !b || !out) return std::nullopt;
  const auto k = summedLength(*a, *b);
  if (!k) return std::nullopt;
  return trafficWith(op, a->type, (2 * *k + 9 + (op.input(2) ? 1 : 0)) * elements(*out));
}

std::optional<Work> einsum(const Operation& op) {
  const auto operations = einsumOperations(stringAttribute(op.node, "equation", ""), op.inputs);
  if (!operations || !op.input(0)) return std::nullopt;
  return trafficWith(op, op.input(0)->type, *operations);
}

// Weights packed to `bits` bits: bytes are those of the packed input. accuracy_level 4 multiplies in int8 (activations
// are quantized block by block); other levels multiply in floating point after unpacking, which is not counted.
std::optional<Work> matMulPacked(const Operation& op) {
  const TensorShape *a = op.input(0), *out = op.output(0);
  const auto k = static_cast<double>(intAttribute(op.node, "K", 0));
  const auto n = static_cast<double>(intAttribute(op.node, "N", 0));
  if (!a || !out || !op.input(1) || a->dims.empty() || k <= 0 || n <= 0) return std::nullopt;
  if (static_cast<double>(a->dims.back()) != k || out->dims.empty() || static_cast<double>(out->dims.back()) != n) {
    return std::nullopt;
  }
  const double operations = 2 * k * elements(*out);
  return intAttribute(op.node, "accuracy_level", 0) == 4 ? trafficWithInt8(op, operations)
                                                         : trafficWith(op, a->type, operations);
}

std::optional<Work> matMulInteger(const Operation& op) {
  const TensorShape *a = op.input(0), *b = op.input(1), *out = op.output(0);
  if (!a || !b || !out) return std::nullopt;
  const auto k = summedLength(*a, *b);
  if (!k) return std::nullopt;
  return trafficWithInt8(op, 2 * *k * elements(*out));
}

// a, a_scale, a_zero_point, b, ...
std::optional<Work> qLinearMatMul(const Operation& op) {
  const TensorShape *a = op.input(0), *b = op.input(3), *out = op.output(0);
  if (!a || !b || !out) return std::nullopt;
  const auto k = summedLength(*a, *b);
  if (!k) return std::nullopt;
  return trafficWithInt8(op, 2 * *k * elements(*out));
}

// A, a_scale, a_zero_point, B, b_scale, b_zero_point, C, ...
std::optional<Work> qGemm(const Operation& op) {
  const TensorShape *a = op.input(0), *b = op.input(3), *out = op.output(0);
  if (!a || !b || !out || a->dims.size() != 2 || b->dims.size() != 2) return std::nullopt;
  const int64_t k = a->dims[intAttribute(op.node, "transA", 0) != 0 ? 0 : 1];
  if (k != b->dims[intAttribute(op.node, "transB", 0) != 0 ? 1 : 0]) return std::nullopt;
  return trafficWithInt8(op, (2 * static_cast<double>(k) + (op.input(6) ? 1 : 0)) * elements(*out));
}

// Integer products count as integer operations for the INT8 roof. Quantizing an operand or scaling a result back costs
// a few operations per element against 2 K, and is left out.
constexpr Entry kEntries[] = {
    {kOnnx, "MatMul", matMul},
    {kOnnx, "Gemm", gemm},
    {kOnnx, "Einsum", einsum},
    {kOnnx, "MatMulInteger", matMulInteger},
    {kOnnx, "QLinearMatMul", qLinearMatMul},
    {kMicrosoft, "FusedMatMul", fusedMatMul},
    {kMicrosoft, "FusedMatMulActivation", fusedMatMul},
    {kMicrosoft, "TransposeMatMul", fusedMatMul},
    {kMicrosoft, "FusedGemm", gemm},
    {kMicrosoft, "GemmFastGelu", gemmFastGelu},
    {kMicrosoft, "MatMulNBits", matMulPacked},
    {kMicrosoft, "MatMulBnb4", matMulPacked},
    {kMicrosoft, "MatMulInteger16", matMulInteger},
    {kMicrosoft, "MatMulIntegerToFloat", matMulInteger},   // A, B, a_scale, b_scale, ...
    {kMicrosoft, "DynamicQuantizeMatMul", matMulInteger},  // A in float, B, b_scale, ...
    {kMicrosoft, "QGemm", qGemm},
};

}  // namespace

std::span<const Entry> matrixEntries() { return kEntries; }

}  // namespace ridgeline::graph::work
