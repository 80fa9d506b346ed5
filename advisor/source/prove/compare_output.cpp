#include "advisor/source/prove/compare_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <sstream>

namespace ridgeline::source {
namespace {

std::optional<double> numberOf(const std::string& word) {
  char* end = nullptr;
  const double value = std::strtod(word.c_str(), &end);
  if (word.empty() || *end != '\0') return std::nullopt;
  return value;
}

bool close(double a, double b, double tolerance) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  if (std::isinf(a) || std::isinf(b)) return a == b;
  return std::abs(a - b) <= tolerance * std::max(std::abs(a), std::abs(b));
}

std::string shown(const std::string& word) { return word.size() > 40 ? word.substr(0, 40) + "..." : word; }

}  // namespace

std::optional<std::string> outputDifference(const std::string& before, const std::string& after, double tolerance) {
  if (before == after) return std::nullopt;
  std::istringstream a(before), b(after);
  std::string x, y;
  for (long word = 1;; ++word) {
    const bool moreA = static_cast<bool>(a >> x), moreB = static_cast<bool>(b >> y);
    if (!moreA && !moreB) break;
    if (moreA != moreB) return fmt::format("word {}: one of them prints more", word);
    if (x == y) continue;
    const auto p = numberOf(x), q = numberOf(y);
    if (tolerance > 0 && p && q && close(*p, *q, tolerance)) continue;
    return fmt::format("word {}: '{}' became '{}'", word, shown(x), shown(y));
  }
  // The same words: spaces differ, which numbers of another length bring with them.
  return tolerance > 0 ? std::nullopt : std::optional<std::string>("the spaces between its words");
}

}  // namespace ridgeline::source
