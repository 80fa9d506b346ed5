// What several checks ask of loops: what changes in them, and what can be done before or in another order.
#pragma once

#include "advisor/source/checks/check.h"

namespace ridgeline::source {

// True for `top` itself and what is below it.
bool isWithin(const FileFacts& file, const clang::Stmt* s, const clang::Stmt* top);

// True when a variable gets a new value somewhere below `s`, or could.
bool changesWithin(const FileFacts& file, const clang::VarDecl* variable, const clang::Stmt* s);

// True when evaluating `e` before the loop `s` or in it is the same: only variables that do not change there,
// literals, arithmetic, and the size() of containers that are not mentioned otherwise.
bool invariantIn(const FileFacts& file, const clang::Expr* e, const clang::Stmt* s);

// The loop's one statement when it is nothing but another for loop: nested without anything between.
const clang::ForStmt* onlyLoopIn(const clang::Stmt* body);

}  // namespace ridgeline::source
