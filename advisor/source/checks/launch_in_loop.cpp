// A launch costs some microseconds of the host's time, whatever it launches.
#include "advisor/source/checks/launch_loops.h"
#include "advisor/source/model/pointers.h"

namespace ridgeline::source {
namespace {

using namespace clang;

class LaunchInLoop : public CudaCheck {
 public:
  CheckInfo info() const override {
    return {"gpu-launch-in-loop", Kind::Launch, "A loop launches a kernel for each piece of the data", false};
  }

  void run(const CheckInput& in, std::vector<Finding>& found) const override {
    for (const auto& view : in.functions) {
      for (const auto& launch : view.facts.launches) {
        const auto loops = in.file.loopsAround(launch.call);
        if (loops.empty()) continue;
        inspect(in, view.facts, launch, *loops.front(), loops.size(), found);
      }
    }
  }

 private:
  static bool mentions(const Stmt* s, const VarDecl* variable) {
    bool found = false;
    walk(s, [&](const Stmt* each) {
      const auto* named = dyn_cast<DeclRefExpr>(each);
      found = found || (named && named->getDecl()->getCanonicalDecl() == variable->getCanonicalDecl());
      return !found;
    });
    return found;
  }

  static bool isOnlyRead(const CheckInput& in, const Launch& launch, const Expr* argument) {
    const auto* kernel = launch.kernel;
    for (unsigned i = 0; kernel && i < launch.call->getNumArgs() && i < kernel->getNumParams(); ++i) {
      if (launch.call->getArg(i) != argument) continue;
      const auto type = kernel->getParamDecl(i)->getType();
      if (type->isPointerType() && type->getPointeeType().isConstQualified()) return true;
      const auto* view = in.viewOf(kernel);
      if (!view || i >= view->facts.decl->getNumParams()) return false;
      const auto use = pointerUse(in.file, view->accesses, view->facts.decl->getParamDecl(i));
      return !use.written && !use.escapes;
    }
    return false;
  }

  void inspect(const CheckInput& in, const FunctionFacts& host, const Launch& launch, const Loop& loop, size_t depth,
               std::vector<Finding>& found) const {
    // A loop over steps that depend on each other has to launch; one that walks through the data need not.
    bool walksData = false, sharesOutput = false;
    for (const auto* argument : launch.call->arguments()) {
      const bool isPointer = argument->getType()->isPointerType();
      const bool moves = loop.counter && mentions(argument, loop.counter);
      if (isPointer && moves) walksData = true;
      // What every round may write, the next may read.
      if (isPointer && !moves && !argument->getType()->getPointeeType().isConstQualified()) {
        sharesOutput = sharesOutput || !isOnlyRead(in, launch, argument);
      }
    }
    walksData = walksData && !sharesOutput;
    const auto* grid = launch.grid ? firstDimension(launch.grid) : nullptr;
    const bool tiny = grid && in.file.constant(grid).value_or(1000000) <= 16;
    if (!walksData && !(tiny && depth >= 2)) return;
    auto made = finding(in, &host, launch.call->getSourceRange(),
                        fmt::format("'{}' is launched once for each round of a loop", launch.name));
    made.evidence.push_back(walksData
                                ? fmt::format("'{}' only moves the pointers it is given: a second dimension of the "
                                              "grid could stand for the loop",
                                              loop.counter->getNameAsString())
                                : "the grid is too small to fill a GPU; a launch costs some microseconds by itself");
    made.kernels = kernelNames(in, {launch});
    made.weight = 2;
    made.gainFraction = 0.5;
    found.push_back(std::move(made));
  }
};

}  // namespace

const Check& launchInLoop() {
  static const LaunchInLoop check;
  return check;
}

}  // namespace ridgeline::source
