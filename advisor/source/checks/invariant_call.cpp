// A call that gives the same in every round, and that the compiler must repeat: mathematics may set errno, and strlen
// reads memory.
#include "advisor/source/checks/check.h"
#include "advisor/source/fix/rewrite.h"
#include "advisor/source/model/loops.h"

#include <algorithm>

namespace ridgeline::source {
namespace {

using namespace clang;

bool isCostly(const std::string& name) {
  static const std::set<std::string> kNames{"exp",  "exp2", "log",  "log2",  "log10", "sin",   "cos",
                                            "tan",  "tanh", "pow",  "sqrt",  "atan2", "sinh",  "cosh",
                                            "acos", "asin", "atan", "cbrt",  "erf",   "expf",  "logf",
                                            "sinf", "cosf", "tanf", "tanhf", "powf",  "sqrtf", "atan2f"};
  return kNames.count(name) > 0;
}

class InvariantCall : public CpuCheck {
 public:
  CheckInfo info() const override {
    return {"cpu-invariant-call", Kind::Loop, "A loop repeats a call that always gives the same", true};
  }

  void run(const CheckInput& in, std::vector<Finding>& found) const override {
    for (const auto& view : in.functions) {
      walk(view.facts.body, [&](const Stmt* s) {
        if (isa<LambdaExpr>(s)) return false;
        const auto* call = dyn_cast<CallExpr>(s);
        if (call) inspect(in, view, call, found);
        return true;
      });
    }
  }

 private:
  void inspect(const CheckInput& in, const FunctionView& view, const CallExpr* call,
               std::vector<Finding>& found) const {
    const auto name = calleeName(call);
    const bool length = name == "strlen";
    if ((!isCostly(name) && !length) || call->isTypeDependent()) return;
    const bool allConstant =
        std::all_of(call->arg_begin(), call->arg_end(), [&](const Expr* e) { return !firstBelow<DeclRefExpr>(e); });
    if (allConstant) return;
    const Loop* outermost = nullptr;
    for (const auto* loop : in.file.loopsAround(call)) {
      const bool steady = std::all_of(call->arg_begin(), call->arg_end(),
                                      [&](const Expr* e) { return invariantIn(in.file, e, loop->stmt); });
      if (!steady || (length && writesCharacters(loop->stmt))) break;
      outermost = loop;
    }
    if (!outermost) return;
    auto made = finding(in, &view.facts, call->getSourceRange(),
                        fmt::format("{} gives the same in every round of the loop", name));
    made.evidence.push_back(length ? "each round counts the characters again"
                                   : "the compiler must repeat it as it may set errno");
    made.weight = length ? 3 : 1;
    made.gainFraction = 0.3;
    offer(in, view, call, *outermost, made);
    found.push_back(std::move(made));
  }

  // Or calls something that could.
  static bool writesCharacters(const Stmt* loop) {
    bool writes = false;
    walk(loop, [&](const Stmt* s) {
      const auto* binary = dyn_cast<BinaryOperator>(s);
      if (binary && binary->isAssignmentOp() && binary->getLHS()->getType()->isAnyCharacterType() &&
          !isa<DeclRefExpr>(plain(binary->getLHS()))) {
        writes = true;
      }
      const auto* call = dyn_cast<CallExpr>(s);
      if (call && calleeName(call) != "strlen" && !isCostly(calleeName(call))) writes = true;
      return !writes;
    });
    return writes;
  }

  static void offer(const CheckInput& in, const FunctionView& view, const CallExpr* call, const Loop& loop,
                    Finding& made) {
    const auto& text = in.file.text();
    const auto where = text.span(call);
    const auto at = text.offset(loop.stmt->getBeginLoc());
    if (!isa_and_nonnull<CompoundStmt>(in.file.parent(loop.stmt))) {
      made.whyNoFix = "the loop is not a statement of a block";
      return;
    }
    if (!where || !at) {
      made.whyNoFix = "a part of it is written by a macro";
      return;
    }
    const auto line = text.lineOf(*at);
    const auto above = line.begin > 0 ? text.at(text.lineOf(line.begin - 1)) : "";
    if (above.find("#pragma") != std::string::npos) {
      made.whyNoFix = "a pragma stands before the loop";
      return;
    }
    const auto name = text.freshName(calleeName(call) == "strlen" ? "length" : calleeName(call) + "Value");
    const auto type =
        in.file.language() == Language::C
            ? call->getType().getUnqualifiedType().getAsString(PrintingPolicy(in.file.context().getLangOpts()))
            : std::string("auto");
    Fix fix;
    fix.title = "call it once, before the loop";
    fix.scopes.insert(view.facts.name);
    fix.edits.push_back(
        insertAt(*at, fmt::format("const {} {} = {};\n{}", type, name, text.of(call), text.indentationAt(*at))));
    fix.edits.push_back(replace(*where, name));
    made.fix = std::move(fix);
  }
};

}  // namespace

const Check& invariantCall() {
  static const InvariantCall check;
  return check;
}

}  // namespace ridgeline::source
