#include "advisor/source/model/walk.h"

namespace ridgeline::source {

const clang::Expr* plain(const clang::Expr* e) {
  while (e) {
    const clang::Expr* inner = e->IgnoreParenCasts();
    if (const auto* pseudo = clang::dyn_cast<clang::PseudoObjectExpr>(inner)) inner = pseudo->getSyntacticForm();
    if (const auto* kept = clang::dyn_cast<clang::MaterializeTemporaryExpr>(inner)) inner = kept->getSubExpr();
    if (const auto* bound = clang::dyn_cast<clang::CXXBindTemporaryExpr>(inner)) inner = bound->getSubExpr();
    if (const auto* clean = clang::dyn_cast<clang::ExprWithCleanups>(inner)) inner = clean->getSubExpr();
    if (const auto* opaque = clang::dyn_cast<clang::OpaqueValueExpr>(inner)) {
      if (opaque->getSourceExpr()) inner = opaque->getSourceExpr();
    }
    if (const auto* cast = clang::dyn_cast<clang::CXXUnresolvedConstructExpr>(inner)) {
      if (cast->getNumArgs() == 1) inner = cast->getArg(0);
    }
    // T* p(q) and T* p{q} of a template, where it is not yet known what is constructed.
    if (const auto* list = clang::dyn_cast<clang::ParenListExpr>(inner); list && list->getNumExprs() == 1) {
      inner = list->getExpr(0);
    }
    if (const auto* list = clang::dyn_cast<clang::InitListExpr>(inner); list && list->getNumInits() == 1) {
      inner = list->getInit(0);
    }
    if (const auto* named = clang::dyn_cast<clang::SubstNonTypeTemplateParmExpr>(inner))
      inner = named->getReplacement();
    if (const auto* constant = clang::dyn_cast<clang::ConstantExpr>(inner)) inner = constant->getSubExpr();
    if (inner == e) return e;
    e = inner;
  }
  return e;
}

const clang::Expr* firstDimension(const clang::Expr* e) {
  while (e) {
    e = plain(e);
    const auto* made = clang::dyn_cast<clang::CXXConstructExpr>(e);
    if (!made || made->getNumArgs() == 0) return e;
    e = made->getArg(0);
  }
  return e;
}

const clang::VarDecl* namedVariable(const clang::Expr* e) {
  const auto* named = clang::dyn_cast_or_null<clang::DeclRefExpr>(plain(e));
  return named ? clang::dyn_cast<clang::VarDecl>(named->getDecl()) : nullptr;
}

std::string calleeName(const clang::CallExpr* call) {
  if (const auto* function = call->getDirectCallee()) {
    return function->getIdentifier() ? function->getName().str() : function->getNameAsString();
  }
  const auto* callee = plain(call->getCallee());
  if (const auto* unresolved = clang::dyn_cast<clang::OverloadExpr>(callee)) return unresolved->getName().getAsString();
  if (const auto* member = clang::dyn_cast<clang::CXXDependentScopeMemberExpr>(callee)) {
    return member->getMember().getAsString();
  }
  if (const auto* scoped = clang::dyn_cast<clang::DependentScopeDeclRefExpr>(callee)) {
    return scoped->getDeclName().getAsString();
  }
  return "";
}

}  // namespace ridgeline::source
