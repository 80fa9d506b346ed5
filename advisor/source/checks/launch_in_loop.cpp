// A launch costs some microseconds of the host's time, whatever it launches.
#include "advisor/source/checks/launch_loops.h"

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

  void inspect(const CheckInput& in, const FunctionFacts& host, const Launch& launch, const Loop& loop, size_t depth,
               std::vector<Finding>& found) const {
    // A loop over steps that depend on each other has to launch; one that walks through the data need not.
    bool walksData = false;
    for (const auto* argument : launch.call->arguments()) {
      const bool isPointer = argument->getType()->isPointerType();
      if (loop.counter && isPointer && mentions(argument, loop.counter)) walksData = true;
    }
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
