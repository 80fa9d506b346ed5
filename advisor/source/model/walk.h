// Going through a function's syntax tree as it was written.
#pragma once

#include "advisor/source/clang_headers.h"

namespace ridgeline::source {

// Children as written: of a property access (threadIdx.x) only its written form.
template <class Use>
void forEachChild(const clang::Stmt* s, Use&& use) {
  if (const auto* pseudo = clang::dyn_cast<clang::PseudoObjectExpr>(s)) return use(pseudo->getSyntacticForm());
  if (const auto* opaque = clang::dyn_cast<clang::OpaqueValueExpr>(s)) {
    if (opaque->getSourceExpr()) use(opaque->getSourceExpr());
    return;
  }
  if (const auto* range = clang::dyn_cast<clang::CXXForRangeStmt>(s)) {
    // What the compiler adds (begin, end, increment) is nobody's code.
    if (range->getInit()) use(range->getInit());
    use(range->getRangeInit());
    return use(range->getBody());
  }
  for (const auto* child : s->children()) {
    if (child) use(child);
  }
}

// Calls `use` for `s` and all below, from outside inwards; where it returns false, not for what is below.
template <class Use>
void walk(const clang::Stmt* s, Use&& use) {
  if (!s || !use(s)) return;
  forEachChild(s, [&](const clang::Stmt* child) { walk(child, use); });
}

template <class Node>
const Node* firstBelow(const clang::Stmt* s) {
  const Node* found = nullptr;
  walk(s, [&](const clang::Stmt* each) {
    if (!found) found = clang::dyn_cast<Node>(each);
    return !found;
  });
  return found;
}

// The expression behind parentheses, casts that change no value's meaning here, and property accesses' wrapping.
const clang::Expr* plain(const clang::Expr* e);

// What a launch's grid or block says for x: `n` of the dim3(n) that Clang makes of a number, and of dim3(n, 1).
const clang::Expr* firstDimension(const clang::Expr* e);

// The variable, parameter or field's variable an expression names, behind parentheses and casts; else nullptr.
const clang::VarDecl* namedVariable(const clang::Expr* e);

// The name of the called function, with or without a declaration to be found ("" for calls through pointers).
std::string calleeName(const clang::CallExpr* call);

}  // namespace ridgeline::source
