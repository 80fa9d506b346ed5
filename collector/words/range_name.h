// Ranges that name PyTorch's operators: torch.autograd.profiler.emit_nvtx() writes
// "aten::mm, seq = 12, sizes = [[2, 3], [3, 4]], op_id = 7".
#pragma once

#include <string_view>

namespace ridgeline::collector {

struct RangeName {
  std::string_view name, sizes;
  bool isOperator = false;
};
// Parts of `text`. What is no operator's range is a name as a whole.
RangeName splitRangeName(std::string_view text);

}  // namespace ridgeline::collector
