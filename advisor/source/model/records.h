// A record type that is kept in arrays, and everything the file does with those arrays.
#pragma once

#include "advisor/source/checks/check.h"

namespace ridgeline::source {

// Is `record` simple enough to be taken apart: only numbers, nothing that runs? Else why not.
std::string whyNotPlain(const FileFacts& file, const clang::RecordDecl* record);

// The record of std::vector<R>, by value or by reference; else nullptr.
const clang::RecordDecl* vectorElement(clang::QualType type);
// The record of R* or const R*; else nullptr.
const clang::RecordDecl* pointedRecord(clang::QualType type);

// Places in the file's text where a name stands, outside comments and strings.
std::vector<Span> identifierPlaces(const FileFacts& file, const std::string& name);

}  // namespace ridgeline::source
