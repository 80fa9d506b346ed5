// Between Tensor and ONNX's TensorProto.
#include "graph/tensor.h"

#include <onnx/onnx.pb.h>

#include <cstring>

namespace ridgeline::graph {
namespace {

Dims dimsOf(const onnx::TensorProto& proto) { return {proto.dims().begin(), proto.dims().end()}; }

std::string describe(const onnx::TensorProto& proto) {
  return fmt::format("tensor '{}' ({} {})", proto.name(), nameOf(static_cast<DataType>(proto.data_type())),
                     formatDims(dimsOf(proto)));
}

// How many entries of its typed field (float_data, ...) a tensor of this type needs.
int64_t entriesNeeded(DataType type, const Dims& dims) {
  const int64_t count = elementCount(dims);
  if (type == DataType::Complex64 || type == DataType::Complex128) return byteCount(type, dims) / (bitsOf(type) / 16);
  return bitsOf(type) > 0 && bitsOf(type) < 8 ? byteCount(type, dims) : count;
}

int64_t entriesFound(DataType type, const onnx::TensorProto& proto) {
  switch (type) {
    case DataType::Float:
    case DataType::Complex64:
      return proto.float_data_size();
    case DataType::Double:
    case DataType::Complex128:
      return proto.double_data_size();
    case DataType::Int64:
      return proto.int64_data_size();
    case DataType::Uint32:
    case DataType::Uint64:
      return proto.uint64_data_size();
    case DataType::String:
      return proto.string_data_size();
    default:
      return proto.int32_data_size();
  }
}

template <class T, class Field>
void copyEntries(const Field& field, std::span<std::byte> bytes) {
  size_t at = 0;
  for (const auto entry : field) {
    if (at + sizeof(T) > bytes.size()) return;
    const auto value = static_cast<T>(entry);
    std::memcpy(bytes.data() + at, &value, sizeof(T));
    at += sizeof(T);
  }
}

void copyTyped(const onnx::TensorProto& proto, Tensor& tensor) {
  const auto bytes = tensor.bytes();
  switch (tensor.type()) {
    case DataType::Float:
    case DataType::Complex64:
      return copyEntries<float>(proto.float_data(), bytes);
    case DataType::Double:
    case DataType::Complex128:
      return copyEntries<double>(proto.double_data(), bytes);
    case DataType::Int64:
      return copyEntries<int64_t>(proto.int64_data(), bytes);
    case DataType::Uint32:
      return copyEntries<uint32_t>(proto.uint64_data(), bytes);
    case DataType::Uint64:
      return copyEntries<uint64_t>(proto.uint64_data(), bytes);
    case DataType::Int32:
      return copyEntries<int32_t>(proto.int32_data(), bytes);
    case DataType::Int16:
    case DataType::Uint16:
    case DataType::Float16:
    case DataType::Bfloat16:
      return copyEntries<uint16_t>(proto.int32_data(), bytes);
    case DataType::String:
      std::copy(proto.string_data().begin(), proto.string_data().end(), tensor.strings().begin());
      return;
    default:
      return copyEntries<uint8_t>(proto.int32_data(), bytes);
  }
}

}  // namespace

Status checkData(const onnx::TensorProto& proto) {
  const auto type = static_cast<DataType>(proto.data_type());
  const Dims dims = dimsOf(proto);
  for (const int64_t dim : dims) {
    if (dim < 0) return badInput(fmt::format("{} has a negative dimension", describe(proto)));
  }
  if (proto.data_location() == onnx::TensorProto::EXTERNAL) return {};
  if (bitsOf(type) == 0 && type != DataType::String) return {};
  if (proto.has_raw_data() && type != DataType::String) {
    const int64_t needed = byteCount(type, dims);
    if (static_cast<uint64_t>(needed) == proto.raw_data().size()) return {};
    return badInput(fmt::format("{} needs {} bytes but holds {}", describe(proto), needed, proto.raw_data().size()));
  }
  const int64_t needed = entriesNeeded(type, dims);
  const int64_t found = entriesFound(type, proto);
  if (needed == found) return {};
  return badInput(fmt::format("{} needs {} values but holds {}", describe(proto), needed, found));
}

Result<Tensor> fromProto(const onnx::TensorProto& proto) {
  const auto type = static_cast<DataType>(proto.data_type());
  if (auto checked = checkData(proto); !checked) return passOn(checked);
  if (proto.data_location() == onnx::TensorProto::EXTERNAL) {
    return badInput(fmt::format("{} has its data in another file", describe(proto)));
  }
  if (bitsOf(type) == 0 && type != DataType::String) {
    return badInput(
        fmt::format("{} has an element type that is not known here ({})", describe(proto), proto.data_type()));
  }
  Tensor tensor(type, dimsOf(proto));
  if (type != DataType::String && proto.has_raw_data()) {
    if (tensor.byteSize() > 0) std::memcpy(tensor.bytes().data(), proto.raw_data().data(), tensor.byteSize());
  } else {
    copyTyped(proto, tensor);
  }
  return tensor;
}

void toProto(const Tensor& tensor, onnx::TensorProto& proto) {
  proto.clear_segment();
  proto.clear_float_data();
  proto.clear_int32_data();
  proto.clear_string_data();
  proto.clear_int64_data();
  proto.clear_double_data();
  proto.clear_uint64_data();
  proto.clear_raw_data();
  proto.clear_external_data();
  proto.clear_data_location();
  proto.set_data_type(static_cast<int32_t>(tensor.type()));
  proto.mutable_dims()->Assign(tensor.dims().begin(), tensor.dims().end());
  if (tensor.type() == DataType::String) {
    for (const auto& text : tensor.strings()) proto.add_string_data(text);
  } else {
    proto.set_raw_data(tensor.bytes().data(), tensor.byteSize());
  }
}

}  // namespace ridgeline::graph
