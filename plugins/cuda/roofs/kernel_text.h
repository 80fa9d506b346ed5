// The kernels that roofs are measured with, as PTX: the driver translates them for the GPU that is there, so that no
// compiler of NVIDIA's is needed to build or to run Ridgeline.
#pragma once

#include <string>

namespace ridgeline::cuda {

// Entries:
//   fill(out, words, evenAnd, evenOr, oddAnd, oddOr)   32-bit words, pseudo-random under a mask
//   read_all(in, out, vectors, passes)                 sums; past the L1 caches
//   triad(a, b, c, vectors, passes)                    a = b + 3 c
//   peak_f32(out, passes), peak_f64(out, passes)       kPeakChains chains of kPeakSteps multiply-adds a pass
// Vectors are four floats. Every thread of the grid has the same number of them, a multiple of kVectorsAtOnce.
std::string roofKernels();

inline constexpr int kPeakChains = 16;
inline constexpr int kPeakSteps = 16;
inline constexpr int kVectorsAtOnce = 4;

}  // namespace ridgeline::cuda
