#include "advisor/source/checks/check.h"

#include <algorithm>
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
    if (function->isKernel) made.kernels.push_back(function->name);
    const auto callers = in.callers.find(function);
    if (callers != in.callers.end()) made.kernels.assign(callers->second.begin(), callers->second.end());
  }
  in.file.text().place(range, made);
  return made;
}

std::vector<std::string> kernelNames(const CheckInput& in, const std::vector<Launch>& launches) {
  std::vector<std::string> names;
  for (const auto& launch : launches) {
    const auto* facts = in.file.factsOf(launch.kernel);
    auto name = facts ? facts->name : launch.kernel ? qualifiedName(launch.kernel) : launch.name;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace ridgeline::source
