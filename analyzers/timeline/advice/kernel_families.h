// What the names of vendors' kernels tell. A name that tells nothing is Other: nothing is concluded from it.
#pragma once

#include <string_view>

namespace ridgeline::analyzers {

enum class KernelFamily {
  Other,
  ElementWise,   // one pass over tensors, no more
  MatrixFp32,    // matrix products and convolutions on the FP32 lanes
  MatrixTf32,    // on tensor cores, by type
  MatrixHalf,    // FP16, BF16
  LayoutChange,  // NCHW to NHWC and back
};

KernelFamily familyOf(std::string_view kernel);

// The least compute capability a kernel of this name was built for ("sm80_xmma_...": 8.0), or 0.
double capabilityNamedBy(std::string_view kernel);

}  // namespace ridgeline::analyzers
