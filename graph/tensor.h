// A dense tensor in host memory: a constant of a graph, an input, an output. Row-major.
#pragma once

#include "base/result.h"
#include "graph/data_type.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace onnx {
class TensorProto;
}

namespace ridgeline::graph {

using Dims = std::vector<int64_t>;

// Product of the dims; 1 for a scalar. Saturates at INT64_MAX; 0 if any dim is negative.
int64_t elementCount(std::span<const int64_t> dims);

// Bytes of a dense tensor, sub-byte types packed and the last byte padded; 0 for String and unknown types. Saturates.
int64_t byteCount(DataType type, std::span<const int64_t> dims);

// "1x3x224x224"; "scalar" for none.
std::string formatDims(std::span<const int64_t> dims);

class Tensor {
 public:
  Tensor() = default;
  Tensor(DataType type, Dims dims);  // zeroed
  // T: float, double, bool or a fixed-width integer. As many values as the dims ask for: too few leave zeros at the
  // end.
  template <class T>
  static Tensor of(Dims dims, std::span<const T> values);
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

  // Every element converted: from any float or integer type or Bool, those below a byte unpacked; empty for String and
  // complex. To integers, fractions are cut off, what is out of range saturates, and NaN is 0.
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

// Float16 and bfloat16 are stored as uint16_t. To them is rounded to nearest, ties to even.
float halfToFloat(uint16_t bits);
uint16_t floatToHalf(float value);
float bfloat16ToFloat(uint16_t bits);
uint16_t floatToBfloat16(float value);

// From ONNX's message, whichever of its fields holds the data (raw_data, float_data, int32_data, ...).
// External data is not followed here: see Model::tensor(). BadInput when sizes and dims disagree.
Result<Tensor> fromProto(const onnx::TensorProto& proto);
// The checks of fromProto without touching the data; passes what is stored externally or of a type unknown here.
Status checkData(const onnx::TensorProto& proto);
// As raw_data (strings as string_data), replacing what data the message had; its name, documentation and metadata stay.
void toProto(const Tensor& tensor, onnx::TensorProto& proto);

}  // namespace ridgeline::graph
