// The innermost loop should walk along memory: with a large stride every access is another cache line.
#include "advisor/source/checks/check.h"
#include "advisor/source/fix/rewrite.h"
#include "advisor/source/model/elementwise.h"
#include "advisor/source/model/loops.h"
#include "advisor/source/model/pointers.h"

#include <algorithm>

namespace ridgeline::source {
namespace {

using namespace clang;

constexpr int64_t kLine = 64;

// Cache lines per step of a loop, for one access.
double linesPerStep(const std::optional<Poly>& step) {
  if (!step) return 0;
  const auto bytes = step->asConstant();
  if (!bytes) return 1;
  return std::min<double>(1, static_cast<double>(std::abs(*bytes)) / kLine);
}

class LoopOrder : public CpuCheck {
 public:
  CheckInfo info() const override {
    return {"cpu-loop-order", Kind::Loop, "The innermost loop strides through memory that an outer one walks along",
            true};
  }

  void run(const CheckInput& in, std::vector<Finding>& found) const override {
    for (const auto& view : in.functions) {
      auto& own = const_cast<FunctionView&>(view);
      for (const auto& loop : view.facts.loops) {
        const auto* inner = onlyLoopIn(loop.body);
        if (!inner || !loop.counter || !isa<ForStmt>(loop.stmt)) continue;
        for (const auto& candidate : view.facts.loops) {
          if (candidate.stmt == inner && candidate.counter) inspect(in, own, loop, candidate, found);
        }
      }
    }
  }

 private:
  void inspect(const CheckInput& in, FunctionView& view, const Loop& outer, const Loop& inner,
               std::vector<Finding>& found) const {
    double now = 0, then = 0;
    const Access* worst = nullptr;
    std::vector<const Access*> accesses;
    const auto innerAtom = view.index.counterAtom(inner.counter), outerAtom = view.index.counterAtom(outer.counter);
    for (const auto& access : view.accesses) {
      if (!isWithin(in.file, access.expr, inner.body)) continue;
      // A loop further in decides what it does to memory by itself.
      if (in.file.loopsAround(access.expr).front()->stmt != inner.stmt) return;
      accesses.push_back(&access);
      if (!access.address.bytes) return;
      const auto perInner = access.address.bytes->coefficient(innerAtom);
      const auto perOuter = access.address.bytes->coefficient(outerAtom);
      if (!perInner || !perOuter) return;
      now += linesPerStep(perInner);
      then += linesPerStep(perOuter);
      if (!worst && linesPerStep(perInner) >= 1 && linesPerStep(perOuter) < 0.5) worst = &access;
    }
    if (!worst || now < 2 * then || now < 0.9) return;
    const auto step = *worst->address.bytes->coefficient(innerAtom);
    const auto constant = step.asConstant();
    const auto distance = constant ? fmt::format("{} bytes", std::abs(*constant)) : in.atoms.textOf(step) + " bytes";
    auto made = finding(in, &view.facts, worst->expr->getSourceRange(),
                        fmt::format("the inner loop over '{}' steps {} through '{}'", inner.counter->getNameAsString(),
                                    distance, worst->address.root->getNameAsString()));
    made.evidence.push_back(fmt::format("{:.2g} cache lines per round; with '{}' innermost {:.2g}", now,
                                        outer.counter->getNameAsString(), then));
    made.weight = now / std::max(then, 0.05);
    made.gainFraction = std::max(0.0, 1 - then / now);
    made.whyNoFix = whyNot(in, view, outer, inner, accesses);
    if (made.whyNoFix.empty()) offer(in, view, outer, inner, made);
    found.push_back(std::move(made));
  }

  static std::string whyNot(const CheckInput& in, FunctionView& view, const Loop& outer, const Loop& inner,
                            const std::vector<const Access*>& accesses) {
    for (const auto* part : {inner.init, inner.bound, inner.step}) {
      if (part && !invariantIn(in.file, part, outer.stmt)) return "the inner loop's range depends on the outer's round";
    }
    for (const auto* part : {outer.bound, outer.step}) {
      if (part && !invariantIn(in.file, part, outer.stmt)) return "the outer loop's range may change within it";
    }
    for (const auto* loop : {&outer, &inner}) {
      if (!loop->declaresCounter && isReadOutside(in, view, loop->counter)) {
        return "'" + loop->counter->getNameAsString() + "' is used outside its loops";
      }
    }
    if (auto why = bodyProblem(in, inner); !why.empty()) return why;
    const auto u = view.index.counterAtom(outer.counter), v = view.index.counterAtom(inner.counter);
    for (const auto* write : accesses) {
      if (!write->write) continue;
      for (const auto* other : accesses) {
        if (other->address.root == write->address.root) {
          if (!(*other->address.bytes == *write->address.bytes)) {
            return "a round may use what another one wrote to '" + write->address.root->getNameAsString() + "'";
          }
          continue;
        }
        const auto* a = dyn_cast<VarDecl>(write->address.root);
        const auto* b = dyn_cast<VarDecl>(other->address.root);
        if (!a || !b) return "a member may be reached by another name";
        if (const auto why = mayOverlap(in.file, a, b)) return *why;
      }
      const auto perU = write->address.bytes->coefficient(u), perV = write->address.bytes->coefficient(v);
      const bool onU = perU && !perU->isZero(), onV = perV && !perV->isZero();
      if (!onU && !onV && write->expr->getType()->isFloatingType())
        return "the order of a floating-point sum would change";
      if (onU && onV && !distinct(in, view, outer, inner, *write, *perU, *perV)) {
        return "two rounds may write the same element of '" + write->address.root->getNameAsString() + "'";
      }
    }
    return "";
  }

