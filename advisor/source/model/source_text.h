// The text behind the syntax tree: what a node was written as, and where.
#pragma once

#include "advisor/source/clang_headers.h"
#include "advisor/source/source.h"

#include <optional>
#include <string>

namespace ridgeline::source {

struct Span {
  size_t begin = 0, end = 0;
  bool contains(const Span& other) const { return begin <= other.begin && other.end <= end; }
};

// Of the file that is looked at. Spans are byte offsets in it.
class SourceText {
 public:
  explicit SourceText(const clang::ASTContext& context);

  const std::string& all() const { return m_text; }
  // As written; what a macro expands to is not looked into. "" for what is not in the file.
  std::string of(clang::SourceRange range) const;
  std::string of(const clang::Stmt* s) const { return of(s->getSourceRange()); }
  std::string at(const Span& span) const { return m_text.substr(span.begin, span.end - span.begin); }
  // Nullopt when an end lies within a macro's expansion, or outside of the file: such a place is not edited.
  std::optional<Span> span(clang::SourceRange range) const;
  std::optional<Span> span(const clang::Stmt* s) const { return span(s->getSourceRange()); }
  std::optional<size_t> offset(clang::SourceLocation location) const;
  // Of a statement with the semicolon behind it, if there is one.
  std::optional<Span> statement(const clang::Stmt* s) const;
  // A whole statement with its line, when nothing else is on it.
  std::optional<Span> statementLine(const clang::Stmt* s) const;
  Span lineOf(size_t offset) const;  // without the line break
  std::string indentationAt(size_t offset) const;
  bool inFile(clang::SourceLocation location) const;
  bool inMacro(const clang::Stmt* s) const;
  // Fills the place of a finding: line, column, length, excerpt.
  void place(clang::SourceRange range, Finding& finding) const;
  // A name that is not in the file yet: `wanted`, else with a number.
  std::string freshName(const std::string& wanted) const;

 private:
  const clang::SourceManager& m_sources;
  const clang::LangOptions& m_language;
  std::string m_text;
};

// Names as in a profile: with namespaces and template arguments as written, no parameters.
std::string qualifiedName(const clang::NamedDecl* decl);

}  // namespace ridgeline::source
