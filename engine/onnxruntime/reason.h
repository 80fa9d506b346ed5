#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ridgeline::engine {

// ONNX Runtime's words on one line: no line breaks, no source files and functions of its own, at most `limit` bytes.
std::string plainReason(std::string_view text, size_t limit = 300);

}  // namespace ridgeline::engine
