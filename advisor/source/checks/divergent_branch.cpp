// Threads of a warp that take different sides of a branch wait for each other (CUDA C++ Programming Guide, "Control
// Flow").
#include "advisor/source/checks/check.h"

namespace ridgeline::source {
namespace {

using namespace clang;

class DivergentBranch : public GpuCheck {
 public:
  CheckInfo info() const override {
    return {"gpu-divergent-branch", Kind::Loop, "A branch alternates between the threads of a warp", false};
  }

  void run(const CheckInput& in, std::vector<Finding>& found) const override {
    for (const auto& view : in.functions) {
      if (!view.facts.isDevice) continue;
      walk(view.facts.body, [&](const Stmt* s) {
        const Expr* condition = nullptr;
        const Stmt* work = nullptr;
        if (const auto* branch = dyn_cast<IfStmt>(s)) {
          condition = branch->getCond();
          work = branch;
        } else if (const auto* choice = dyn_cast<SwitchStmt>(s)) {
          condition = choice->getCond();
          work = choice->getBody();
        }
        if (condition) inspect(in, const_cast<FunctionView&>(view), condition, work, found);
        return true;
      });
    }
  }

 private:
  void inspect(const CheckInput& in, FunctionView& view, const Expr* condition, const Stmt* work,
               std::vector<Finding>& found) const {
    const auto* alternating = alternates(in, view, condition);
    if (!alternating || !isWork(work)) return;
    auto made = finding(in, &view.facts, condition->getSourceRange(),
                        fmt::format("'{}' differs between neighbouring threads", in.file.text().of(alternating)));
    made.evidence.push_back("every warp runs both sides, with part of its threads idle in each");
    made.evidence.push_back("work that is split at multiples of 32 threads leaves whole warps idle instead");
    made.weight = 2;
    made.gainFraction = 0.5;
    found.push_back(std::move(made));
  }

  // tid % 2, tid & 1, tid % (2 * s): the part of a condition that alternates within a warp.
  static const Expr* alternates(const CheckInput& in, FunctionView& view, const Expr* condition) {
    const Expr* part = nullptr;
    walk(condition, [&](const Stmt* s) {
      const auto* op = dyn_cast<BinaryOperator>(s);
      if (part || !op) return !part;
      if (op->getOpcode() != BO_Rem && op->getOpcode() != BO_And) return true;
      const auto left = view.index.value(op->getLHS());
      const auto perThread = left ? left->coefficient(kTidX) : std::nullopt;
      const auto step = perThread ? perThread->asConstant() : std::nullopt;
      if (!step || *step == 0 || *step % 32 == 0 || !view.index.isUniform(op->getRHS())) return true;
      // The global index counts on across rows of data; only what the block's own index is taken modulo is a pattern.
      const auto by = in.file.constant(op->getRHS());
      if (by) {
        const auto period = op->getOpcode() == BO_And ? *by + 1 : *by;
        // A mask that is no row of ones, and whole warps, are other things.
        if (period <= 1 || period >= 32 || (op->getOpcode() == BO_And && (period & *by) != 0)) return true;
        part = op;
      } else if (op->getOpcode() == BO_Rem && left->has(kTidX) && !left->has(kBidX)) {
        part = op;
      }
      return !part;
    });
    return part;
  }

  // Something that is not done by predicated instructions: memory, loops, calls.
  static bool isWork(const Stmt* s) {
    bool work = false;
    if (const auto* branch = dyn_cast<IfStmt>(s)) {
      for (const Stmt* side : {branch->getThen(), branch->getElse()}) {
        walk(side, [&](const Stmt* each) {
          work = work || isa<ArraySubscriptExpr, ForStmt, WhileStmt, DoStmt, CallExpr>(each);
          return !work;
        });
      }
      return work;
    }
    walk(s, [&](const Stmt* each) {
      work = work || isa<ArraySubscriptExpr, ForStmt, WhileStmt, DoStmt, CallExpr>(each);
      return !work;
    });
    return work;
  }
};

}  // namespace

const Check& divergentBranch() {
  static const DivergentBranch check;
  return check;
}

}  // namespace ridgeline::source
