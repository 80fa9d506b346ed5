// Tables that line up, as text and as Markdown.
#pragma once

#include <string>
#include <vector>

namespace ridgeline::cli {

// What a terminal is taken to show.
inline constexpr int kTerminalColumns = 100;

enum class Align { Left, Right };

struct Column {
  std::string title;
  Align align = Align::Left;
  // The widest it may get in text; longer cells lose their middle ("encoder/lay…/MatMul"), so that both ends can be
  // read.
  int widest = 40;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : m_columns(std::move(columns)) {}
  void add(std::vector<std::string> cells);
  bool empty() const { return m_rows.empty(); }
  // In at most `most` columns, as far as words can give way; numbers stay whole.
  std::string text(int indent = 2, int most = 1 << 20) const;
  std::string markdown() const;

 private:
  std::vector<int> widths(int most) const;
  std::vector<Column> m_columns;
  std::vector<std::vector<std::string>> m_rows;
};

// Columns a terminal needs to show it, counting UTF-8 characters of one column each.
int displayWidth(const std::string& text);
// Cut to `width` columns by leaving out the middle.
std::string shorten(const std::string& text, int width);
// Broken at spaces into lines of at most `width` columns, all but the first indented. A longer word loses its middle.
std::string wrap(const std::string& text, int width, int indent);

}  // namespace ridgeline::cli
