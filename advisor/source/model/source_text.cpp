#include "advisor/source/model/source_text.h"

#include <cctype>

namespace ridgeline::source {

SourceText::SourceText(const clang::ASTContext& context)
    : m_sources(context.getSourceManager()),
      m_language(context.getLangOpts()),
      m_text(m_sources.getBufferData(m_sources.getMainFileID())) {}

bool SourceText::inFile(clang::SourceLocation location) const {
  return location.isValid() && m_sources.isInMainFile(m_sources.getExpansionLoc(location));
}

bool SourceText::inMacro(const clang::Stmt* s) const {
  return s->getBeginLoc().isMacroID() || s->getEndLoc().isMacroID();
}

std::optional<size_t> SourceText::offset(clang::SourceLocation location) const {
  if (location.isInvalid() || location.isMacroID() || !m_sources.isInMainFile(location)) return std::nullopt;
  return m_sources.getFileOffset(location);
}

std::optional<Span> SourceText::span(clang::SourceRange range) const {
  const auto begin = offset(range.getBegin());
  const auto last = offset(range.getEnd());
  if (!begin || !last || *last < *begin) return std::nullopt;
  const size_t end = *last + clang::Lexer::MeasureTokenLength(range.getEnd(), m_sources, m_language);
  return Span{*begin, std::min(end, m_text.size())};
}

std::string SourceText::of(clang::SourceRange range) const {
  if (const auto where = span(range)) return at(*where);
  const auto characters =
      clang::Lexer::makeFileCharRange(clang::CharSourceRange::getTokenRange(range), m_sources, m_language);
  if (characters.isInvalid()) return "";
  return clang::Lexer::getSourceText(characters, m_sources, m_language).str();
}

std::optional<Span> SourceText::statement(const clang::Stmt* s) const {
  auto where = span(s);
  if (!where) return std::nullopt;
  size_t next = where->end;
  while (next < m_text.size() && std::isspace(static_cast<unsigned char>(m_text[next]))) ++next;
  if (next < m_text.size() && m_text[next] == ';') where->end = next + 1;
  return where;
}

std::optional<Span> SourceText::statementLine(const clang::Stmt* s) const {
  auto where = statement(s);
  if (!where) return std::nullopt;
  size_t begin = where->begin, end = where->end;
  while (begin > 0 && (m_text[begin - 1] == ' ' || m_text[begin - 1] == '\t')) --begin;
  while (end < m_text.size() && (m_text[end] == ' ' || m_text[end] == '\t' || m_text[end] == '\r')) ++end;
  const bool alone = (begin == 0 || m_text[begin - 1] == '\n') && (end == m_text.size() || m_text[end] == '\n');
  return alone ? Span{begin, std::min(end + 1, m_text.size())} : *where;
}

Span SourceText::lineOf(size_t offset) const {
  const auto before = offset == 0 ? std::string::npos : m_text.rfind('\n', offset - 1);
  const auto end = m_text.find('\n', offset);
  return {before == std::string::npos ? 0 : before + 1, end == std::string::npos ? m_text.size() : end};
}

std::string SourceText::indentationAt(size_t offset) const {
  const auto line = at(lineOf(offset));
  return line.substr(0, line.find_first_not_of(" \t"));
}

void SourceText::place(clang::SourceRange range, Finding& finding) const {
  const auto begin = m_sources.getExpansionLoc(range.getBegin());
  finding.line = m_sources.getExpansionLineNumber(begin);
  finding.column = m_sources.getExpansionColumnNumber(begin);
  const size_t start = m_sources.getFileOffset(begin);
  const auto line = lineOf(start);
  finding.excerpt = at(line);
  if (!finding.excerpt.empty() && finding.excerpt.back() == '\r') finding.excerpt.pop_back();
  const auto where = span(range);
  const size_t end = where ? where->end : start + 1;
  finding.length = static_cast<unsigned>(std::min(end, line.end) - std::min(start, line.end));
  if (finding.length == 0) finding.length = 1;
}

std::string SourceText::freshName(const std::string& wanted) const {
  const auto isUsed = [&](const std::string& name) {
    const auto isWord = [&](size_t i) {
      return i < m_text.size() && (std::isalnum(static_cast<unsigned char>(m_text[i])) || m_text[i] == '_');
    };
    for (size_t at = m_text.find(name); at != std::string::npos; at = m_text.find(name, at + 1)) {
      if ((at == 0 || !isWord(at - 1)) && !isWord(at + name.size())) return true;
    }
    return false;
  };
  auto name = wanted;
  for (int i = 2; isUsed(name); ++i) name = wanted + std::to_string(i);
  return name;
}

std::string qualifiedName(const clang::NamedDecl* decl) {
  std::string name;
  llvm::raw_string_ostream out(name);
  clang::PrintingPolicy policy(decl->getASTContext().getPrintingPolicy());
  policy.SuppressUnwrittenScope = false;
  decl->printQualifiedName(out, policy);
  return name;
}

}  // namespace ridgeline::source
