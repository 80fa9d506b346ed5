#include "advisor/source/source.h"

#include <algorithm>

namespace ridgeline::source {
namespace {

struct Line {
  char mark;  // ' ', '-', '+'
  std::string_view text;
};

std::vector<std::string_view> linesOf(const std::string& text) {
  std::vector<std::string_view> lines;
  for (size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    const auto next = end == std::string::npos ? text.size() : end + 1;
    lines.push_back(std::string_view(text).substr(at, next - at));
    at = next;
  }
  return lines;
}

// Longest common subsequence of what is between the common beginning and end. Too long a part is replaced as a whole.
void compareMiddle(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b, size_t first,
                   size_t endA, size_t endB, std::vector<Line>& out) {
  const size_t n = endA - first, m = endB - first;
  if (n * m > 40'000'000) {
    for (size_t i = first; i < endA; ++i) out.push_back({'-', a[i]});
    for (size_t j = first; j < endB; ++j) out.push_back({'+', b[j]});
    return;
  }
  std::vector<uint32_t> common((n + 1) * (m + 1), 0);
  const auto at = [&](size_t i, size_t j) -> uint32_t& { return common[i * (m + 1) + j]; };
  for (size_t i = n; i-- > 0;) {
    for (size_t j = m; j-- > 0;) {
      at(i, j) = a[first + i] == b[first + j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
    }
  }
  size_t i = 0, j = 0;
  while (i < n || j < m) {
    if (i < n && j < m && a[first + i] == b[first + j]) {
      out.push_back({' ', a[first + i]});
      ++i, ++j;
    } else if (i < n && (j == m || at(i + 1, j) >= at(i, j + 1))) {
      out.push_back({'-', a[first + i++]});
    } else {
      out.push_back({'+', b[first + j++]});
    }
  }
}

std::vector<Line> compare(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
  size_t first = 0;
  while (first < a.size() && first < b.size() && a[first] == b[first]) ++first;
  size_t endA = a.size(), endB = b.size();
  while (endA > first && endB > first && a[endA - 1] == b[endB - 1]) --endA, --endB;
  std::vector<Line> out;
  for (size_t i = 0; i < first; ++i) out.push_back({' ', a[i]});
  compareMiddle(a, b, first, endA, endB, out);
  for (size_t i = endA; i < a.size(); ++i) out.push_back({' ', a[i]});
  return out;
}

std::string hunkText(const std::vector<Line>& lines, size_t from, size_t to, size_t lineA, size_t lineB) {
  size_t countA = 0, countB = 0;
  std::string body;
  for (size_t i = from; i < to; ++i) {
    countA += lines[i].mark != '+';
    countB += lines[i].mark != '-';
    body += lines[i].mark;
    body += lines[i].text;
    if (lines[i].text.empty() || lines[i].text.back() != '\n') body += "\n\\ No newline at end of file\n";
  }
  const auto range = [](size_t line, size_t count) {
    return count == 1 ? fmt::format("{}", line) : fmt::format("{},{}", count == 0 ? line - 1 : line, count);
  };
  return fmt::format("@@ -{} +{} @@\n{}", range(lineA, countA), range(lineB, countB), body);
}

}  // namespace

std::string unifiedDiff(const std::string& path, const std::string& before, const std::string& after) {
  if (before == after) return "";
  constexpr size_t kContext = 3;
  const auto a = linesOf(before), b = linesOf(after);
  const auto lines = compare(a, b);
  const auto plain = path.rfind("/", 0) == 0 ? path.substr(1) : path;
  std::string out = fmt::format("--- a/{0}\n+++ b/{0}\n", plain);
  size_t lineA = 1, lineB = 1;
  for (size_t i = 0; i < lines.size();) {
    if (lines[i].mark == ' ') {
      ++i, ++lineA, ++lineB;
      continue;
    }
    const size_t from = i >= kContext ? i - kContext : 0;
    // Changes that are closer than twice the context share a hunk.
    size_t end = i, quiet = 0;
    for (size_t k = i; k < lines.size() && quiet <= 2 * kContext; ++k) {
      quiet = lines[k].mark == ' ' ? quiet + 1 : 0;
      if (quiet == 0) end = k + 1;
    }
    const size_t to = std::min(lines.size(), end + kContext);
    out += hunkText(lines, from, to, lineA - (i - from), lineB - (i - from));
    for (; i < to; ++i) {
      lineA += lines[i].mark != '+';
      lineB += lines[i].mark != '-';
    }
  }
  return out;
}

}  // namespace ridgeline::source
