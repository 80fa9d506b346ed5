#include "advisor/source/fix/format.h"

#include "advisor/source/fix/rewrite.h"

#include <clang/Format/Format.h>
#include <clang/Tooling/Core/Replacement.h>

#include <algorithm>
#include <sstream>

namespace ridgeline::source {
namespace {

namespace format = clang::format;

// From how the file is written: indentation, tabs, braces, line length, and on which side '*' stands.
format::FormatStyle styleShownBy(const std::string& text) {
  auto style = format::getGoogleStyle(format::FormatStyle::LK_Cpp);
  std::map<size_t, int> indents;
  int tabs = 0, spaces = 0, ownLine = 0, sameLine = 0, starLeft = 0, starRight = 0;
  size_t longest = 0;
  std::istringstream lines(text);
  for (std::string line, before; std::getline(lines, line); before = line) {
    longest = std::max(longest, line.size());
    const auto first = line.find_first_not_of(" \t");
    if (first == std::string::npos) continue;
    if (first > 0) (line[0] == '\t' ? tabs : spaces)++;
    if (first > 0 && line[0] == ' ' && !before.empty() && before.back() == '{') {
      const auto outer = before.find_first_not_of(" \t");
      if (outer != std::string::npos && first > outer) ++indents[first - outer];
    }
    if (line[first] == '{') ++ownLine;
    if (first > 0 && line.back() == '{' && line.size() > first + 1) ++sameLine;
    if (line.back() == '{' && line.size() > 1 && line[first] != '{') ++sameLine;
    for (size_t at = line.find('*'); at != std::string::npos; at = line.find('*', at + 1)) {
      if (at == 0 || at + 1 >= line.size()) continue;
      starLeft += std::isalnum(static_cast<unsigned char>(line[at - 1])) && line[at + 1] == ' ';
      starRight += line[at - 1] == ' ' && std::isalpha(static_cast<unsigned char>(line[at + 1]));
    }
  }
  const auto most = std::max_element(indents.begin(), indents.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  style.IndentWidth = most == indents.end() ? 2 : static_cast<unsigned>(most->first);
  style.ContinuationIndentWidth = std::max(4u, style.IndentWidth);
  if (tabs > spaces) {
    style.UseTab = format::FormatStyle::UT_ForIndentation;
    style.TabWidth = style.IndentWidth = 4;
  }
  if (ownLine > sameLine) style.BreakBeforeBraces = format::FormatStyle::BS_Allman;
  style.PointerAlignment = starRight > starLeft ? format::FormatStyle::PAS_Right : format::FormatStyle::PAS_Left;
  style.DerivePointerAlignment = false;
  style.ColumnLimit = static_cast<unsigned>(std::clamp<size_t>(longest, 80, 120));
  style.SortIncludes = format::FormatStyle::SI_Never;
  return style;
}

format::FormatStyle styleOf(const std::filesystem::path& file, const std::string& text) {
  auto found = format::getStyle("file", file.string(), "none", text);
  if (found && !found->DisableFormat) return *found;
  if (!found) llvm::consumeError(found.takeError());
  return styleShownBy(text);
}

}  // namespace

std::optional<std::string> editAndFormat(const std::filesystem::path& file, const std::string& text,
                                         std::vector<Edit> edits) {
  std::stable_sort(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) { return a.offset < b.offset; });
  auto edited = withEdits(text, edits);
  if (!edited) return std::nullopt;
  std::vector<clang::tooling::Range> ranges;
  long shift = 0;
  for (const auto& edit : edits) {
    const auto at = static_cast<unsigned>(static_cast<long>(edit.offset) + shift);
    if (edit.text.find('\n') != std::string::npos) ranges.emplace_back(at, static_cast<unsigned>(edit.text.size()));
    shift += static_cast<long>(edit.text.size()) - static_cast<long>(edit.length);
  }
  if (ranges.empty()) return edited;
  const auto name = file.filename().string();
  const auto replacements = format::reformat(styleOf(file, text), *edited, ranges, name);
  auto formatted = clang::tooling::applyAllReplacements(*edited, replacements);
  if (formatted) return *formatted;
  llvm::consumeError(formatted.takeError());
  return edited;
}

}  // namespace ridgeline::source
