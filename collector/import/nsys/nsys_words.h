// What the export says in numbers and conventions of its own.
#pragma once

#include "profile/timeline_vocabulary.h"

#include <cstdint>
#include <string_view>

namespace ridgeline::collector::import {

profile::CopyDirection copyDirectionOf(int64_t copyKind);

// "cudaLaunchKernel_v7000" -> "cudaLaunchKernel".
std::string_view withoutVersion(std::string_view call);

// PyTorch's NVTX ranges: "aten::mm, seq = 12, sizes = [[2, 3], [3, 4]], op_id = 7".
struct NvtxName {
  std::string_view name, sizes;
  bool isOperator = false;
};
NvtxName splitNvtx(std::string_view text);

}  // namespace ridgeline::collector::import
