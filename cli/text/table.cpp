#include "cli/text/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace ridgeline::cli {
namespace {

constexpr int kNarrowest = 8;

bool startsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// The first `count` characters.
std::string firstOf(const std::string& text, int count) {
  size_t at = 0;
  while (at < text.size()) {
    if (startsCharacter(text[at]) && count-- == 0) break;
    ++at;
  }
  return text.substr(0, at);
}

std::string lastOf(const std::string& text, int count) {
  size_t at = text.size();
  while (at > 0 && count > 0) {
    --at;
    if (startsCharacter(text[at])) --count;
  }
  return text.substr(at);
}

std::string padded(const std::string& text, int width, Align align) {
  const std::string space(static_cast<size_t>(std::max(0, width - displayWidth(text))), ' ');
  return align == Align::Left ? text + space : space + text;
}

std::string oneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

}  // namespace

int displayWidth(const std::string& text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), startsCharacter));
}

std::string shorten(const std::string& text, int width) {
  if (displayWidth(text) <= width) return text;
  const int head = (width - 1) / 2;
  return firstOf(text, head) + "…" + lastOf(text, width - 1 - head);
}

std::string wrap(const std::string& text, int width, int indent) {
  std::string out, line;
  const std::string lineBreak = fmt::format("\n{}", std::string(static_cast<size_t>(indent), ' '));
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find(' ', at), text.size());
    const int limit = out.empty() ? width : width - indent;
    const auto word = shorten(text.substr(at, end - at), width - indent);
    if (!line.empty() && displayWidth(line) + 1 + displayWidth(word) > limit) {
      if (!out.empty()) out += lineBreak;
      out += line;
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
    at = end + 1;
  }
  if (!out.empty()) out += lineBreak;
  return out + line;
}

void Table::add(std::vector<std::string> cells) {
  cells.resize(m_columns.size());
  std::transform(cells.begin(), cells.end(), cells.begin(), oneLine);
  m_rows.push_back(std::move(cells));
}

std::vector<int> Table::widths(int most) const {
  std::vector<int> out;
  int sum = 0;
  for (const auto& column : m_columns) {
    const auto c = out.size();
    int width = displayWidth(column.title);
    for (const auto& row : m_rows) width = std::max(width, std::min(displayWidth(row[c]), column.widest));
    out.push_back(width);
    sum += width + (c > 0 ? 2 : 0);
  }
  // The widest column of words gives way; numbers stay whole.
  for (; sum > most; --sum) {
    int* widest = nullptr;
    for (size_t c = 0; c < out.size(); ++c) {
      if (m_columns[c].align == Align::Left && (widest == nullptr || out[c] > *widest)) widest = &out[c];
    }
    if (widest == nullptr || *widest <= kNarrowest) break;
    --*widest;
  }
  return out;
}

std::string Table::text(int indent, int most) const {
  const auto widths = this->widths(most - indent);
  std::string out;
  const auto line = [&](auto cell) {
    std::string text(static_cast<size_t>(indent), ' ');
    for (size_t c = 0; c < m_columns.size(); ++c) {
      if (c) text += "  ";
      text += padded(shorten(cell(c), widths[c]), widths[c], m_columns[c].align);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text;
    out += '\n';
  };
  line([&](size_t c) { return m_columns[c].title; });
  line([&](size_t c) {
    std::string rule;
    for (int i = 0; i < widths[c]; ++i) rule += "─";
    return rule;
  });
  for (const auto& row : m_rows) line([&](size_t c) { return row[c]; });
  return out;
}

std::string Table::markdown() const {
  const auto escape = [](std::string cell) {
    for (size_t at = 0; (at = cell.find('|', at)) != std::string::npos; at += 2) cell.insert(at, "\\");
    return cell;
  };
  std::string out;
  const auto line = [&](auto cell) {
    out += '|';
    for (size_t c = 0; c < m_columns.size(); ++c) out += fmt::format(" {} |", cell(c));
    out += '\n';
  };
  line([&](size_t c) { return escape(m_columns[c].title); });
  line([&](size_t c) { return std::string(m_columns[c].align == Align::Right ? "---:" : "---"); });
  for (const auto& row : m_rows) line([&](size_t c) { return escape(row[c]); });
  return out;
}

}  // namespace ridgeline::cli
