// Values out of the cells of a query, whatever SQLite made of them.
#pragma once

#include "profile/query.h"

#include <optional>
#include <string>

namespace ridgeline::gui {

inline std::optional<double> realOf(const profile::Cell& cell) {
  if (const auto* real = std::get_if<double>(&cell)) return *real;
  if (const auto* integer = std::get_if<int64_t>(&cell)) return static_cast<double>(*integer);
  return std::nullopt;
}
inline int64_t integerOf(const profile::Cell& cell) {
  if (const auto* integer = std::get_if<int64_t>(&cell)) return *integer;
  return 0;
}
inline std::string textIn(const profile::Cell& cell) {
  const auto* text = std::get_if<std::string>(&cell);
  return text == nullptr ? std::string() : *text;
}

}  // namespace ridgeline::gui
