// A sum kept in memory, kept in a variable instead.
#pragma once

#include "advisor/source/fix/rewrite.h"
#include "advisor/source/model/loops.h"

namespace ridgeline::source {

struct Accumulation {
  const Access* access = nullptr;  // p[s] of p[s] += ...
  const Loop* loop = nullptr;
  const clang::CompoundAssignOperator* update = nullptr;
};
// Updates in an innermost loop of an element that stays the same in it, and that nothing else there touches.
std::vector<Accumulation> accumulations(const CheckInput& in, FunctionView& view);

struct AccumulateResult {
  std::optional<Fix> fix;
  std::string whyNot;
  bool needed = true;  // false: the compiler can see by itself that nothing else is changed
};
AccumulateResult inRegister(const CheckInput& in, FunctionView& view, const Accumulation& sum);

}  // namespace ridgeline::source
