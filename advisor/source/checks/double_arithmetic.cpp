// One double literal makes a float expression double; GPUs for inference run doubles at 1/32 or 1/64 of the speed.
#include "advisor/source/checks/check.h"
#include "advisor/source/fix/rewrite.h"

#include <llvm/ADT/APFloat.h>

#include <algorithm>

namespace ridgeline::source {
namespace {

using namespace clang;

bool isDouble(QualType type) { return type->isSpecificBuiltinType(BuiltinType::Double); }
bool isFloat(QualType type) { return type->isSpecificBuiltinType(BuiltinType::Float); }

// Functions whose float form is their name and 'f', and gives the same as rounding the double form's result only where
// that is one correctly rounded operation.
bool isDoubleFunction(const std::string& name) {
  static const std::set<std::string> kNames{"sqrt", "exp",   "exp2",  "log",   "log2",  "log10", "sin",  "cos",   "tan",
                                            "tanh", "pow",   "fabs",  "floor", "ceil",  "fmax",  "fmin", "rsqrt", "erf",
                                            "fmod", "round", "trunc", "atan2", "log1p", "expm1", "sinh", "cosh"};
  return kNames.count(name) > 0;
}

// A double expression that starts from floats and literals and ends as a float.
struct Island {
  std::vector<const FloatingLiteral*> literals;
  std::vector<const CallExpr*> calls;
  int roundings = 0;       // operations that round
  bool fromFloat = false;  // something in it is a float
  bool fromInteger = false;
  bool fromDouble = false;  // something in it is meant to be a double
};

void explore(const Expr* written, Island& island) {
  const auto* e = written->IgnoreParens();
  if (const auto* cast = dyn_cast<ImplicitCastExpr>(e)) {
    const auto from = cast->getSubExpr()->getType();
    if (cast->getCastKind() == CK_FloatingCast && isFloat(from)) {
      island.fromFloat = true;
      return;
    }
    if (cast->getCastKind() == CK_IntegralToFloating) {
      island.fromInteger = true;
      return;
    }
    if (cast->getCastKind() == CK_LValueToRValue) {
      island.fromDouble = true;
      return;
    }
    return explore(cast->getSubExpr(), island);
  }
  if (const auto* literal = dyn_cast<FloatingLiteral>(e)) {
    island.literals.push_back(literal);
    return;
  }
  if (const auto* unary = dyn_cast<UnaryOperator>(e)) {
    if (unary->getOpcode() == UO_Minus || unary->getOpcode() == UO_Plus) return explore(unary->getSubExpr(), island);
  }
  if (const auto* binary = dyn_cast<BinaryOperator>(e)) {
    if (binary->isMultiplicativeOp() || binary->isAdditiveOp()) {
      ++island.roundings;
      explore(binary->getLHS(), island);
      return explore(binary->getRHS(), island);
    }
  }
  if (const auto* choice = dyn_cast<ConditionalOperator>(e)) {
    explore(choice->getTrueExpr(), island);
    return explore(choice->getFalseExpr(), island);
  }
  if (const auto* call = dyn_cast<CallExpr>(e)) {
    const auto name = calleeName(call);
    if (isDoubleFunction(name) && isDouble(call->getType())) {
      island.calls.push_back(call);
      const bool exact = name == "fabs" || name == "floor" || name == "ceil" || name == "fmax" || name == "fmin" ||
                         name == "round" || name == "trunc";
      island.roundings += exact ? 0 : (name == "sqrt" ? 1 : 2);
      for (const auto* argument : call->arguments()) {
        if (isDouble(argument->getType())) {
          explore(argument, island);
        } else if (isFloat(argument->getType())) {
          island.fromFloat = true;
        } else {
          island.fromInteger = true;
        }
      }
      return;
    }
  }
  island.fromDouble = true;
}

bool isFloatExactly(const FloatingLiteral* literal) {
  auto value = literal->getValue();
  bool losesInfo = false;
  value.convert(llvm::APFloat::IEEEsingle(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return !losesInfo;
}

class DoubleArithmetic : public GpuCheck {
 public:
  CheckInfo info() const override {
    return {"gpu-double-arithmetic", Kind::Arithmetic, "Float arithmetic is done in double by accident", true};
  }

  void run(const CheckInput& in, std::vector<Finding>& found) const override {
    for (const auto& view : in.functions) {
      if (!view.facts.isDevice) continue;
      walk(view.facts.body, [&](const Stmt* s) { return !inspect(in, view, s, found); });
    }
  }

 private:
  // True when `s` was an island: what is within it belongs to it.
  bool inspect(const CheckInput& in, const FunctionView& view, const Stmt* s, std::vector<Finding>& found) const {
    Island island;
    const Expr* whole = nullptr;
    bool compared = false;
    if (const auto* cast = dyn_cast<CastExpr>(s)) {
      if (cast->getCastKind() != CK_FloatingCast || !isFloat(cast->getType())) return false;
      if (!isDouble(cast->getSubExpr()->getType())) return false;
      whole = cast->getSubExpr();
      explore(whole, island);
    } else if (const auto* compound = dyn_cast<CompoundAssignOperator>(s)) {
      // x *= 0.5 with a float x.
      if (!isFloat(compound->getLHS()->getType()) || !isDouble(compound->getRHS()->getType())) return false;
      whole = compound;
      island.fromFloat = true;
      ++island.roundings;
      explore(compound->getRHS(), island);
    } else if (const auto* binary = dyn_cast<BinaryOperator>(s)) {
      if (!binary->isComparisonOp() || !isDouble(binary->getLHS()->getType())) return false;
      whole = binary;
      compared = true;
      explore(binary->getLHS(), island);
      explore(binary->getRHS(), island);
      if (!island.fromFloat) return false;
    } else {
      return false;
    }
    if (island.fromDouble || !(island.fromFloat || island.fromInteger)) return false;
    if (island.roundings == 0 && island.calls.empty() && !compared) return false;
    if (island.literals.empty() && island.calls.empty()) return false;
    if (!isDoneInFloat(island, compared)) report(in, view, whole, island, found);
    return true;
  }

  // One operation on floats and literals that are floats: its result rounded to float is the float operation's, which
  // LLVM, and so nvcc, makes of it.
  static bool isDoneInFloat(const Island& island, bool compared) {
    if (island.fromInteger || !island.calls.empty() || island.roundings > (compared ? 0 : 1)) return false;
    return std::all_of(island.literals.begin(), island.literals.end(), isFloatExactly);
  }

  void report(const CheckInput& in, const FunctionView& view, const Expr* whole, const Island& island,
              std::vector<Finding>& found) const {
    const auto& text = in.file.text();
    std::string cause = !island.literals.empty() ? "the literal " + text.of(island.literals.front())
                                                 : "the call of " + calleeName(island.calls.front());
    auto made = finding(in, &view.facts, whole->getSourceRange(),
                        fmt::format("float arithmetic is done in double because of {}", cause));
    made.evidence.push_back("the result is used as a float; double arithmetic runs at 1/64 of its rate on most GPUs");
    made.weight = 1;
    made.gainFraction = 0.2;
    Fix fix;
    fix.title = "use float literals and functions";
    fix.exact = !island.fromInteger && island.roundings == 0;
    fix.scopes.insert(view.facts.name);
    for (const auto* literal : island.literals) {
      const auto where = text.span(literal);
      if (!where) return refuse(made, "a literal is written by a macro", found);
      fix.exact = fix.exact && isFloatExactly(literal);
      fix.edits.push_back(insertAt(where->end, "f"));
    }
    for (const auto* call : island.calls) {
      // With its namespace: std::pow has no float form of this name.
      const auto where = text.span(call->getCallee());
      if (!where) return refuse(made, "a call is written by a macro", found);
      if (in.file.language() != Language::OpenCl) fix.edits.push_back(replace(*where, calleeName(call) + "f"));
    }
    made.fix = std::move(fix);
    found.push_back(std::move(made));
  }

  static void refuse(Finding& made, const std::string& why, std::vector<Finding>& found) {
    made.whyNoFix = why;
    found.push_back(std::move(made));
  }
};

}  // namespace

const Check& doubleArithmetic() {
  static const DoubleArithmetic check;
  return check;
}

}  // namespace ridgeline::source
