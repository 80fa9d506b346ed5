// What ONNX Runtime says when something is wrong, made fit for one line.
#include "engine/onnxruntime/api.h"

#include <cctype>

namespace ridgeline::engine {
namespace {

// "/onnxruntime_src/core/graph/model.cc:182 onnxruntime::Model::Model(args) cause": its file, line and function mean
// nothing to a user. Returns the text after them.
std::string_view afterSourceLocation(std::string_view text) {
  const auto file = text.find(".cc:");
  const auto header = text.find(".h:");
  const auto at = std::min(file, header);
  if (at == std::string_view::npos) return text;
  const auto slash = text.rfind(' ', at);
  const size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
  if (text[begin] != '/') return text;
  size_t i = text.find(' ', at);
  if (i == std::string_view::npos) return text;
  // The function's parameter list ends at its balanced parenthesis; what follows it up to a space is a qualifier.
  int depth = 0;
  bool opened = false;
  for (size_t k = i; k < text.size(); ++k) {
    if (text[k] == '(') opened = true, ++depth;
    if (text[k] == ')') --depth;
    if (opened && depth == 0) {
      const auto rest = text.find_first_not_of(' ', k + 1);
      if (rest == std::string_view::npos) return text.substr(0, begin);
      std::string_view tail = text.substr(rest);
      for (std::string_view qualifier : {"const ", "[with "}) {
        if (!tail.starts_with(qualifier)) continue;
        const auto end = qualifier == "[with " ? tail.find("] ") : qualifier.size() - 2;
        if (end != std::string_view::npos) tail.remove_prefix(std::min(end + 2, tail.size()));
      }
      return tail;
    }
    // A function without parameters is written by its bare name.
    if (!opened && text[k] == ' ' && k > i) return text.substr(k + 1);
  }
  return text.substr(i + 1);
}

}  // namespace

std::string plainReason(std::string_view text, size_t limit) {
  const auto location = text.find('/');
  const std::string_view cut = afterSourceLocation(text);
  std::string out;
  // Words before the location, such as "Exception during initialization:", stay.
  if (cut.data() != text.data() && location != std::string_view::npos) out = text.substr(0, location);
  out += cut;
  std::string line;
  for (const char c : out) {
    const bool space = std::isspace(static_cast<unsigned char>(c)) || std::iscntrl(static_cast<unsigned char>(c));
    if (!space) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (!line.empty() && (line.back() == ' ' || line.back() == '.')) line.pop_back();
  if (line.size() <= limit) return line;
  size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;  // not inside a UTF-8 sequence
  return line.substr(0, end) + "...";
}

}  // namespace ridgeline::engine
