#include "advisor/source/model/launch_shape.h"

namespace ridgeline::source {

using namespace clang;

std::optional<std::array<int64_t, 3>> constantBlock(const FileFacts& file, const Expr* block) {
  const auto* e = block ? plain(block) : nullptr;
  if (!e) return std::nullopt;
  if (const auto known = file.constant(e)) return std::array<int64_t, 3>{*known, 1, 1};
  if (const auto* variable = namedVariable(e)) {
    if (!variable->getInit() || isa<ParmVarDecl>(variable) || !file.variable(variable).onlyInit()) return std::nullopt;
    return constantBlock(file, variable->getInit());
  }
  const auto* made = dyn_cast<CXXConstructExpr>(e);
  if (!made || made->getNumArgs() == 0) return std::nullopt;
  const auto* constructor = made->getConstructor();
  if (constructor->isCopyOrMoveConstructor()) return constantBlock(file, made->getArg(0));
  std::array<int64_t, 3> extents{1, 1, 1};
  for (unsigned i = 0; i < made->getNumArgs() && i < 3; ++i) {
    if (isa<CXXDefaultArgExpr>(made->getArg(i))) continue;
    const auto extent = file.constant(plain(made->getArg(i)));
    if (!extent) return std::nullopt;
    extents[i] = *extent;
  }
  return extents;
}

}  // namespace ridgeline::source
