#include "graph/tensor.h"

#include "graph/float_bits.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

namespace ridgeline::graph {
namespace {

constexpr int64_t maxCount = std::numeric_limits<int64_t>::max();

template <class T>
constexpr DataType typeOf() {
  if constexpr (std::is_same_v<T, float>) return DataType::Float;
  if constexpr (std::is_same_v<T, double>) return DataType::Double;
  if constexpr (std::is_same_v<T, bool>) return DataType::Bool;
  if constexpr (std::is_same_v<T, uint8_t>) return DataType::Uint8;
  if constexpr (std::is_same_v<T, int8_t>) return DataType::Int8;
  if constexpr (std::is_same_v<T, uint16_t>) return DataType::Uint16;
  if constexpr (std::is_same_v<T, int16_t>) return DataType::Int16;
  if constexpr (std::is_same_v<T, uint32_t>) return DataType::Uint32;
  if constexpr (std::is_same_v<T, int32_t>) return DataType::Int32;
  if constexpr (std::is_same_v<T, uint64_t>) return DataType::Uint64;
  if constexpr (std::is_same_v<T, int64_t>) return DataType::Int64;
}

template <class To, class From>
To convertTo(From value) {
  if constexpr (std::is_same_v<To, float>) {
    return static_cast<float>(value);
  } else if constexpr (std::is_floating_point_v<From>) {
    if (std::isnan(value)) return 0;
    // 2^63 itself is the first value out of range, and exact in both float types.
    if (value >= static_cast<From>(0x1p63)) return maxCount;
    if (value < static_cast<From>(-0x1p63)) return std::numeric_limits<int64_t>::min();
    return static_cast<int64_t>(value);
  } else if constexpr (std::is_same_v<From, uint64_t>) {
    return static_cast<int64_t>(std::min<uint64_t>(value, maxCount));
  } else {
    return static_cast<int64_t>(value);
  }
}

// Copied out one by one: the bytes may sit at any alignment.
template <class From, class To, class Decode>
void convertEach(std::span<const std::byte> bytes, std::vector<To>& out, Decode decode) {
  const size_t count = std::min(out.size(), bytes.size() / sizeof(From));
  for (size_t i = 0; i < count; ++i) {
    From value;
    std::memcpy(&value, bytes.data() + i * sizeof(From), sizeof(From));
    out[i] = convertTo<To>(decode(value));
  }
}

template <class From, class To>
void convertEach(std::span<const std::byte> bytes, std::vector<To>& out) {
  convertEach<From>(bytes, out, [](From value) { return value; });
}

// Elements of 2 and 4 bits, the first in the lowest bits of its byte.
template <class To>
void convertPacked(DataType type, std::span<const std::byte> bytes, std::vector<To>& out) {
  const auto bits = static_cast<size_t>(bitsOf(type));
  const size_t perByte = 8 / bits;
  const bool isSigned = type == DataType::Int4 || type == DataType::Int2;
  for (size_t i = 0; i < out.size() && i / perByte < bytes.size(); ++i) {
    const unsigned code = (static_cast<unsigned>(bytes[i / perByte]) >> (i % perByte * bits)) & ((1u << bits) - 1);
    if (type == DataType::Float4E2M1) {
      out[i] = convertTo<To>(smallFloatToFloat(type, static_cast<uint8_t>(code)));
    } else {
      const int range = 1 << bits;
      const int value = static_cast<int>(code);
      out[i] = convertTo<To>(isSigned && value >= range / 2 ? value - range : value);
    }
  }
}

template <class To>
std::vector<To> convertAll(DataType type, int64_t count, std::span<const std::byte> bytes) {
  if (!isFloating(type) && !isInteger(type) && type != DataType::Bool) return {};
  std::vector<To> out(static_cast<size_t>(count));
  switch (type) {
    case DataType::Float:
      convertEach<float>(bytes, out);
      break;
    case DataType::Double:
      convertEach<double>(bytes, out);
      break;
    case DataType::Int8:
      convertEach<int8_t>(bytes, out);
      break;
    case DataType::Uint8:
      convertEach<uint8_t>(bytes, out);
      break;
    case DataType::Int16:
      convertEach<int16_t>(bytes, out);
      break;
    case DataType::Uint16:
      convertEach<uint16_t>(bytes, out);
      break;
    case DataType::Int32:
      convertEach<int32_t>(bytes, out);
      break;
    case DataType::Uint32:
      convertEach<uint32_t>(bytes, out);
      break;
    case DataType::Int64:
      convertEach<int64_t>(bytes, out);
      break;
    case DataType::Uint64:
      convertEach<uint64_t>(bytes, out);
      break;
    case DataType::Bool:
      convertEach<uint8_t>(bytes, out, [](uint8_t v) { return v != 0 ? 1 : 0; });
      break;
    case DataType::Float16:
      convertEach<uint16_t>(bytes, out, halfToFloat);
      break;
    case DataType::Bfloat16:
      convertEach<uint16_t>(bytes, out, bfloat16ToFloat);
      break;
    case DataType::Float8E4M3FN:
    case DataType::Float8E4M3FNUZ:
    case DataType::Float8E5M2:
    case DataType::Float8E5M2FNUZ:
    case DataType::Float8E8M0:
      convertEach<uint8_t>(bytes, out, [type](uint8_t v) { return smallFloatToFloat(type, v); });
      break;
    default:
      convertPacked(type, bytes, out);
  }
  return out;
}

}  // namespace

int64_t elementCount(std::span<const int64_t> dims) {
  bool zero = false;
  int64_t count = 1;
  for (const int64_t dim : dims) {
    if (dim < 0) return 0;
    if (dim == 0) zero = true;
    if (dim > 0) count = count > maxCount / dim ? maxCount : count * dim;
  }
  return zero ? 0 : count;
}

int64_t byteCount(DataType type, std::span<const int64_t> dims) {
  const int64_t count = elementCount(dims);
  const int64_t bits = bitsOf(type);
  if (bits == 0) return 0;
  if (bits >= 8) return count > maxCount / (bits / 8) ? maxCount : count * (bits / 8);
  const int64_t perByte = 8 / bits;
  return count / perByte + (count % perByte != 0 ? 1 : 0);
}

std::string formatDims(std::span<const int64_t> dims) {
  if (dims.empty()) return "scalar";
  return fmt::format("{}", fmt::join(dims, "x"));
}

Tensor::Tensor(DataType type, Dims dims) : m_type(type), m_dims(std::move(dims)) {
  if (type == DataType::String) {
    m_strings.resize(static_cast<size_t>(elementCount(m_dims)));
  } else {
    m_bytes.resize(static_cast<size_t>(byteCount(type, m_dims)));
  }
}

template <class T>
Tensor Tensor::of(Dims dims, std::span<const T> values) {
  Tensor tensor(typeOf<T>(), std::move(dims));
  if (const size_t size = std::min(values.size_bytes(), tensor.m_bytes.size()); size > 0) {
    std::memcpy(tensor.m_bytes.data(), values.data(), size);
  }
  return tensor;
}

template Tensor Tensor::of<float>(Dims, std::span<const float>);
template Tensor Tensor::of<double>(Dims, std::span<const double>);
template Tensor Tensor::of<bool>(Dims, std::span<const bool>);
template Tensor Tensor::of<uint8_t>(Dims, std::span<const uint8_t>);
template Tensor Tensor::of<int8_t>(Dims, std::span<const int8_t>);
template Tensor Tensor::of<uint16_t>(Dims, std::span<const uint16_t>);
template Tensor Tensor::of<int16_t>(Dims, std::span<const int16_t>);
template Tensor Tensor::of<uint32_t>(Dims, std::span<const uint32_t>);
template Tensor Tensor::of<int32_t>(Dims, std::span<const int32_t>);
template Tensor Tensor::of<uint64_t>(Dims, std::span<const uint64_t>);
template Tensor Tensor::of<int64_t>(Dims, std::span<const int64_t>);

Tensor Tensor::scalar(float value) { return of<float>({}, std::span(&value, 1)); }

Tensor Tensor::vector(std::span<const int64_t> values) {
  return of<int64_t>({static_cast<int64_t>(values.size())}, values);
}

Tensor Tensor::vector(std::span<const float> values) {
  return of<float>({static_cast<int64_t>(values.size())}, values);
}

std::vector<float> Tensor::toFloats() const { return convertAll<float>(m_type, size(), m_bytes); }
std::vector<int64_t> Tensor::toInts() const { return convertAll<int64_t>(m_type, size(), m_bytes); }

}  // namespace ridgeline::graph
