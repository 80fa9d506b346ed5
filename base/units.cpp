#include "base/units.h"

#include <array>
#include <charconv>
#include <cmath>

namespace ridgeline {
namespace {

struct Unit {
  std::string_view name;
  double scale;
};

std::string withPrefix(double v, std::string_view unit) {
  static constexpr std::array<Unit, 6> prefixes{
      {{"P", 1e15}, {"T", 1e12}, {"G", 1e9}, {"M", 1e6}, {"k", 1e3}, {"", 1}}};
  for (const auto& p : prefixes) {
    // 999.6 would print as "1000": move on to the larger unit already there.
    if (std::fabs(v) >= p.scale * 0.9995 || p.scale == 1) {
      return fmt::format("{} {}{}", formatSignificant(v / p.scale), p.name, unit);
    }
  }
  return {};
}

// Splits "1.5GB" into 1.5 and "GB".
Result<std::pair<double, std::string_view>> splitNumber(std::string_view text, std::string_view what) {
  double value = 0;
  const auto* end = text.data() + text.size();
  auto [rest, ec] = std::from_chars(text.data(), end, value);
  if (ec != std::errc() || !std::isfinite(value) || value < 0) {
    return fail(ErrorCode::Usage, fmt::format("'{}' is not a {}", text, what));
  }
  std::string_view unit(rest, static_cast<size_t>(end - rest));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  return std::pair{value, unit};
}

template <size_t N>
Result<double> parseWithUnit(std::string_view text, std::string_view what, const std::array<Unit, N>& units,
                             std::string_view example) {
  auto number = splitNumber(text, what);
  if (!number) return fail(ErrorCode::Usage, number.error().message, fmt::format("write it like {}", example));
  for (const auto& u : units) {
    if (number->second == u.name) return number->first * u.scale;
  }
  return fail(ErrorCode::Usage, fmt::format("'{}' is not a {}", text, what), fmt::format("write it like {}", example));
}

}  // namespace

std::string formatSignificant(double v, int digits) {
  if (!std::isfinite(v)) return "-";
  if (v == 0) return "0";
  const auto digitsBefore = [](double x) { return static_cast<int>(std::floor(std::log10(std::fabs(x)))) + 1; };
  // Rounded first: 0.9997 has no digit before the point, but "1.00" has.
  const double scale = std::pow(10.0, digits - digitsBefore(v));
  if (const double rounded = std::round(v * scale) / scale; std::isfinite(rounded) && rounded != 0) v = rounded;
  const int before = digitsBefore(v);
  const int decimals = std::max(0, digits - before);
  return fmt::format("{:.{}f}", v, std::min(decimals, 9));
}

std::string formatMs(double ms) {
  if (!std::isfinite(ms)) return "-";
  const double a = std::fabs(ms);
  if (a >= 1000) return fmt::format("{} s", formatSignificant(ms / 1000));
  if (a >= 1) return fmt::format("{} ms", formatSignificant(ms));
  if (a == 0) return "0 ms";
  return fmt::format("{} us", formatSignificant(ms * 1000));
}

std::string formatBytes(double bytes) { return std::isfinite(bytes) ? withPrefix(bytes, "B") : "-"; }

std::string formatRate(double perSecond, std::string_view unit) {
  return std::isfinite(perSecond) ? withPrefix(perSecond, fmt::format("{}/s", unit)) : "-";
}

std::string formatCount(double n) {
  if (!std::isfinite(n)) return "-";
  auto text = withPrefix(n, "");
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

std::string formatPercent(double fraction) {
  return std::isfinite(fraction) ? fmt::format("{:.1f} %", fraction * 100) : "-";
}

Result<double> parseDuration(std::string_view text) {
  static constexpr std::array<Unit, 8> units{
      {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"sec", 1}}};
  return parseWithUnit(text, "duration", units, "5ms, 90s or 10m");
}

Result<double> parseBytes(std::string_view text) {
  static constexpr std::array<Unit, 8> units{{{"B", 1},
                                              {"kB", 1e3},
                                              {"KB", 1e3},
                                              {"MB", 1e6},
                                              {"GB", 1e9},
                                              {"KiB", 1024},
                                              {"MiB", 1024.0 * 1024},
                                              {"GiB", 1024.0 * 1024 * 1024}}};
  return parseWithUnit(text, "size", units, "200MB or 1.5GiB");
}

Result<double> parseFraction(std::string_view text) {
  static constexpr std::array<Unit, 2> units{{{"%", 0.01}, {"", 1}}};
  return parseWithUnit(text, "fraction", units, "3% or 0.03");
}

}  // namespace ridgeline
