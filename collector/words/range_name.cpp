#include "collector/words/range_name.h"

#include <algorithm>

namespace ridgeline::collector {

RangeName splitRangeName(std::string_view text) {
  RangeName out{text, {}, false};
  const auto end = std::min({text.find(", seq = "), text.find(", op_id = "), text.find(", sizes = ")});
  out.isOperator = end != std::string_view::npos || text.starts_with("aten::");
  if (end == std::string_view::npos) return out;
  out.name = text.substr(0, end);
  const auto sizes = text.find(", sizes = ");
  if (sizes != std::string_view::npos) {
    out.sizes = text.substr(sizes + 10);
    out.sizes = out.sizes.substr(0, out.sizes.rfind(']') + 1);
  }
  return out;
}

}  // namespace ridgeline::collector
