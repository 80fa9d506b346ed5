// How each use of a variable treats it.
#include "advisor/source/model/facts.h"

namespace ridgeline::source {
namespace {

using namespace clang;

bool bindsByReference(const FunctionDecl* callee, unsigned argument) {
  if (!callee || argument >= callee->getNumParams()) return true;
  const auto type = callee->getParamDecl(argument)->getType();
  return type->isReferenceType() && !type->getPointeeType().isConstQualified();
}

}  // namespace

void FileFacts::classifyUses() {
  for (auto& [decl, variable] : m_variables) {
    for (const auto* use : variable.uses) {
      // Up through parentheses, to what is done with the variable itself.
      const Stmt* inner = use;
      const Stmt* outer = parent(inner);
      while (outer && (isa<ParenExpr>(outer) ||
                       (isa<ImplicitCastExpr>(outer) && cast<ImplicitCastExpr>(outer)->getCastKind() == CK_NoOp))) {
        inner = outer;
        outer = parent(outer);
      }
      if (!outer) continue;
      if (const auto* binary = dyn_cast<BinaryOperator>(outer)) {
        if (binary->getLHS() != inner || !binary->isAssignmentOp()) continue;
        if (binary->getOpcode() == BO_Assign) {
          variable.assigned.push_back(binary->getRHS());
        } else if (binary->getOpcode() == BO_AddAssign || binary->getOpcode() == BO_SubAssign) {
          variable.added.push_back(binary->getRHS());
        } else {
          variable.scaled.push_back(binary->getRHS());
        }
      } else if (const auto* unary = dyn_cast<UnaryOperator>(outer)) {
        if (unary->isIncrementDecrementOp()) variable.added.push_back(unary);
        if (unary->getOpcode() == UO_AddrOf) variable.otherwiseChanged = true;
      } else if (const auto* overloaded = dyn_cast<CXXOperatorCallExpr>(outer)) {
        if (!overloaded->isAssignmentOp() || overloaded->getNumArgs() < 2 || overloaded->getArg(0) != inner) continue;
        if (overloaded->getOperator() == OO_Equal) {
          variable.assigned.push_back(overloaded->getArg(1));
        } else {
          variable.otherwiseChanged = true;
        }
      } else if (const auto* call = dyn_cast<CallExpr>(outer)) {
        for (unsigned i = 0; i < call->getNumArgs(); ++i) {
          if (call->getArg(i) == inner && use->isLValue() && bindsByReference(call->getDirectCallee(), i)) {
            // An argument without a conversion to a value is passed by reference, or not known to be otherwise.
            if (call->getDirectCallee() || !use->isTypeDependent()) variable.otherwiseChanged = true;
          }
        }
      } else if (const auto* declared = dyn_cast<DeclStmt>(outer)) {
        for (const auto* each : declared->decls()) {
          const auto* bound = dyn_cast<VarDecl>(each);
          if (!bound || bound->getInit() != inner || !bound->getType()->isReferenceType()) continue;
          if (!bound->getType()->getPointeeType().isConstQualified()) variable.otherwiseChanged = true;
        }
      }
    }
  }
}

}  // namespace ridgeline::source
