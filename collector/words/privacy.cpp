#include "collector/words/privacy.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace ridgeline::collector {
namespace {

constexpr size_t kLongest = 64 << 10;  // names of templated kernels reach 5 KB

constexpr std::array<std::string_view, 34> kRoots{
    "home",    "Users",    "root",      "private",    "mnt",     "media",   "data", "usr",    "opt",
    "tmp",     "var",      "etc",       "work",       "srv",     "proc",    "dev",  "sys",    "lib",
    "lib64",   "bin",      "scratch",   "nfs",        "gpfs",    "lustre",  "fsx",  "shared", "storage",
    "cluster", "projects", "workspace", "workspaces", "volumes", "Volumes", "app"};
constexpr std::array<std::string_view, 8> kEndings{".py", ".so", ".cpp", ".cc", ".json", ".onnx", ".ipynb", ".pt"};

bool endsToken(char c) {
  return c == ' ' || c == '"' || c == '\'' || c == '(' || c == ')' || c == ',' || c == ';' || c == '<' || c == '>' ||
         c == '|' || c == '[' || c == ']';
}

bool isPath(std::string_view token) {
  if (token.size() > 3 && std::isalpha(static_cast<unsigned char>(token[0])) && token[1] == ':' &&
      (token[2] == '\\' || token[2] == '/')) {
    return true;
  }
  if (token.starts_with("~/") || token.starts_with("file://") || token.starts_with("\\\\")) return true;
  if (!token.starts_with("/")) return false;
  const auto second = token.find('/', 1);
  if (second == std::string_view::npos) return false;
  const auto root = token.substr(1, second - 1);
  if (std::find(kRoots.begin(), kRoots.end(), root) != kRoots.end()) return true;
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&](auto ending) { return token.find(ending) != std::string_view::npos; });
}

// "ann@host7", "ann@mail.example": something on both sides, and no version suffix as in "memcpy@@GLIBC_2.14".
bool isAddress(std::string_view token) {
  const auto at = token.find('@');
  if (at == std::string_view::npos || at == 0 || at + 1 >= token.size()) return false;
  const auto word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
  };
  return token.find('@', at + 1) == std::string_view::npos && token[at + 1] != '@' &&
         std::all_of(token.begin(), token.begin() + static_cast<std::ptrdiff_t>(at), word) && word(token[at + 1]);
}

void append(std::string& out, std::string_view token) {
  if (isPath(token)) {
    const auto slash = token.find_last_of("/\\");
    out += token.substr(slash + 1);
  } else if (isAddress(token)) {
    out += "(removed)";
  } else {
    out += token;
  }
}

}  // namespace

std::string cleaned(std::string_view text) {
  std::string out;
  text = text.substr(0, kLongest);
  size_t begin = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && !endsToken(text[i]) && text[i] != '=') continue;
    append(out, text.substr(begin, i - begin));
    if (i < text.size()) out += text[i];
    begin = i + 1;
  }
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  }
  // Cut between characters, not within one.
  while (text.size() == kLongest && !out.empty() && (static_cast<unsigned char>(out.back()) & 0xc0) == 0x80)
    out.pop_back();
  if (text.size() == kLongest && !out.empty() && (static_cast<unsigned char>(out.back()) & 0x80) != 0) out.pop_back();
  return out;
}

}  // namespace ridgeline::collector
