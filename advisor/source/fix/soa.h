// An array of structs as a struct of arrays, for a type whose uses are all seen.
#pragma once

#include "advisor/source/fix/rewrite.h"
#include "advisor/source/model/records.h"

namespace ridgeline::source {

struct SoaResult {
  std::optional<Fix> fix;
  std::string whyNot;
};
SoaResult structOfArrays(const CheckInput& in, const clang::RecordDecl* record);

}  // namespace ridgeline::source
