#include "advisor/source/fix/rewrite.h"

#include <algorithm>

namespace ridgeline::source {

std::string rewritten(const SourceText& text, const Span& span, std::vector<Edit> edits) {
  std::stable_sort(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) { return a.offset < b.offset; });
  std::string out;
  size_t at = span.begin;
  for (const auto& edit : edits) {
    if (edit.offset < at || edit.offset + edit.length > span.end) continue;
    out += text.at({at, edit.offset});
    out += edit.text;
    at = edit.offset + edit.length;
  }
  return out + text.at({at, span.end});
}

std::optional<std::string> withEdits(const std::string& text, std::vector<Edit> edits) {
  std::stable_sort(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) { return a.offset < b.offset; });
  std::string out;
  size_t at = 0;
  for (const auto& edit : edits) {
    if (edit.offset < at || edit.offset + edit.length > text.size()) return std::nullopt;
    out += text.substr(at, edit.offset - at) + edit.text;
    at = edit.offset + edit.length;
  }
  return out + text.substr(at);
}

}  // namespace ridgeline::source
