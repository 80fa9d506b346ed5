#include "advisor/rules/symbolic_step.h"

#include "advisor/rules/axis_use.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace ridgeline::advisor {

namespace {

using graph::Node;

constexpr auto kLikeFirstInput = std::to_array<std::string_view>({"Abs",
                                                                  "BatchNormalization",
                                                                  "Ceil",
                                                                  "Celu",
                                                                  "Floor",
                                                                  "GroupNormalization",
                                                                  "Hardmax",
                                                                  "InstanceNormalization",
                                                                  "LpNormalization",
                                                                  "PRelu",
                                                                  "Round",
                                                                  "Selu",
                                                                  "Softsign",
                                                                  "ThresholdedRelu",
                                                                  "Cast",
                                                                  "Clip",
                                                                  "Cos",
                                                                  "CumSum",
                                                                  "Dropout",
                                                                  "Elu",
                                                                  "Erf",
                                                                  "Exp",
                                                                  "FastGelu",
                                                                  "Gelu",
                                                                  "HardSigmoid",
                                                                  "HardSwish",
                                                                  "Identity",
                                                                  "IsInf",
                                                                  "IsNaN",
                                                                  "LayerNormalization",
                                                                  "LeakyRelu",
                                                                  "Log",
                                                                  "LogSoftmax",
                                                                  "Mish",
                                                                  "Neg",
                                                                  "Not",
                                                                  "QuickGelu",
                                                                  "Reciprocal",
                                                                  "Relu",
                                                                  "RMSNormalization",
                                                                  "RotaryEmbedding",
                                                                  "Sigmoid",
                                                                  "Sign",
                                                                  "SimplifiedLayerNormalization",
                                                                  "Sin",
                                                                  "SkipLayerNormalization",
                                                                  "SkipSimplifiedLayerNormalization",
                                                                  "Softmax",
                                                                  "Softplus",
                                                                  "Sqrt",
                                                                  "Tanh",
                                                                  "Trilu",
                                                                  "BiasGelu",
                                                                  "QuantizeLinear",
                                                                  "DequantizeLinear"});
constexpr auto kBroadcasting =
    std::to_array<std::string_view>({"Add", "And", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual",
                                     "Max", "Min", "Mod", "Mul", "Or", "Pow", "Sub", "Sum", "Where"});

constexpr auto kConvolutions =
    std::to_array<std::string_view>({"AveragePool", "Conv", "GlobalAveragePool", "GlobalMaxPool", "LpPool", "MaxPool"});

template <size_t N>
bool isOneOf(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

void SymbolicStep::run() {
  for (const std::string& output : m_node.output()) {
    if (!output.empty()) m_shapes.m_facts.try_emplace(output);
  }
  // An operator of another domain may share a name and nothing else.
  const std::string& domain = m_node.domain();
  const bool isKnownDomain = domain.empty() || domain == "ai.onnx" || domain == "com.microsoft";
  if (m_node.output_size() == 0 || !isKnownDomain) return;
  numbers();
  elementwise() || layout() || products() || reductions() || fused();
}

bool SymbolicStep::elementwise() {
  if (isOneOf(kLikeFirstInput, m_node.op_type())) {
    setDims(dimsOf(0));
    // As floats they would divide differently.
    const auto to = static_cast<graph::DataType>(graph::intAttribute(m_node, "to", 0));
    const bool toIntegers = to == graph::DataType::Int64 || to == graph::DataType::Int32;
    if (m_node.op_type() == "Identity" || (m_node.op_type() == "Cast" && toIntegers)) setInts(intsOf(0));
    return true;
  }
  if (!isOneOf(kBroadcasting, m_node.op_type())) return false;
  Dims dims = dimsOf(0);
  for (int i = 1; i < m_node.input_size(); ++i) dims = m_shapes.broadcast(dims, dimsOf(i));
  setDims(dims);
  arithmetic();
  return true;
}

bool SymbolicStep::layout() {
  const std::string& op = m_node.op_type();
  if (op == "Transpose") return transpose(), true;
  if (op == "Reshape") return reshape(), true;
  if (op == "Unsqueeze") return unsqueeze(), true;
  if (op == "Squeeze") return squeeze(), true;
  if (op == "Concat") return concat(), true;
  if (op == "Slice") return slice(), true;
  if (op == "Split") return split(), true;
  if (op == "Gather") return gather(), true;
  if (op == "Expand" || op == "ConstantOfShape") return expand(), true;
  if (op == "Tile") return tile(), true;
  if (op == "Shape") return shapeOf(), true;
  if (op == "Range") return range(), true;
  return false;
}

bool SymbolicStep::products() {
  const std::string& op = m_node.op_type();
  if (op == "MatMul" || op == "MatMulInteger" || op == "DynamicQuantizeMatMul" || op == "MatMulIntegerToFloat") {
    return matMul(dimsOf(0), dimsOf(1)), true;
  }
  if (op == "QLinearMatMul") return matMul(dimsOf(0), dimsOf(3)), true;
  if (op == "MatMulNBits") {
    Dims dims = dimsOf(0);
    if (dims && !dims->empty()) dims->back() = graph::intAttribute(m_node, "N", -1);
    return setDims(dims && dims->back() > 0 ? dims : std::nullopt), true;
  }
  if (isOneOf(kConvolutions, op)) return convolution(), true;
  if (op == "ConvTranspose") return transposedConvolution(), true;
  if (op == "Gemm") {
    Dims a = dimsOf(0), b = dimsOf(1);
    if (!a || !b || a->size() != 2 || b->size() != 2) return true;
    if (graph::intAttribute(m_node, "transA", 0)) std::swap((*a)[0], (*a)[1]);
    if (graph::intAttribute(m_node, "transB", 0)) std::swap((*b)[0], (*b)[1]);
    return matMul(a, b), true;
  }
  return false;
}

// (batch, channels, places...)
void SymbolicStep::convolution() {
  Dims dims = dimsOf(0);
  const Dims weights = m_node.op_type() == "Conv" ? dimsOf(1) : std::nullopt;
  if (!dims || dims->size() < 3 || (m_node.op_type() == "Conv" && (!weights || weights->size() != dims->size())))
    return;
  if (weights) (*dims)[1] = weights->front();
  const size_t places = dims->size() - 2;
  std::vector<int64_t> kernel = graph::intsAttribute(m_node, "kernel_shape");
  if (kernel.empty() && weights) kernel.assign(weights->begin() + 2, weights->end());
  for (size_t i = 0; i < places; ++i) {
    Dim& size = (*dims)[i + 2];
    size = m_node.op_type().starts_with("Global") ? 1
           : kernel.size() == places              ? slid(size, kernel[i], i, places)
                                                  : m_shapes.fresh();
  }
  setDims(dims);
}

void SymbolicStep::transposedConvolution() {
  Dims dims = dimsOf(0);
  const Dims weights = dimsOf(1);
  if (!dims || dims->size() < 3 || !weights || weights->size() != dims->size()) return;
  const int64_t groups = graph::intAttribute(m_node, "group", 1);
  (*dims)[1] = groups == 1 ? (*weights)[1] : isNumber((*weights)[1]) ? (*weights)[1] * groups : m_shapes.fresh();
  const size_t places = dims->size() - 2;
  const bool statesSize =
      graph::findAttribute(m_node, "output_shape") || graph::stringAttribute(m_node, "auto_pad", "NOTSET") != "NOTSET";
  for (size_t i = 0; i < places; ++i) {
    Dim& size = (*dims)[i + 2];
    const Dim kernel = (*weights)[i + 2];
    if (statesSize || isSymbol(size) || isSymbol(kernel)) {
      size = m_shapes.fresh();
      continue;
    }
    const int64_t pads = intAt("pads", i, 0) + intAt("pads", i + places, 0);
    size = intAt("strides", i, 1) * (size - 1) + intAt("dilations", i, 1) * (kernel - 1) + 1 - pads +
           intAt("output_padding", i, 0);
  }
  setDims(dims);
}

int64_t SymbolicStep::intAt(const char* attribute, size_t index, int64_t otherwise) const {
  const auto values = graph::intsAttribute(m_node, attribute);
  return index < values.size() ? values[index] : otherwise;
}

// How often a kernel fits into `size` elements along place `i`.
Dim SymbolicStep::slid(Dim size, Dim kernel, size_t i, size_t places) {
  const int64_t stride = intAt("strides", i, 1);
  const auto padding = graph::stringAttribute(m_node, "auto_pad", "NOTSET");
  const bool roundsUp = graph::intAttribute(m_node, "ceil_mode", 0) != 0;
  if (isSymbol(size) || isSymbol(kernel) || stride <= 0 || roundsUp) return m_shapes.fresh();
  if (padding.starts_with("SAME")) return (size + stride - 1) / stride;
  const int64_t pads = padding == "VALID" ? 0 : intAt("pads", i, 0) + intAt("pads", i + places, 0);
  const int64_t free = size + pads - intAt("dilations", i, 1) * (kernel - 1) - 1;
  return free < 0 ? m_shapes.fresh() : free / stride + 1;
}

void SymbolicStep::matMul(const Dims& a, const Dims& b) {
  if (!a || !b || a->size() < 2 || b->size() < 2) return;
  m_shapes.unify(a->back(), (*b)[b->size() - 2]);
  const auto batch = m_shapes.broadcast(SymbolicDims(a->begin(), a->end() - 2), SymbolicDims(b->begin(), b->end() - 2));
  SymbolicDims dims = *batch;
  dims.push_back((*a)[a->size() - 2]);
  dims.push_back(b->back());
  setDims(dims);
}

bool SymbolicStep::reductions() {
  const bool isArg = m_node.op_type() == "ArgMax" || m_node.op_type() == "ArgMin";
  if (!isArg && !m_node.op_type().starts_with("Reduce")) return false;
  const Dims dims = dimsOf(0);
  const Dims axes = isArg ? SymbolicDims{graph::intAttribute(m_node, "axis", 0)} : constantInts(1, "axes");
  if (!dims) return true;
  const bool keep = graph::intAttribute(m_node, "keepdims", 1) != 0;
  SymbolicDims result = *dims;
  std::vector<bool> reduced(dims->size(), !axes.has_value());
  // Axes that are given but not known say nothing.
  if (!axes && graph::hasInput(m_node, 1)) return true;
  for (const Dim axis : axes.value_or(SymbolicDims{})) {
    const auto a = axisOf(axis, dims->size());
    if (!a) return true;
    reduced[*a] = true;
  }
  result.clear();
  for (size_t i = 0; i < dims->size(); ++i) {
    if (!reduced[i]) result.push_back((*dims)[i]);
    if (reduced[i] && keep) result.push_back(1);
  }
  setDims(result);
  return true;
}

// Attention as com.microsoft spells it: (batch, sequence, heads x size) in, the same out; the cache's length is new.
bool SymbolicStep::fused() {
  if (graph::isOp(m_node, "Attention")) return attention(), true;
  if (m_node.op_type() != "MultiHeadAttention" && m_node.op_type() != "GroupQueryAttention") return false;
  const Dims query = dimsOf(0), value = dimsOf(2);
  if (query && query->size() == 3) {
    SymbolicDims dims = *query;
    if (!value || value->size() != 3)
      dims[2] = m_shapes.fresh();
    else if (m_node.op_type() == "MultiHeadAttention")
      dims[2] = value->back();
    setDims(dims);
  }
  return true;
}

// As ONNX spells it; also with the heads apart, (batch, heads, sequence, size). The size of the result is the value's.
void SymbolicStep::attention() {
  Dims dims = dimsOf(0);
  const Dims value = dimsOf(2);
  if (!dims) return;
  const Dim heads = graph::intAttribute(m_node, "q_num_heads", 0),
            shared = graph::intAttribute(m_node, "kv_num_heads", 0);
  const bool together = dims->size() == 3;
  const bool known = value && value->size() == dims->size() && isNumber(value->back()) && (!together || shared > 0);
  dims->back() = !known ? m_shapes.fresh() : together ? m_shapes.product(value->back() / shared, heads) : value->back();
  setDims(dims);
}

const SymbolicShapes::Facts& SymbolicStep::input(int index) const {
  static const SymbolicShapes::Facts none;
  const auto* facts = index < m_node.input_size() ? m_shapes.find(m_node.input(index)) : nullptr;
  return facts ? *facts : none;
}

SymbolicStep::Dims SymbolicStep::dimsOf(int index) const {
  const auto& dims = input(index).dims;
  return dims ? Dims(m_shapes.resolve(*dims)) : dims;
}

SymbolicStep::Dims SymbolicStep::intsOf(int index) const {
  const auto& integers = input(index).integers;
  return integers ? Dims(m_shapes.resolve(*integers)) : integers;
}

// Axes and the like: an input since opset 13 (or 18), an attribute before.
SymbolicStep::Dims SymbolicStep::constantInts(int index, const char* attribute) const {
  if (index < m_node.input_size() && !m_node.input(index).empty()) {
    const Dims integers = intsOf(index);
    if (!integers || std::ranges::any_of(*integers, isSymbol)) return std::nullopt;
    return integers;
  }
  if (!graph::findAttribute(m_node, attribute)) return std::nullopt;
  return graph::intsAttribute(m_node, attribute);
}

void SymbolicStep::setDims(Dims dims, int output) {
  if (output < m_node.output_size() && !m_node.output(output).empty()) {
    m_shapes.m_facts[m_node.output(output)].dims = std::move(dims);
  }
}

void SymbolicStep::setInts(Dims integers) {
  auto& facts = m_shapes.m_facts[m_node.output(0)];
  if (integers && integers->size() == 1 && isNumber(integers->front())) {
    facts.number = static_cast<double>(integers->front());
  }
  facts.integers = std::move(integers);
}

SymbolicDims SymbolicStep::freshDims(size_t rank) {
  SymbolicDims dims(rank);
  for (Dim& dim : dims) dim = m_shapes.fresh();
  return dims;
}

}  // namespace ridgeline::advisor
