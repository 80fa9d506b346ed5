// Copies between host and device in a loop that launches: each waits for what is before it, and moves little.
#include "advisor/source/checks/launch_loops.h"
#include "advisor/source/fix/rewrite.h"
#include "advisor/source/model/pointers.h"

namespace ridgeline::source {
namespace {

using namespace clang;

class CopyInLoop : public CudaCheck {
 public:
  CheckInfo info() const override {
    return {"gpu-copy-in-loop", Kind::Transfer, "Memory is copied in every round of a loop that launches kernels",
            true};
  }

  void run(const CheckInput& in, std::vector<Finding>& found) const override {
    for (const auto& place :
         callsInLoops(in, {"cudaMemcpy", "cudaMemcpy2D", "cudaMemcpyToSymbol", "cudaMemcpyFromSymbol"})) {
      if (!launchesKernels(in, *place.loop)) continue;
      const bool invariant = sameEveryRound(in, place);
      auto made = finding(in, place.function, place.call->getSourceRange(),
                          invariant ? place.name + " copies the same data in every round of the loop"
                                    : place.name + " waits for the GPU in every round of the loop");
      made.evidence.push_back(invariant ? "neither its source nor its destination changes in the loop"
                                        : "a copy of a stream that waits only for what it needs overlaps with work");
      made.weight = invariant ? 2 : 1;
      made.gainFraction = 0.2;
      if (invariant) {
        offerHoist(in, place, made);
      }
      found.push_back(std::move(made));
    }
  }

 private:
  static bool mentionedOtherwise(const CheckInput& in, const Loop& loop, const VarDecl* variable, const CallExpr* copy,
                                 bool onlyWrites) {
    for (const auto* mention : in.file.mentions(variable)) {
      bool inLoop = false, inCopy = false;
      const CUDAKernelCallExpr* launch = nullptr;
      const Stmt* argument = nullptr;
      for (const Stmt* s = mention; s; s = in.file.parent(s)) {
        if (s == loop.stmt) inLoop = true;
        if (s == copy) inCopy = true;
        if (const auto* call = dyn_cast<CUDAKernelCallExpr>(s); call && !launch) launch = call;
        if (!launch) argument = s;
      }
      if (!inLoop || inCopy) continue;
      if (!onlyWrites || !launch) return true;
      // A kernel that takes it as const only reads it.
      const auto* kernel = launch->getDirectCallee();
      bool reads = false;
      for (unsigned i = 0; kernel && i < launch->getNumArgs() && i < kernel->getNumParams(); ++i) {
        const auto type = kernel->getParamDecl(i)->getType();
        if (launch->getArg(i) == argument && type->isPointerType() && type->getPointeeType().isConstQualified()) {
          reads = true;
        }
      }
      if (!reads) return true;
    }
    return false;
  }

  static bool sameEveryRound(const CheckInput& in, const CallInLoop& place) {
    if (place.name != "cudaMemcpy" || place.call->getNumArgs() != 4) return false;
    const auto* to = namedVariable(place.call->getArg(0));
    const auto* from = namedVariable(place.call->getArg(1));
    if (!to || !from) return false;
    const auto* kind = dyn_cast<DeclRefExpr>(plain(place.call->getArg(3)));
    if (!kind || kind->getDecl()->getName() != "cudaMemcpyHostToDevice") return false;
    for (const auto* part : place.call->arguments()) {
      if (firstBelow<CallExpr>(part)) return false;
      bool changes = false;
      walk(part, [&](const Stmt* s) {
        const auto* variable = isa<Expr>(s) ? namedVariable(cast<Expr>(s)) : nullptr;
        if (variable && isa<DeclRefExpr>(s) && variable->getType()->isIntegerType() &&
            !in.file.variable(variable).onlyInit()) {
          changes = true;
        }
        return !changes;
      });
      if (changes) return false;
    }
    return !mentionedOtherwise(in, *place.loop, from, place.call, false) &&
           !mentionedOtherwise(in, *place.loop, to, place.call, true);
  }

  static void offerHoist(const CheckInput& in, const CallInLoop& place, Finding& made) {
    const auto* to = namedVariable(place.call->getArg(0));
    const auto* from = namedVariable(place.call->getArg(1));
    if (!isStatement(in, place.call)) {
      made.whyNoFix = "its result is looked at";
      return;
    }
    if (in.file.parent(place.call) != place.loop->body) {
      made.whyNoFix = "it is not done in every round";
      return;
    }
    const auto first = place.loop->init ? in.file.constant(place.loop->init) : std::nullopt;
    const auto bound = place.loop->bound ? in.file.constant(place.loop->bound) : std::nullopt;
    if (!first || !bound || *first >= *bound || place.loop->direction < 0) {
      made.whyNoFix = "the loop may not run at all";
      return;
    }
    if (!ownsItsMemory(in.file, to) || !ownsItsMemory(in.file, from)) {
      made.whyNoFix =
          fmt::format("'{}' or '{}' may be reached by another name", to->getNameAsString(), from->getNameAsString());
      return;
    }
    // Functions called in the loop could change the source behind its back only through another name.
    const auto& text = in.file.text();
    const auto line = text.statementLine(place.call);
    const auto whole = text.statement(place.call);
    const auto loop = text.offset(place.loop->stmt->getBeginLoc());
    if (!line || !whole || !loop) {
      made.whyNoFix = "a part of it is written by a macro";
      return;
    }
    Fix fix;
    fix.title = "copy once, before the loop";
    fix.scopes.insert(place.function->name);
    fix.edits.push_back(replace(*line, ""));
    fix.edits.push_back(insertAt(*loop, text.at(*whole) + "\n" + text.indentationAt(*loop)));
    made.fix = std::move(fix);
  }
};

}  // namespace

const Check& copyInLoop() {
  static const CopyInLoop check;
  return check;
}

}  // namespace ridgeline::source
