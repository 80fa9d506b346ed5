// The two axes of a square block of threads, exchanged: what neighbours along x did, neighbours along y do.
#pragma once

#include "advisor/source/checks/check.h"

namespace ridgeline::source {

struct SwapResult {
  std::optional<Fix> fix;
  std::string whyNot;  // empty as well where it would not help
  double fewer = 1;    // sectors moved before / after, as far as addresses are known
};

// Of a kernel whose launches all have the same number of threads along x and y: then it only renames the threads of
// each block. Offered where a warp moves fewer sectors of global memory afterwards.
SwapResult swapThreads(const CheckInput& in, const FunctionView& view);

}  // namespace ridgeline::source
