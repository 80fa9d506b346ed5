// One kernel out of several elementwise ones that are launched back to back over the same range.
#pragma once

#include "advisor/source/fix/rewrite.h"
#include "advisor/source/model/elementwise.h"

namespace ridgeline::source {

struct FusePlan {
  std::vector<ElementwiseKernel> kernels;  // in the order of their launches
  std::vector<Launch> launches;
  const FunctionFacts* host = nullptr;
  const clang::CompoundStmt* block = nullptr;  // in which the launches stand
};

struct FuseResult {
  std::optional<Fix> fix;
  std::string whyNot;
  int accessesBefore = 0, accessesAfter = 0;  // of global memory, for one element
};

FuseResult fuse(const CheckInput& in, const FusePlan& plan);

}  // namespace ridgeline::source
