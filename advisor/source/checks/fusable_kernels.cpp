// Each elementwise kernel moves its data through memory once: launched back to back, what one writes the next reads
// again.
#include "advisor/source/checks/check.h"
#include "advisor/source/fix/fuse.h"

namespace ridgeline::source {
namespace {

using namespace clang;

class FusableKernels : public CudaCheck {
 public:
  CheckInfo info() const override {
    return {"gpu-fusable-kernels", Kind::Launch, "Elementwise kernels are launched back to back over the same range",
            true};
  }

  void run(const CheckInput& in, std::vector<Finding>& found) const override {
    for (const auto& view : in.functions) {
      if (view.facts.launches.size() < 2) continue;
      walk(view.facts.body, [&](const Stmt* s) {
        if (const auto* block = dyn_cast<CompoundStmt>(s)) inspectBlock(in, view.facts, block, found);
        return true;
      });
    }
  }

 private:
  static const CUDAKernelCallExpr* launchIn(const Stmt* s) {
    const auto* e = dyn_cast<Expr>(s);
    return e ? dyn_cast<CUDAKernelCallExpr>(e->IgnoreImplicit()) : nullptr;
  }

  static bool sameConfiguration(const CheckInput& in, const Launch& a, const Launch& b) {
    const std::pair<const Expr*, const Expr*> parts[] = {
        {a.grid, b.grid}, {a.block, b.block}, {a.shared, b.shared}, {a.stream, b.stream}};
    for (const auto& [x, y] : parts) {
      if ((x == nullptr) != (y == nullptr)) return false;
      if (!x) continue;
      if (in.file.text().of(x) != in.file.text().of(y)) return false;
      if (plain(x)->HasSideEffects(in.file.context()) && !isa<CXXConstructExpr>(plain(x))) return false;
    }
    return true;
  }

  void inspectBlock(const CheckInput& in, const FunctionFacts& host, const CompoundStmt* block,
                    std::vector<Finding>& found) const {
    FusePlan plan;
    plan.host = &host;
    plan.block = block;
    const auto finish = [&] {
      if (plan.kernels.size() > 1) report(in, plan, found);
      plan.kernels.clear();
      plan.launches.clear();
    };
    for (const auto* s : block->body()) {
      const auto* call = launchIn(s);
      const Launch* launch = nullptr;
      for (const auto& each : host.launches) {
        if (each.call == call && call) launch = &each;
      }
      auto* view = launch && launch->kernel ? in.viewOf(launch->kernel) : nullptr;
      std::string why;
      auto kernel = view ? elementwise(in, *view, why) : std::nullopt;
      if (!kernel) {
        finish();
        continue;
      }
      if (!plan.launches.empty() && !sameConfiguration(in, plan.launches.front(), *launch)) finish();
      plan.kernels.push_back(*kernel);
      plan.launches.push_back(*launch);
    }
    finish();
  }

  void report(const CheckInput& in, const FusePlan& plan, std::vector<Finding>& found) const {
    auto result = fuse(in, plan);
    std::string names;
    for (const auto& kernel : plan.kernels) {
      names += (names.empty() ? "" : ", ") + kernel.facts->decl->getNameAsString();
    }
    auto made = finding(in, plan.kernels.front().facts, plan.launches.front().call->getSourceRange(),
                        fmt::format("elementwise kernels {} run back to back over the same range", names));
    if (result.accessesAfter < result.accessesBefore) {
      made.evidence.push_back(fmt::format("each element is loaded and stored {} times; in one kernel {} would do",
                                          result.accessesBefore, result.accessesAfter));
      made.gainFraction = 1 - static_cast<double>(result.accessesAfter) / result.accessesBefore;
    } else {
      made.evidence.push_back("they share no data; one launch instead of " + std::to_string(plan.kernels.size()) +
                              " saves the time of launching");
    }
    made.kernels = kernelNames(in, plan.launches);
    made.weight = 4;
    made.fix = std::move(result.fix);
    made.whyNoFix = result.whyNot;
    found.push_back(std::move(made));
  }
};

}  // namespace

const Check& fusableKernels() {
  static const FusableKernels check;
  return check;
}

}  // namespace ridgeline::source
