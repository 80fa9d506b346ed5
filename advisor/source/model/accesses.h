// Every read and write of memory in a function, with its address.
#pragma once

#include "advisor/source/model/index_expr.h"

#include <vector>

namespace ridgeline::source {

struct Access {
  const clang::Expr* expr = nullptr;  // p[i], *p, p[i].x: as large as what is read or written at once
  Address address;
  unsigned bytes = 0;
  bool sizeAssumed = false;  // a template's type
  bool read = false, write = false, atomic = false;
  bool oneThread = false;  // only where the thread's index is compared to be one value
};

// In the order of the text.
std::vector<Access> accessesOf(const FileFacts& file, const FunctionFacts& function, IndexReader& index);

}  // namespace ridgeline::source
