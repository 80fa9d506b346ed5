#include "advisor/source/checks/launch_loops.h"

namespace ridgeline::source {

using namespace clang;

std::vector<CallInLoop> callsInLoops(const CheckInput& in, const std::set<std::string>& names) {
  std::vector<CallInLoop> found;
  for (const auto& view : in.functions) {
    if (view.facts.isDevice) continue;
    walk(view.facts.body, [&](const Stmt* s) {
      const auto* call = dyn_cast<CallExpr>(s);
      if (!call || isa<CUDAKernelCallExpr>(call)) return true;
      const auto name = calleeName(call);
      if (!names.count(name)) return true;
      for (const auto* loop : in.file.loopsAround(call)) {
        // do { ... } while (0) is how macros wrap statements.
        if (const auto* once = dyn_cast<DoStmt>(loop->stmt)) {
          const auto again = once->getCond()->isValueDependent() ? std::nullopt : in.file.constant(once->getCond());
          if (again == 0 || isa<CXXBoolLiteralExpr>(plain(once->getCond()))) continue;
        }
        found.push_back({&view.facts, call, loop, name});
        break;
      }
      return true;
    });
  }
  return found;
}

bool launchesKernels(const CheckInput&, const Loop& loop) {
  return firstBelow<CUDAKernelCallExpr>(loop.body) != nullptr;
}

bool isStatement(const CheckInput& in, const Expr* call) {
  const Stmt* up = in.file.parent(call);
  while (up && isa<ExprWithCleanups, ImplicitCastExpr, ParenExpr>(up)) up = in.file.parent(up);
  return isa_and_nonnull<CompoundStmt, ForStmt, WhileStmt, IfStmt, DoStmt>(up);
}

}  // namespace ridgeline::source
