#include "plugins/cpu/detect/system_files.h"

#include <charconv>
#include <fstream>
#include <iterator>

namespace ridgeline::cpu {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Calls `see` with each part of `text` between separators.
template <class See>
void split(std::string_view text, char separator, See see) {
  while (!text.empty()) {
    const auto end = text.find(separator);
    see(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

bool parseInt(std::string_view text, int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::string readLine(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return {};
  const std::string content{std::istreambuf_iterator<char>(in), {}};
  return std::string(trimmed(content));
}

std::vector<int> parseCpuList(std::string_view text) {
  constexpr int64_t kMost = 1 << 16;  // guards against a range that is nonsense
  std::vector<int> cpus;
  split(text, ',', [&](std::string_view part) {
    part = trimmed(part);
    const auto dash = part.find('-');
    int64_t first = 0, last = 0;
    if (!parseInt(part.substr(0, dash), first)) return;
    last = first;
    if (dash != std::string_view::npos && !parseInt(part.substr(dash + 1), last)) return;
    for (int64_t cpu = first; cpu >= 0 && cpu <= last && cpu < kMost; ++cpu) cpus.push_back(static_cast<int>(cpu));
  });
  return cpus;
}

int64_t parseCacheSize(std::string_view text) {
  text = trimmed(text);
  int64_t scale = 1;
  if (!text.empty() && (text.back() == 'K' || text.back() == 'M' || text.back() == 'G')) {
    scale = text.back() == 'K' ? 1 << 10 : text.back() == 'M' ? 1 << 20 : 1 << 30;
    text.remove_suffix(1);
  }
  int64_t value = 0;
  return parseInt(text, value) && value > 0 && value < (int64_t{1} << 32) ? value * scale : 0;
}

std::map<std::string, std::string> parseKeyValues(std::string_view text) {
  std::map<std::string, std::string> values;
  bool ended = false;
  split(text, '\n', [&](std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) {
      ended = ended || (trimmed(line).empty() && !values.empty());
      return;
    }
    if (!ended) values.emplace(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  });
  return values;
}

}  // namespace ridgeline::cpu