  static bool isReadOutside(const CheckInput& in, const FunctionView& view, const VarDecl* counter) {
    for (const auto* mention : in.file.mentions(counter)) {
      const bool inside = std::any_of(view.facts.loops.begin(), view.facts.loops.end(), [&](const Loop& loop) {
        return loop.counter == counter && isWithin(in.file, mention, loop.stmt);
      });
      if (!inside) return true;
    }
    return false;
  }

  // One counter's step is at least as long as all of the other's rounds together.
  static bool distinct(const CheckInput& in, FunctionView& view, const Loop& outer, const Loop& inner,
                       const Access& write, const Poly& perU, const Poly& perV) {
    if (write.address.subscripts && write.address.subscripts->size() >= 2) {
      // Subscripts of an array's dimensions stay within them.
      int onlyU = 0, onlyV = 0;
      const auto u = view.index.counterAtom(outer.counter), v = view.index.counterAtom(inner.counter);
      for (const auto& s : *write.address.subscripts) {
        onlyU += s.has(u) && !s.has(v);
        onlyV += s.has(v) && !s.has(u);
      }
      return onlyU > 0 && onlyV > 0;
    }
    const auto covers = [&](const Poly& large, const Poly& small, const Loop& loop) {
      const auto bound = view.index.value(loop.bound);
      const auto start = view.index.value(loop.init);
      if (!bound || !start || loop.direction < 0 || (loop.compare != BO_LT && loop.compare != BO_NE)) return false;
      const auto needed = small * (*bound - *start);
      if (large == needed) return true;
      const auto a = large.asConstant(), b = needed.asConstant();
      return a && b && *a >= *b && *b >= 0;
    };
    (void)in;
    return covers(perU, perV, inner) || covers(perV, perU, outer);
  }

  static std::string bodyProblem(const CheckInput& in, const Loop& inner) {
    std::string why;
    walk(inner.body, [&](const Stmt* s) {
      if (!why.empty()) return false;
      if (isa<BreakStmt, ContinueStmt, ReturnStmt, GotoStmt, AsmStmt, LambdaExpr, CXXThrowExpr>(s)) {
        why = "its body may leave the loop";
      }
      if (const auto* call = dyn_cast<CallExpr>(s)) {
        if (!isa<CXXOperatorCallExpr>(call) && !isPureFunction(calleeName(call)))
          why = "its body calls " + calleeName(call);
      }
      const auto* target = assigned(s);
      if (!target) return why.empty();
      const auto* variable = dyn_cast<DeclRefExpr>(plain(target)) ? namedVariable(target) : nullptr;
      if (!variable) return why.empty();
      bool local = false;
      walk(inner.body, [&](const Stmt* each) {
        const auto* declared = dyn_cast<DeclStmt>(each);
        if (declared) {
          for (const auto* d : declared->decls()) local = local || d == variable;
        }
        return !local;
      });
      if (local) return true;
      const auto* update = dyn_cast<CompoundAssignOperator>(s);
      const bool sums = update && (update->getOpcode() == BO_AddAssign || update->getOpcode() == BO_SubAssign);
      if (sums && variable->getType()->isIntegerType()) return true;
      why = variable->getType()->isFloatingType()
                ? "the order of a floating-point sum would change"
                : "'" + variable->getNameAsString() + "' is carried from round to round";
      return false;
    });
    if (!why.empty()) return why;
    for (const Stmt* loop : {inner.stmt, in.file.parent(inner.stmt)}) {
      const auto begin = loop ? in.file.text().offset(loop->getBeginLoc()) : std::nullopt;
      if (!begin) continue;
      const auto line = in.file.text().lineOf(*begin);
      if (line.begin == 0) continue;
      const auto above = in.file.text().at(in.file.text().lineOf(line.begin - 1));
      if (above.find("#pragma") != std::string::npos) return "a pragma says how the loop is run";
    }
    return "";
  }

  static const Expr* assigned(const Stmt* s) {
    if (const auto* binary = dyn_cast<BinaryOperator>(s)) return binary->isAssignmentOp() ? binary->getLHS() : nullptr;
    if (const auto* unary = dyn_cast<UnaryOperator>(s))
      return unary->isIncrementDecrementOp() ? unary->getSubExpr() : nullptr;
    return nullptr;
  }

  static void offer(const CheckInput& in, const FunctionView& view, const Loop& outer, const Loop& inner,
                    Finding& made) {
    const auto& text = in.file.text();
    const auto header = [&](const Loop& loop) -> std::optional<Span> {
      const auto* counting = cast<ForStmt>(loop.stmt);
      const auto open = text.offset(counting->getLParenLoc()), close = text.offset(counting->getRParenLoc());
      if (!open || !close) return std::nullopt;
      return Span{*open + 1, *close};
    };
    const auto a = header(outer), b = header(inner);
    if (!a || !b) {
      made.whyNoFix = "a loop is written by a macro";
      return;
    }
    Fix fix;
    fix.title = fmt::format("make '{}' the inner loop", outer.counter->getNameAsString());
    fix.scopes.insert(view.facts.name);
    fix.edits.push_back(replace(*a, text.at(*b)));
    fix.edits.push_back(replace(*b, text.at(*a)));
    made.fix = std::move(fix);
  }
};

}  // namespace

const Check& loopOrder() {
  static const LoopOrder check;
  return check;
}

}  // namespace ridgeline::source
