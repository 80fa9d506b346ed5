#include "graph/data_type.h"

namespace ridgeline::graph {

int bitsOf(DataType type) {
  switch (type) {
    case DataType::Uint2:
    case DataType::Int2:
      return 2;
    case DataType::Uint4:
    case DataType::Int4:
    case DataType::Float4E2M1:
      return 4;
    case DataType::Uint8:
    case DataType::Int8:
    case DataType::Bool:
    case DataType::Float8E4M3FN:
    case DataType::Float8E4M3FNUZ:
    case DataType::Float8E5M2:
    case DataType::Float8E5M2FNUZ:
    case DataType::Float8E8M0:
      return 8;
    case DataType::Uint16:
    case DataType::Int16:
    case DataType::Float16:
    case DataType::Bfloat16:
      return 16;
    case DataType::Float:
    case DataType::Int32:
    case DataType::Uint32:
      return 32;
    case DataType::Int64:
    case DataType::Double:
    case DataType::Uint64:
    case DataType::Complex64:
      return 64;
    case DataType::Complex128:
      return 128;
    case DataType::Undefined:
    case DataType::String:
      return 0;
  }
  return 0;
}

std::string_view nameOf(DataType type) {
  switch (type) {
    case DataType::Undefined:
      return "undefined";
    case DataType::Float:
      return "float32";
    case DataType::Uint8:
      return "uint8";
    case DataType::Int8:
      return "int8";
    case DataType::Uint16:
      return "uint16";
    case DataType::Int16:
      return "int16";
    case DataType::Int32:
      return "int32";
    case DataType::Int64:
      return "int64";
    case DataType::String:
      return "string";
    case DataType::Bool:
      return "bool";
    case DataType::Float16:
      return "float16";
    case DataType::Double:
      return "float64";
    case DataType::Uint32:
      return "uint32";
    case DataType::Uint64:
      return "uint64";
    case DataType::Complex64:
      return "complex64";
    case DataType::Complex128:
      return "complex128";
    case DataType::Bfloat16:
      return "bfloat16";
    case DataType::Float8E4M3FN:
      return "float8_e4m3fn";
    case DataType::Float8E4M3FNUZ:
      return "float8_e4m3fnuz";
    case DataType::Float8E5M2:
      return "float8_e5m2";
    case DataType::Float8E5M2FNUZ:
      return "float8_e5m2fnuz";
    case DataType::Uint4:
      return "uint4";
    case DataType::Int4:
      return "int4";
    case DataType::Float4E2M1:
      return "float4_e2m1";
    case DataType::Float8E8M0:
      return "float8_e8m0";
    case DataType::Uint2:
      return "uint2";
    case DataType::Int2:
      return "int2";
  }
  return "unknown";
}

bool isFloating(DataType type) {
  switch (type) {
    case DataType::Float:
    case DataType::Float16:
    case DataType::Double:
    case DataType::Bfloat16:
    case DataType::Float8E4M3FN:
    case DataType::Float8E4M3FNUZ:
    case DataType::Float8E5M2:
    case DataType::Float8E5M2FNUZ:
    case DataType::Float4E2M1:
    case DataType::Float8E8M0:
      return true;
    default:
      return false;
  }
}

bool isInteger(DataType type) {
  switch (type) {
    case DataType::Uint2:
    case DataType::Int2:
    case DataType::Uint4:
    case DataType::Int4:
    case DataType::Uint8:
    case DataType::Int8:
    case DataType::Uint16:
    case DataType::Int16:
    case DataType::Uint32:
    case DataType::Int32:
    case DataType::Uint64:
    case DataType::Int64:
      return true;
    default:
      return false;
  }
}

}  // namespace ridgeline::graph
