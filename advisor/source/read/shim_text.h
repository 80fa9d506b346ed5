// The text of shim/*.h, embedded by CMake.
#pragma once

#include <span>

namespace ridgeline::source {

struct ShimHeader {
  const char* name;
  const char* text;
};
std::span<const ShimHeader> shimHeaders();

}  // namespace ridgeline::source
