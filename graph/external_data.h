// Tensor data kept in files beside a model.
#pragma once

#include "base/result.h"

#include <onnx/onnx.pb.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace ridgeline::graph {

struct ExternalEntry {
  std::filesystem::path file;  // the model's folder included
  int64_t offset = 0;
  int64_t bytes = 0;  // what the tensor's type and dims need
};

inline bool isExternal(const onnx::TensorProto& tensor) {
  return tensor.data_location() == onnx::TensorProto::EXTERNAL;
}

// Where the tensor's data is. BadInput for a location that is absolute or leaves the folder, numbers that are none, and
// a length other than the tensor's. Does not look at the file.
Result<ExternalEntry> externalEntry(const onnx::TensorProto& tensor, const std::filesystem::path& folder);

// BadInput naming tensor and file when the file is missing or too short.
Status checkExternalFile(const onnx::TensorProto& tensor, const ExternalEntry& entry);

// Fills `out`, which has entry.bytes, from the file.
Status readExternal(const onnx::TensorProto& tensor, const ExternalEntry& entry, std::span<std::byte> out);

// Points the tensor at data in a file beside its model, and drops what it held itself.
void setExternal(onnx::TensorProto& tensor, const std::string& location, int64_t offset, int64_t length);

}  // namespace ridgeline::graph
