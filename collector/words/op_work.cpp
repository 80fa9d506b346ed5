#include "collector/words/op_work.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

namespace ridgeline::collector {
namespace {

using profile::Work;

struct Tensor {
  std::string_view type;
  std::vector<double> dims;
  double elements() const {
    double n = 1;
    for (const double d : dims) n *= d;
    return n;
  }
};

double bytesOf(std::string_view type) {
  for (const std::string_view name : {"float64", "int64", "complex64"}) {
    if (type == name) return 8;
  }
  for (const std::string_view name : {"float32", "int32", "uint32"}) {
    if (type == name) return 4;
  }
  for (const std::string_view name : {"float16", "bfloat16", "int16", "uint16"}) {
    if (type == name) return 2;
  }
  for (const std::string_view name : {"int8", "uint8", "bool", "float8_e4m3", "float8_e5m2"}) {
    if (type == name) return 1;
  }
  return 0;
}

// "float32 2048x6948, float32 256" -> two tensors. Empty when one of them has no type or no number where one is due.
std::vector<Tensor> tensorsOf(std::string_view text) {
  std::vector<Tensor> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(", "), text.size());
    const auto entry = text.substr(0, end);
    text.remove_prefix(std::min(end + 2, text.size()));
    const auto space = entry.find(' ');
    if (space == std::string_view::npos) return {};
    Tensor tensor{entry.substr(0, space), {}};
    const char* at = entry.data() + space + 1;
    const char* const last = entry.data() + entry.size();
    while (at < last) {
      int64_t dim = 0;
      const auto [next, ec] = std::from_chars(at, last, dim);
      if (ec != std::errc() || dim < 0) return {};
      tensor.dims.push_back(static_cast<double>(dim));
      at = next == last ? last : next + 1;
    }
    if (bytesOf(tensor.type) == 0) return {};
    out.push_back(std::move(tensor));
  }
  return out;
}

// [.., m, k] x [.., k, n], with what is added to it read once.
std::optional<Work> product(const std::vector<Tensor>& inputs, size_t first, size_t rank) {
  if (inputs.size() < first + 2) return std::nullopt;
  const auto& a = inputs[first];
  const auto& b = inputs[first + 1];
  if (a.dims.size() != rank || b.dims.size() != rank || a.type != b.type || a.dims[rank - 1] != b.dims[rank - 2] ||
      (rank == 3 && a.dims[0] != b.dims[0])) {
    return std::nullopt;
  }
  const double batch = rank == 3 ? a.dims[0] : 1;
  const double m = a.dims[rank - 2], k = a.dims[rank - 1], n = b.dims[rank - 1];
  const double size = bytesOf(a.type);
  Work work;
  work.flops = 2 * batch * m * k * n;
  work.bytesRead = (a.elements() + b.elements()) * size;
  if (first == 1) work.bytesRead += inputs[0].elements() * bytesOf(inputs[0].type);
  work.bytesWritten = batch * m * n * size;
  work.computeType = a.type;
  return work;
}

// Elementwise, all inputs of one shape: one operation an element (a lower bound for transcendental functions).
std::optional<Work> elementwise(const std::vector<Tensor>& inputs, size_t operands) {
  if (inputs.size() < operands) return std::nullopt;
  Work work;
  const auto& first = inputs[0];
  for (size_t i = 0; i < operands; ++i) {
    if (inputs[i].dims != first.dims || inputs[i].type != first.type) return std::nullopt;
    work.bytesRead += inputs[i].elements() * bytesOf(inputs[i].type);
  }
  work.flops = first.elements();
  work.bytesWritten = first.elements() * bytesOf(first.type);
  work.computeType = first.type;
  return work;
}

template <size_t N>
bool isOneOf(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 14> kUnary{"relu", "relu_", "sigmoid", "sigmoid_", "tanh", "tanh_", "gelu",
                                                  "silu", "silu_", "neg",     "exp",      "sqrt", "rsqrt", "abs"};
constexpr std::array<std::string_view, 8> kBinary{"add", "add_", "sub", "sub_", "mul", "mul_", "div", "div_"};

}  // namespace

std::optional<Work> opWork(std::string_view name, std::string_view shapes) {
  if (!name.starts_with("aten::")) return std::nullopt;
  name.remove_prefix(6);
  const auto inputs = tensorsOf(shapes);
  if (inputs.empty()) return std::nullopt;
  if (name == "mm") return product(inputs, 0, 2);
  if (name == "addmm") return product(inputs, 1, 2);
  if (name == "bmm") return product(inputs, 0, 3);
  if (name == "baddbmm") return product(inputs, 1, 3);
  if (isOneOf(name, kUnary)) return elementwise(inputs, 1);
  if (isOneOf(name, kBinary) && inputs.size() == 2) return elementwise(inputs, 2);
  return std::nullopt;
}

}  // namespace ridgeline::collector
