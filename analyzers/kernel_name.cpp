#include "analyzers/kernel_name.h"

namespace ridgeline::analyzers {
namespace {

// Where the argument list at the end begins.
size_t argumentsOf(std::string_view name) {
  if (!name.ends_with(')')) return name.size();
  int depth = 0;
  for (size_t at = name.size(); at-- > 0;) {
    if (name[at] == ')') ++depth;
    if (name[at] == '(' && --depth == 0) return at == 0 ? name.size() : at;
  }
  return name.size();
}

}  // namespace

std::string shortKernelName(std::string_view name) {
  if (name.starts_with("void ")) name.remove_prefix(5);
  for (std::string_view clone = " [clone"; name.find(clone) != name.npos;) name = name.substr(0, name.find(clone));
  std::string out(name.substr(0, argumentsOf(name)));
  constexpr std::string_view kAnonymous = "(anonymous namespace)::";
  for (size_t at = 0; (at = out.find(kAnonymous)) != out.npos;) out.erase(at, kAnonymous.size());
  return out;
}

}  // namespace ridgeline::analyzers
