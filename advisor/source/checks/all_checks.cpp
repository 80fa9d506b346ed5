#include "advisor/source/checks/check.h"

#include <array>

namespace ridgeline::source {

std::span<const Check* const> allChecks() {
  static const std::array<const Check*, 19> all{
      &stridedAccess(),   &arrayOfStructs(),   &scalarLoads(),    &missingRestrict(),    &bankConflict(),
      &divergentBranch(), &doubleArithmetic(), &blockSize(),      &launchInLoop(),       &syncInLoop(),
      &copyInLoop(),      &allocationInLoop(), &fusableKernels(), &accumulateInMemory(), &loopOrder(),
      &notVectorized(),   &falseSharing(),     &needlessCopy(),   &invariantCall()};
  return all;
}

FunctionView* CheckInput::viewOf(const clang::FunctionDecl* decl) const {
  const auto* facts = file.factsOf(decl);
  for (const auto& view : functions) {
    if (&view.facts == facts) return const_cast<FunctionView*>(&view);
  }
  return nullptr;
}

Finding Check::finding(const CheckInput& in, const FunctionFacts* function, clang::SourceRange range,
                       std::string message) const {
  Finding made;
  const auto what = info();
  made.check = what.name;
  made.kind = what.kind;
  made.message = std::move(message);
  if (function && function->decl) {
    made.function = function->name;
    made.inKernel = function->isKernel;
  }
  in.file.text().place(range, made);
  return made;
}

std::string counted(long n, const std::string& what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

}  // namespace ridgeline::source
