// Clang's parser, kept from crashing or stopping the program.
#pragma once

#include "advisor/source/read/command_line.h"

#include <functional>
#include <string>
#include <vector>

namespace clang {
class ASTContext;
class Decl;
}  // namespace clang

namespace ridgeline::source {

struct ParsedFile {
  clang::ASTContext* context = nullptr;
  std::vector<clang::Decl*> topLevel;  // of the file itself
  int errors = 0;                      // in the file itself
  std::vector<std::string> problems;   // what could not be read, one line each; the first few
};

// Parses `text` as the content of `file` and hands the result to `use`, which must not keep any of it. Errors in the
// code do not stop it: what could be read is there. Internal when Clang itself fails.
Status parseText(const std::filesystem::path& file, const std::string& text, const CommandLine& line,
                 const std::function<void(const ParsedFile&)>& use);

struct Remark {
  unsigned line = 0, column = 0;
  bool passed = false;  // the loop was vectorized
  std::string text;
};

// What Clang's loop vectorizer says of the loops of a C or C++ file at -O3. Empty when it does not compile.
std::vector<Remark> vectorizerRemarks(const std::filesystem::path& file, const std::string& text,
                                      const CommandLine& line);

}  // namespace ridgeline::source
