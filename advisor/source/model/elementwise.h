// Kernels that treat each element by itself: thread i reads and writes only p[i] of the pointers it is given.
#pragma once

#include "advisor/source/checks/check.h"

#include <string>
#include <vector>

namespace ridgeline::source {

struct ElementUse {
  const clang::ArraySubscriptExpr* expr = nullptr;
  const clang::ParmVarDecl* pointer = nullptr;
  bool read = false, write = false;
  bool conditional = false;  // not done for every element
};

struct ElementwiseKernel {
  const FunctionFacts* facts = nullptr;
  const clang::VarDecl* index = nullptr;
  const clang::ParmVarDecl* bound = nullptr;
  const clang::ForStmt* gridStride = nullptr;  // the loop of a kernel that strides over the grid
  std::vector<const clang::Stmt*> body;        // for one element
  std::vector<ElementUse> uses;                // in the order in which they happen
  bool usesIndexValue = false;                 // also in arithmetic
  bool usesThread = false;                     // asks for the thread's coordinates within the body
};

// Nullopt, with the reason in `whyNot`, for every other kernel.
std::optional<ElementwiseKernel> elementwise(const CheckInput& in, const FunctionView& view, std::string& whyNot);

// The pointee's type as one writes it: "float".
std::string elementTypeName(const clang::ParmVarDecl* pointer);

// Functions that only compute: mathematics and conversions.
bool isPureFunction(const std::string& name);

// True when the grid of a launch covers `count` elements for sure: (count + block - 1) / block blocks.
bool coversRange(const CheckInput& in, const Launch& launch, const clang::Expr* count);

}  // namespace ridgeline::source
