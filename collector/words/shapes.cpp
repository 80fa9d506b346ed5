#include "collector/words/shapes.h"

#include "collector/words/privacy.h"

#include <array>
#include <utility>
#include <vector>

namespace ridgeline::collector {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kTypes{{{"float", "float32"},
                                                                                {"double", "float64"},
                                                                                {"c10::Half", "float16"},
                                                                                {"Half", "float16"},
                                                                                {"c10::BFloat16", "bfloat16"},
                                                                                {"BFloat16", "bfloat16"},
                                                                                {"int", "int32"},
                                                                                {"long", "int64"},
                                                                                {"long int", "int64"},
                                                                                {"short", "int16"},
                                                                                {"short int", "int16"},
                                                                                {"signed char", "int8"},
                                                                                {"unsigned char", "uint8"},
                                                                                {"bool", "bool"},
                                                                                {"c10::complex<float>", "complex64"},
                                                                                {"c10::Float8_e4m3fn", "float8_e4m3"},
                                                                                {"c10::Float8_e5m2", "float8_e5m2"},
                                                                                {"c10::qint8", "int8"},
                                                                                {"c10::quint8", "uint8"},
                                                                                {"unsigned short", "uint16"},
                                                                                {"long long", "int64"},
                                                                                {"unsigned int", "uint32"}}};

// The quoted texts of a JSON array of strings; nested arrays count as one empty text.
std::vector<std::string_view> textsOf(std::string_view json) {
  std::vector<std::string_view> out;
  int depth = 0;
  for (size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '[' && ++depth == 2) out.emplace_back();
    if (json[i] == ']') --depth;
    if (json[i] != '"') continue;
    const size_t begin = ++i;
    while (i < json.size() && json[i] != '"') i += json[i] == '\\' ? 2 : 1;
    if (depth == 1) out.push_back(json.substr(begin, std::min(i, json.size()) - begin));
  }
  return out;
}

// "[2048, 6948]" -> "2048x6948", "[[2],[3,4]]" -> {"2", "3x4"}.
std::vector<std::string> tensorsIn(std::string_view entry) {
  std::vector<std::string> out;
  std::string current;
  for (const char c : entry) {
    if ((c >= '0' && c <= '9') || c == '-') {
      current += c;
    } else if (c == ',') {
      if (!current.empty() && current.back() != 'x') current += 'x';
    } else if (c == ']' || c == '[') {
      if (!current.empty() && current.back() == 'x') current.pop_back();
      if (!current.empty()) out.push_back(std::move(current));
      current.clear();
    }
  }
  return out;
}

// The entries of a JSON array, as text; every one of them is an array.
std::vector<std::string_view> entriesOf(std::string_view json) {
  std::vector<std::string_view> out;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '[' && ++depth == 2) begin = i;
    if (json[i] == ']' && depth-- == 2) out.push_back(json.substr(begin, i + 1 - begin));
  }
  return out;
}

}  // namespace

std::string dataTypeName(std::string_view type) {
  for (const auto& [theirs, ours] : kTypes) {
    if (type == theirs) return std::string(ours);
  }
  return cleaned(type.substr(0, 60));
}

std::string shapesText(std::string_view dims, std::string_view types) {
  const auto entries = entriesOf(dims);
  const auto names = textsOf(types);
  std::string out;
  for (size_t i = 0; i < entries.size(); ++i) {
    const auto type = i < names.size() ? names[i] : std::string_view();
    for (const auto& tensor : tensorsIn(entries[i])) {
      if (out.size() > 2000) return out + ", ...";
      if (!out.empty()) out += ", ";
      if (!type.empty() && !type.ends_with("List")) out += dataTypeName(type) + " ";
      out += tensor;
    }
  }
  return out;
}

}  // namespace ridgeline::collector
