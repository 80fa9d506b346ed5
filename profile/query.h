// What a free SQL query returns.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace ridgeline::profile {

// NULL, an integer, a real number, or text. A blob is shown as text: "(12 bytes)".
using Cell = std::variant<std::monostate, int64_t, double, std::string>;

// For people and CSV: "" for NULL, the shortest text that reads back as the same number.
std::string textOf(const Cell& cell);

struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
};

}  // namespace ridgeline::profile
