// What is known of pointers: what a function does with one it is given, and whether two can overlap.
#pragma once

#include "advisor/source/model/accesses.h"

#include <string>
#include <vector>

namespace ridgeline::source {

struct PointerUse {
  bool read = false, written = false;
  bool escapes = false;  // handed to code that may do anything with it
  std::string why;       // of escaping
};

// Of a pointer parameter (or local pointer) within its function.
PointerUse pointerUse(const FileFacts& file, const std::vector<Access>& accesses, const clang::VarDecl* pointer);

// True for a variable that is given memory of its own by an allocation, and by nothing else: cudaMalloc(&p, n),
// p = new T[n], std::vector<T> p.
bool ownsItsMemory(const FileFacts& file, const clang::VarDecl* decl);

// Nullopt when the two cannot overlap, else what is not known, in words.
std::optional<std::string> mayOverlap(const FileFacts& file, const clang::VarDecl* a, const clang::VarDecl* b);

// "cudaMalloc", "malloc", ...: writes a pointer to fresh memory through its first argument, or returns one.
bool allocatesThroughArgument(const std::string& function);
bool returnsFreshMemory(const clang::Expr* e);

}  // namespace ridgeline::source
