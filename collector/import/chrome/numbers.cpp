// Numbers as exporters write them.
#include "collector/import/chrome/trace_event.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

namespace ridgeline::collector::import {
namespace {

// 146 years, which as ns leave room to add and subtract.
constexpr int64_t kLargestUs = 4'600'000'000'000'000;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text.remove_prefix(1), text.remove_suffix(1);
  }
  return text;
}

std::optional<double> realOf(std::string_view text) {
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<int64_t> nanosecondsOfReal(std::string_view text) {
  const auto value = realOf(text);
  if (!value || std::abs(*value) > static_cast<double>(kLargestUs)) return std::nullopt;
  const double whole = std::trunc(*value);  // apart from the rest: the product of a large one is rounded
  return static_cast<int64_t>(whole) * 1000 + std::llround((*value - whole) * 1000);
}

}  // namespace

std::optional<int64_t> nanosecondsOf(std::string_view microseconds) {
  const auto text = trimmed(microseconds);
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = at != end && *at == '-';
  if (negative) ++at;
  int64_t whole = 0;
  int digits = 0;
  for (; at != end && *at >= '0' && *at <= '9'; ++at) {
    if (++digits > 16) return std::nullopt;  // today in us since 1970 has 16 digits
    whole = whole * 10 + (*at - '0');
  }
  if (digits == 0 || whole > kLargestUs) return std::nullopt;
  int64_t ns = whole * 1000;
  if (at != end && *at == '.') {
    ++at;
    int64_t scale = 100;
    bool roundUp = false, first = true;
    for (; at != end && *at >= '0' && *at <= '9'; ++at) {
      if (scale > 0) {
        ns += (*at - '0') * scale;
        scale /= 10;
      } else if (first) {
        roundUp = *at >= '5', first = false;
      }
    }
    ns += roundUp ? 1 : 0;
  }
  if (at != end) return nanosecondsOfReal(text);
  return negative ? -ns : ns;
}

std::optional<int64_t> integerOf(std::string_view token) {
  auto text = trimmed(token);
  int64_t value = 0;
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2), base = 16;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (ec == std::errc() && end == text.data() + text.size()) return value;
  const auto real = base == 10 ? realOf(text) : std::nullopt;
  if (!real || std::abs(*real) > 9e18 || std::floor(*real) != *real) return std::nullopt;
  return static_cast<int64_t>(*real);
}

}  // namespace ridgeline::collector::import
