// Element types, with ONNX's own numbers (TensorProto.DataType).
#pragma once

#include <cstdint>
#include <string_view>

namespace ridgeline::graph {

enum class DataType : int32_t {
  Undefined = 0,
  Float = 1,
  Uint8 = 2,
  Int8 = 3,
  Uint16 = 4,
  Int16 = 5,
  Int32 = 6,
  Int64 = 7,
  String = 8,
  Bool = 9,
  Float16 = 10,
  Double = 11,
  Uint32 = 12,
  Uint64 = 13,
  Complex64 = 14,
  Complex128 = 15,
  Bfloat16 = 16,
  Float8E4M3FN = 17,
  Float8E4M3FNUZ = 18,
  Float8E5M2 = 19,
  Float8E5M2FNUZ = 20,
  Uint4 = 21,
  Int4 = 22,
  Float4E2M1 = 23,
  Float8E8M0 = 24,
  Uint2 = 25,
  Int2 = 26
};

// Bits of one element; 0 for String, Undefined and a number ONNX may add later.
int bitsOf(DataType type);

// "float32", "int8", "bfloat16", ...: NumPy's names where it has one. "unknown" for a number ONNX may add later.
std::string_view nameOf(DataType type);

bool isFloating(DataType type);
bool isInteger(DataType type);  // Bool is not one

}  // namespace ridgeline::graph
