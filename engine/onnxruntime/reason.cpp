#include "engine/onnxruntime/reason.h"

#include <algorithm>
#include <cctype>

namespace ridgeline::engine {
namespace {

// Where "/path/file.cc:182 " or "/path/file.h:20 " begins, and the text after it.
struct Location {
  size_t begin = std::string_view::npos, end = 0;
};

Location findLocation(std::string_view text) {
  const auto mark = std::min(text.find(".cc:"), text.find(".h:"));
  if (mark == std::string_view::npos) return {};
  const auto space = text.rfind(' ', mark);
  const size_t begin = space == std::string_view::npos ? 0 : space + 1;
  const auto end = text.find(' ', mark);
  if (text[begin] != '/' || end == std::string_view::npos) return {};
  return {begin, end + 1};
}

// Where the message begins behind a function's signature: after its parameter list and what may qualify it.
size_t skipSignature(std::string_view text, size_t from) {
  int depth = 0;
  size_t at = text.find('(', from);
  if (at == std::string_view::npos) return from;
  for (; at < text.size(); ++at) {
    if (text[at] == '(') ++depth;
    if (text[at] == ')' && --depth == 0) break;
  }
  if (at >= text.size()) return from;
  ++at;
  if (text.substr(at).starts_with(" const")) at += 6;
  if (text.substr(at).starts_with(" [with ")) {
    const auto end = text.find(']', at);
    if (end != std::string_view::npos) at = end + 1;
  }
  return std::min(text.find_first_not_of(' ', at), text.size());
}

std::string onOneLine(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (!std::isspace(byte) && !std::iscntrl(byte)) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (!line.empty() && (line.back() == ' ' || line.back() == '.')) line.pop_back();
  return line;
}

}  // namespace

std::string plainReason(std::string_view text, size_t limit) {
  std::string words(text);
  if (const auto location = findLocation(words); location.begin != std::string_view::npos) {
    words.erase(location.begin, skipSignature(words, location.end) - location.begin);
  }
  std::string line = onOneLine(words);
  if (line.size() <= limit) return line;
  size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;  // not inside a UTF-8 sequence
  return line.substr(0, end) + "...";
}

}  // namespace ridgeline::engine
