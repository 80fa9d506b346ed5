// What Clang's vectorizer says of innermost loops that it left scalar, where the programmer can do something about it.
#include "advisor/source/checks/check.h"
#include "advisor/source/model/elementwise.h"

namespace ridgeline::source {
namespace {

using namespace clang;

struct Reason {
  const char* remark;  // a part of the vectorizer's words
  const char* advice;
};

constexpr const char *kCalls = "instruction cannot be vectorized", *kRounds = "could not determine number of loop";
constexpr Reason kReasons[] = {
    {"reorder floating-point",
     "a floating-point sum is kept in order; several partial sums, or -fassociative-math "
     "where the last bits do not matter, let it be vectorized"},
    {"unsafe dependent memory", "a round uses what an earlier one wrote, or might: __restrict__ where it does not"},
    {kCalls,
     "it calls a function of the mathematics library; a vector one (-fveclib=libmvec with -ffast-math) lets it be "
     "vectorized"},
    {kRounds, "what it writes may be its own bound, which is read again in every round: a local variable would do"},
};

class NotVectorized : public CpuCheck {
 public:
  CheckInfo info() const override {
    return {"cpu-not-vectorized", Kind::Loop, "Clang leaves an innermost loop scalar", false};
  }

  void run(const CheckInput& in, std::vector<Finding>& found) const override {
    for (const auto& view : in.functions) {
      for (size_t i = 0; i < view.facts.loops.size(); ++i) {
        const auto& loop = view.facts.loops[i];
        bool innermost = true;
        for (const auto& other : view.facts.loops) innermost = innermost && other.outer != static_cast<int>(i);
        if (innermost && loop.counter && isWorthIt(in, view, loop)) inspect(in, view, loop, found);
      }
    }
  }

 private:
  static bool isWorthIt(const CheckInput& in, const FunctionView& view, const Loop& loop) {
    // A search ends where it ends.
    if (firstBelow<BreakStmt>(loop.body) || firstBelow<ReturnStmt>(loop.body) || firstBelow<GotoStmt>(loop.body)) {
      return false;
    }
    const auto first = in.file.constant(loop.init), bound = in.file.constant(loop.bound);
    if (first && bound && *bound - *first < 16) return false;
    for (const auto& access : view.accesses) {
      const auto around = in.file.loopsAround(access.expr);
      if (!around.empty() && around.front()->stmt == loop.stmt && access.expr->getType()->isFloatingType())
        return callsOnlyMathematics(loop);
    }
    return false;
  }

  // A loop around rand() or fread() is not about arithmetic, and one around functions with loops is no inner loop.
  static bool callsOnlyMathematics(const Loop& loop) {
    bool others = false;
    walk(loop.body, [&](const Stmt* s) {
      const auto* call = dyn_cast<CallExpr>(s);
      if (!call || isa<CXXOperatorCallExpr>(call) || isPureFunction(calleeName(call))) return !others;
      const FunctionDecl* definition = nullptr;
      const auto* callee = call->getDirectCallee();
      const auto* body = callee && callee->hasBody(definition) ? definition->getBody() : nullptr;
      others = others || !body || firstBelow<ForStmt>(body) || firstBelow<WhileStmt>(body) ||
               firstBelow<DoStmt>(body) || firstBelow<CXXForRangeStmt>(body);
      return !others;
    });
    return !others;
  }

  // What the remark says of a loop is only told where the loop shows why.
  static bool fits(const Reason& reason, const Loop& loop) {
    if (reason.remark == kRounds) {
      const auto* bound = plain(loop.bound);
      const auto* variable = namedVariable(bound);
      return isa<MemberExpr>(bound) ||
             (variable && (!variable->hasLocalStorage() || variable->getType()->isReferenceType()));
    }
    if (reason.remark != kCalls) return true;
    bool any = false;
    walk(loop.body, [&](const Stmt* s) {
      const auto* call = dyn_cast<CallExpr>(s);
      any = any || (call && isPureFunction(calleeName(call)));
      return !any;
    });
    return any;
  }

  void inspect(const CheckInput& in, const FunctionView& view, const Loop& loop, std::vector<Finding>& found) const {
    Finding place;
    in.file.text().place(loop.stmt->getSourceRange(), place);
    const auto end = in.file.text().span(loop.stmt);
    const auto first = in.file.text().offset(loop.stmt->getBeginLoc());
    if (!end || !first) return;
    const auto& all = in.file.text().all();
    const auto lines = static_cast<unsigned>(
        std::count(all.begin() + static_cast<long>(*first), all.begin() + static_cast<long>(end->end), '\n'));
    const Reason* why = nullptr;
    for (const auto& remark : in.remarks) {
      // Remarks stand at the loop, or at what in it is the reason.
      if (remark.line < place.line || remark.line > place.line + lines) continue;
      if (remark.passed) return;
      for (const auto& reason : kReasons) {
        if (!why && remark.text.find(reason.remark) != std::string::npos && fits(reason, loop)) why = &reason;
      }
    }
    if (!why) return;
    const auto* counting = cast<ForStmt>(loop.stmt);
    auto made = finding(in, &view.facts, SourceRange(counting->getForLoc(), counting->getRParenLoc()),
                        "Clang does not vectorize this loop");
    made.evidence.push_back(why->advice);
    made.weight = 1;
    made.gainFraction = 0.5;
    found.push_back(std::move(made));
  }
};

}  // namespace

const Check& notVectorized() {
  static const NotVectorized check;
  return check;
}

}  // namespace ridgeline::source
