#include "advisor/source/model/loops.h"

namespace ridgeline::source {

using namespace clang;

bool isWithin(const FileFacts& file, const Stmt* s, const Stmt* top) {
  for (; s; s = file.parent(s)) {
    if (s == top) return true;
  }
  return false;
}

bool changesWithin(const FileFacts& file, const VarDecl* variable, const Stmt* s) {
  const auto& facts = file.variable(variable);
  if (facts.otherwiseChanged && !variable->getType().isConstQualified()) return true;
  for (const auto* by : facts.assigned) {
    if (isWithin(file, by, s)) return true;
  }
  for (const auto* by : facts.added) {
    if (isWithin(file, by, s)) return true;
  }
  for (const auto* by : facts.scaled) {
    if (isWithin(file, by, s)) return true;
  }
  if (variable->hasLocalStorage() || variable->getType().isConstQualified()) return false;
  // A global may be changed by whatever is called.
  bool calls = false;
  walk(s, [&](const Stmt* each) {
    calls = calls || isa<CallExpr>(each);
    return !calls;
  });
  return calls;
}

bool invariantIn(const FileFacts& file, const Expr* e, const Stmt* loop) {
  bool invariant = true;
  walk(e, [&](const Stmt* s) {
    if (!invariant) return false;
    if (const auto* call = dyn_cast<CXXMemberCallExpr>(s)) {
      const auto* object = namedVariable(call->getImplicitObjectArgument());
      const auto name = calleeName(call);
      const bool asksSize = name == "size" || name == "rows" || name == "cols" || name == "length";
      invariant = object && asksSize && !changesWithin(file, object, loop);
      // Every other mention must be an element access.
      for (const auto* mention : object ? file.mentions(object) : std::vector<const DeclRefExpr*>{}) {
        bool inside = false;
        for (const Stmt* up = mention; up; up = file.parent(up)) inside = inside || up == loop;
        if (!inside) continue;
        const Stmt* up = file.parent(mention);
        while (up && isa<ParenExpr, ImplicitCastExpr>(up)) up = file.parent(up);
        const auto* access = dyn_cast_or_null<CXXOperatorCallExpr>(up);
        const auto* member = dyn_cast_or_null<MemberExpr>(up);
        const auto* method = member ? dyn_cast<CXXMethodDecl>(member->getMemberDecl()) : nullptr;
        if (!(access && access->getOperator() == OO_Subscript) && !(method && method->isConst())) invariant = false;
      }
      return false;
    }
    if (const auto* unary = dyn_cast<UnaryOperator>(s)) {
      if (unary->isIncrementDecrementOp() || unary->getOpcode() == UO_Deref) invariant = false;
    }
    if (const auto* binary = dyn_cast<BinaryOperator>(s)) invariant = invariant && !binary->isAssignmentOp();
    if (isa<CallExpr, ArraySubscriptExpr, LambdaExpr, CXXNewExpr, CXXThisExpr>(s)) invariant = false;
    if (const auto* member = dyn_cast<MemberExpr>(s); member && !isa<CXXMethodDecl>(member->getMemberDecl())) {
      invariant = false;
    }
    if (const auto* named = dyn_cast<DeclRefExpr>(s)) {
      const auto* variable = dyn_cast<VarDecl>(named->getDecl());
      if (!variable) return true;
      if (changesWithin(file, variable, loop)) invariant = false;
      // Declared within the loop: another one in every round.
      for (const auto* each : file.loopsAround(named)) {
        const auto* counting = dyn_cast<ForStmt>(each->stmt);
        if (each->stmt == loop && counting && each->counter == variable) invariant = false;
      }
      bool declaredInside = false;
      walk(loop, [&](const Stmt* inner) {
        const auto* declared = dyn_cast<DeclStmt>(inner);
        for (const auto* d : declared ? declared->decls() : DeclStmt::decl_const_range(nullptr, nullptr)) {
          declaredInside = declaredInside || d == variable;
        }
        return !declaredInside;
      });
      if (declaredInside) invariant = false;
      if (const auto* range = dyn_cast<CXXForRangeStmt>(loop); range && range->getLoopVariable() == variable) {
        invariant = false;
      }
      if (variable->getType()->isReferenceType() && !variable->getType()->getPointeeType().isConstQualified() &&
          variable->getType()->getPointeeType()->isArithmeticType()) {
        invariant = false;  // another name may change it
      }
    }
    return invariant;
  });
  return invariant;
}

const ForStmt* onlyLoopIn(const Stmt* body) {
  if (const auto* block = dyn_cast_or_null<CompoundStmt>(body)) {
    body = block->size() == 1 ? block->body_front() : nullptr;
  }
  return dyn_cast_or_null<ForStmt>(body);
}

}  // namespace ridgeline::source
