#include "collector/import/ncu/csv.h"

namespace ridgeline::collector::import {
namespace {
constexpr size_t kLongestLine = 1 << 20;
}

Result<int> CsvReader::get() {
  if (m_at == m_end) {
    m_buffer.resize(256 << 10);
    auto count = m_source.read(m_buffer.data(), m_buffer.size());
    if (!count) return passOn(count);
    m_at = 0, m_end = *count;
    if (m_end == 0) return -1;
  }
  return static_cast<unsigned char>(m_buffer[m_at++]);
}

Result<bool> CsvReader::next(std::vector<std::string>& cells) {
  cells.clear();
  std::string cell;
  bool quoted = false, any = false;
  size_t size = 0;
  for (;;) {
    auto c = get();
    if (!c) return passOn(c);
    if (*c < 0) {
      if (quoted) return badInput(fmt::format("{} is cut short: a quote has no end", m_name), "export it again");
      if (any) cells.push_back(std::move(cell));
      return any;
    }
    if (++size > kLongestLine) return badInput(fmt::format("{}: a line is longer than a megabyte", m_name));
    const char ch = static_cast<char>(*c);
    if (quoted) {
      if (ch != '"') {
        cell += ch;
        continue;
      }
      auto after = get();  // a doubled quote is one
      if (!after) return passOn(after);
      if (*after == '"') {
        cell += '"';
        continue;
      }
      quoted = false;
      if (*after >= 0) --m_at;
    } else if (ch == '"') {
      quoted = any = true;
    } else if (ch == ',') {
      any = true;
      cells.push_back(std::move(cell));
      cell.clear();
    } else if (ch == '\n') {
      cells.push_back(std::move(cell));
      return true;
    } else if (ch != '\r') {
      any = true;
      cell += ch;
    }
  }
}

}  // namespace ridgeline::collector::import
