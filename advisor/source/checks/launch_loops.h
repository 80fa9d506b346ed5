// What the checks of loops around launches share.
#pragma once

#include "advisor/source/checks/check.h"

namespace ridgeline::source {

// Calls of the runtime within a loop of host code, with the innermost loop around each.
struct CallInLoop {
  const FunctionFacts* function = nullptr;
  const clang::CallExpr* call = nullptr;
  const Loop* loop = nullptr;
  std::string name;
};
std::vector<CallInLoop> callsInLoops(const CheckInput& in, const std::set<std::string>& names);

// True when the loop launches kernels itself.
bool launchesKernels(const CheckInput& in, const Loop& loop);

// False when the result of a call is looked at.
bool isStatement(const CheckInput& in, const clang::Expr* call);

}  // namespace ridgeline::source
