#include "advisor/source/fix/accumulate.h"

#include "advisor/source/model/elementwise.h"
#include "advisor/source/model/pointers.h"

#include <algorithm>

namespace ridgeline::source {

using namespace clang;

namespace {

// Types that the language does not let share memory.
bool differentTypes(QualType a, QualType b) {
  a = a.getCanonicalType().getUnqualifiedType();
  b = b.getCanonicalType().getUnqualifiedType();
  if (a->isCharType() || b->isCharType() || !a->isArithmeticType() || !b->isArithmeticType()) return false;
  return a->isFloatingType() != b->isFloatingType();
}

}  // namespace

std::vector<Accumulation> accumulations(const CheckInput& in, FunctionView& view) {
  std::vector<Accumulation> found;
  for (const auto& access : view.accesses) {
    if (!access.write || !access.read || access.atomic || access.address.space == Space::Private) continue;
    if (access.address.space == Space::Shared || access.address.field) continue;
    const auto* update = dyn_cast_or_null<CompoundAssignOperator>(in.file.parent(access.expr));
    if (!update || update->getLHS()->IgnoreParens() != access.expr) continue;
    if (!access.expr->getType()->isArithmeticType() || access.expr->getType().isVolatileQualified()) continue;
    const auto loops = in.file.loopsAround(access.expr);
    if (loops.empty() || !loops.front()->counter || !access.address.bytes) continue;
    const auto& loop = *loops.front();
    const auto step = access.address.bytes->coefficient(view.index.counterAtom(loop.counter));
    if (!step || !step->isZero()) continue;
    // Its index in terms of what does not change in the loop.
    const Expr* index = nullptr;
    if (const auto* subscript = dyn_cast<ArraySubscriptExpr>(access.expr)) index = subscript->getIdx();
    if (const auto* call = dyn_cast<CXXOperatorCallExpr>(access.expr)) index = call->getArg(1);
    if (!index || !invariantIn(in.file, index, loop.stmt)) continue;
    found.push_back({&access, &loop, update});
  }
  return found;
}

AccumulateResult inRegister(const CheckInput& in, FunctionView& view, const Accumulation& sum) {
  AccumulateResult result;
  const auto* target = dyn_cast<VarDecl>(sum.access->address.root);
  if (!target) return {std::nullopt, "a member may be reached by another name", true};
  bool others = false;
  result.needed = false;
  // Nobody else has a pointer to an array of the function's own, as far as the loop goes; a lambda's may be anybody's.
  bool inLambda = false;
  for (const Stmt* up = sum.update; up; up = in.file.parent(up)) inLambda = inLambda || isa<LambdaExpr>(up);
  if (!inLambda && target->hasLocalStorage() && target->getType()->isArrayType()) return result;
  for (const auto& access : view.accesses) {
    if (&access == sum.access || !isWithin(in.file, access.expr, sum.loop->stmt)) continue;
    const auto* other = dyn_cast<VarDecl>(access.address.root);
    if (other && other->getCanonicalDecl() == target->getCanonicalDecl()) {
      return {std::nullopt, "other elements of '" + target->getNameAsString() + "' are used in the loop", true};
    }
    if (access.address.space == Space::Private || access.address.space == Space::Shared) continue;
    others = true;
    if (differentTypes(access.expr->getType(), sum.access->expr->getType())) continue;
    const bool promised = other && target->getType().isRestrictQualified() && other->getType().isRestrictQualified();
    const bool arrays = other && (target->getType()->isArrayType() && other->getType()->isArrayType());
    if (!promised && !arrays) result.needed = true;
    if (!other) return {std::nullopt, "a member may be reached by another name", true};
    if (const auto why = mayOverlap(in.file, target, other); why && result.whyNot.empty()) result.whyNot = *why;
  }
  if (!others) result.needed = false;
  walk(sum.loop->stmt, [&](const Stmt* s) {
    const auto* call = dyn_cast<CallExpr>(s);
    if (call && !isa<CXXOperatorCallExpr>(call) && !isPureFunction(calleeName(call)) && calleeName(call) != "size") {
      result.whyNot = "the loop calls " + calleeName(call);
    }
    if (isa<ReturnStmt, GotoStmt, CXXThrowExpr, LambdaExpr>(s)) result.whyNot = "the loop may be left early";
    return true;
  });
  if (!result.whyNot.empty()) return result;
  // Before: the element is set, or the loop runs at least once; else reading it first could be out of bounds.
  const auto* block = dyn_cast_or_null<CompoundStmt>(in.file.parent(sum.loop->stmt));
  if (!block) return {std::nullopt, "the loop is not in a block of its own", result.needed};
  const auto& text = in.file.text();
  const Stmt* before = nullptr;
  for (const auto* s : block->body()) {
    if (s == sum.loop->stmt) break;
    before = s;
  }
  const auto* set = dyn_cast_or_null<BinaryOperator>(before);
  const auto element = text.of(sum.access->expr);
  const bool isSet = set && set->getOpcode() == BO_Assign && text.of(set->getLHS()) == element;
  const auto first = in.file.constant(sum.loop->init), bound = in.file.constant(sum.loop->bound);
  const bool runs = first && bound && *first < *bound && sum.loop->direction > 0;
  if (!isSet && !runs) return {std::nullopt, "the loop may not run at all", result.needed};
  const auto where = text.span(sum.access->expr);
  const auto loop = text.statement(sum.loop->stmt);
  const auto setting = set ? text.statement(set) : std::nullopt;
  if (!where || !loop || (isSet && !setting))
    return {std::nullopt, "a part of it is written by a macro", result.needed};
  const auto type = sum.access->expr->getType().getCanonicalType().getUnqualifiedType().getAsString(
      PrintingPolicy(in.file.context().getLangOpts()));
  const auto name = text.freshName("sum");
  const auto indent = text.indentationAt(loop->begin);
  Fix fix;
  fix.title = fmt::format("keep {} in a variable within the loop", element);
  fix.scopes.insert(view.facts.name);
  if (isSet) {
    fix.edits.push_back(replace(*setting, fmt::format("{} {} = {};", type, name, text.of(set->getRHS()))));
  } else {
    fix.edits.push_back(insertAt(loop->begin, fmt::format("{} {} = {};\n{}", type, name, element, indent)));
  }
  fix.edits.push_back(replace(*where, name));
  fix.edits.push_back(insertAt(loop->end, fmt::format("\n{}{} = {};", indent, element, name)));
  result.fix = std::move(fix);
  return result;
}

}  // namespace ridgeline::source
