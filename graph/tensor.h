// A dense tensor in host memory: a constant of a graph, an input, an output. Row-major.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "graph/data_type.h"

namespace onnx {
class TensorProto;
}

namespace ridgeline::graph {

using Dims = std::vector<int64_t>;

// Product of the dims; 1 for a scalar. Saturates at INT64_MAX; 0 if any dim is negative.
int64_t elementCount(std::span<const int64_t> dims);

// "1x3x224x224"; "scalar" for none.
std::string formatDims(std::span<const int64_t> dims);

class Tensor {
 public:
  Tensor() = default;
  Tensor(DataType type, Dims dims);  // zeroed
  template <class T>
  static Tensor of(Dims dims, std::span<const T> values);  // T: float, double, uint8_t, int8_t, int32_t, int64_t, bool...
  static Tensor scalar(float value);
  static Tensor vector(std::span<const int64_t> values);  // int64, one dimension
  static Tensor vector(std::span<const float> values);

  DataType type() const { return m_type; }
  const Dims& dims() const { return m_dims; }
  int64_t size() const { return elementCount(m_dims); }  // elements
  size_t byteSize() const { return m_bytes.size(); }

  std::span<const std::byte> bytes() const { return m_bytes; }
  std::span<std::byte> bytes() { return m_bytes; }

  // Typed views; T must be the storage of the type (float for Float, int64_t for Int64, uint16_t for Float16...).
  template <class T>
  std::span<const T> as() const {
    return {reinterpret_cast<const T*>(m_bytes.data()), m_bytes.size() / sizeof(T)};
  }
  template <class T>
  std::span<T> as() {
    return {reinterpret_cast<T*>(m_bytes.data()), m_bytes.size() / sizeof(T)};
  }

  // Every element converted: from any float or integer type (4-bit ones unpacked); empty for String and complex.
  std::vector<float> toFloats() const;
  std::vector<int64_t> toInts() const;

  // String tensors hold their elements here and have no bytes.
  const std::vector<std::string>& strings() const { return m_strings; }
  std::vector<std::string>& strings() { return m_strings; }

  bool operator==(const Tensor&) const = default;

 private:
  DataType m_type = DataType::Undefined;
  Dims m_dims;
  std::vector<std::byte> m_bytes;
  std::vector<std::string> m_strings;
};

// Float16 and bfloat16 are stored as uint16_t.
float halfToFloat(uint16_t bits);
uint16_t floatToHalf(float value);
float bfloat16ToFloat(uint16_t bits);
uint16_t floatToBfloat16(float value);

// From ONNX's message, whichever of its fields holds the data (raw_data, float_data, int32_data, ...).
// External data is not followed here: see Model::tensor(). BadInput when sizes and dims disagree.
Result<Tensor> fromProto(const onnx::TensorProto& proto);
void toProto(const Tensor& tensor, onnx::TensorProto& proto);  // raw_data; keeps the proto's name

}  // namespace ridgeline::graph
