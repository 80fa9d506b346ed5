// The text of shim/*.h, embedded by CMake.
#pragma once

namespace ridgeline::source {

extern const char* const kCudaShim;
extern const char* const kCudaHalfShim;

}  // namespace ridgeline::source
