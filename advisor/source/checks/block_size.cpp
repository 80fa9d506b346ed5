// Blocks are cut into warps of 32 threads; what is left over runs as a warp that is partly idle.
#include "advisor/source/checks/check.h"
#include "advisor/source/fix/rewrite.h"
#include "advisor/source/model/elementwise.h"

namespace ridgeline::source {
namespace {

using namespace clang;

class BlockSize : public CudaCheck {
 public:
  CheckInfo info() const override {
    return {"gpu-block-size", Kind::Launch, "A block's size is not a multiple of the warp", true};
  }

  void run(const CheckInput& in, std::vector<Finding>& found) const override {
    for (const auto& view : in.functions) {
      for (const auto& launch : view.facts.launches) inspect(in, view.facts, launch, found);
    }
  }

 private:
  // The threads of a block, and the literal that says so when there is just one.
  static std::optional<int64_t> threads(const CheckInput& in, const Expr* block, const Expr** literal) {
    const auto* e = plain(block);
    if (const auto* variable = namedVariable(e)) {
      if (!variable->getInit() || isa<ParmVarDecl>(variable) || !in.file.variable(variable).onlyInit()) {
        return in.file.constant(e);
      }
      return threads(in, variable->getInit(), literal);
    }
    if (const auto* made = dyn_cast<CXXConstructExpr>(e)) {
      if (made->getConstructor()->isCopyOrMoveConstructor()) return threads(in, made->getArg(0), literal);
      int64_t product = 1;
      for (const auto* argument : made->arguments()) {
        if (isa<CXXDefaultArgExpr>(argument)) continue;
        const auto extent = in.file.constant(plain(argument));
        if (!extent) return std::nullopt;
        product *= *extent;
        if (made->getNumArgs() >= 1 && argument == made->getArg(0)) threads(in, argument, literal);
      }
      return product;
    }
    if (isa<IntegerLiteral>(e)) *literal = e;
    return in.file.constant(e);
  }

  void inspect(const CheckInput& in, const FunctionFacts& host, const Launch& launch,
               std::vector<Finding>& found) const {
    if (!launch.block) return;
    const Expr* literal = nullptr;
    const auto size = threads(in, launch.block, &literal);
    if (!size || *size <= 0 || *size % 32 == 0 || *size > 1024) return;
    // One thread, or a handful, is not about throughput.
    if (*size < 32 && launch.grid && in.file.constant(firstDimension(launch.grid)) == 1) return;
    const auto rounded = (*size + 31) / 32 * 32;
    auto made = finding(in, &host, launch.call->getSourceRange(),
                        fmt::format("'{}' is launched with {} of {} threads", launch.name, "blocks", *size));
    made.evidence.push_back(fmt::format("the last warp of each block has {} of 32 threads idle", rounded - *size));
    made.kernels = kernelNames(in, {launch});
    made.weight = static_cast<double>(rounded) / static_cast<double>(*size);
    made.gainFraction = 1 - 1 / made.weight;
    offerRounding(in, launch, literal, rounded, made);
    found.push_back(std::move(made));
  }

  // Any block size gives the same when every thread works for itself and the grid is computed from the same number.
  static void offerRounding(const CheckInput& in, const Launch& launch, const Expr* literal, int64_t rounded,
                            Finding& made) {
    const auto* view = launch.kernel ? in.viewOf(launch.kernel) : nullptr;
    std::string why;
    const auto kernel = view ? elementwise(in, *view, why) : std::nullopt;
    if (!kernel || kernel->usesThread) {
      made.whyNoFix = "the kernel may count on its block's size";
      return;
    }
    const auto* constant = namedVariable(firstDimension(launch.block));
    if (!literal || !constant || constant->getInit() == nullptr || plain(constant->getInit()) != literal ||
        !in.file.variable(constant).onlyInit() || !constant->hasLocalStorage()) {
      made.whyNoFix = "the size is not one local variable that the grid is computed from as well";
      return;
    }
    const auto position = static_cast<unsigned>(kernel->bound->getFunctionScopeIndex());
    for (const auto* mention : in.file.mentions(constant)) {
      bool inLaunch = false;
      const Stmt* top = mention;
      for (const Stmt* s = mention; s; s = in.file.parent(s)) {
        inLaunch = inLaunch || s == launch.call || s == launch.call->getConfig();
        top = s;
      }
      (void)top;
      if (!inLaunch && !onlyForGrid(in, mention, launch)) {
        made.whyNoFix = "'" + constant->getNameAsString() + "' is used for more than this launch";
        return;
      }
    }
    if (position >= launch.call->getNumArgs() || !coversRange(in, launch, launch.call->getArg(position))) {
      made.whyNoFix = "the grid is not computed from the block's size";
      return;
    }
    const auto where = in.file.text().span(literal);
    if (!where) {
      made.whyNoFix = "the size is written by a macro";
      return;
    }
    Fix fix;
    fix.title = fmt::format("use blocks of {} threads", rounded);
    fix.edits.push_back(replace(*where, std::to_string(rounded)));
    if (const auto* host = in.file.functionAround(launch.call)) fix.scopes.insert(host->name);
    made.fix = std::move(fix);
  }

  // Within the initializer of the variable that is this launch's grid, and nothing else.
  static bool onlyForGrid(const CheckInput& in, const DeclRefExpr* mention, const Launch& launch) {
    const auto* grid = launch.grid ? namedVariable(firstDimension(launch.grid)) : nullptr;
    if (!grid || in.file.mentions(grid).size() != 1) return false;
    for (const Stmt* s = mention; s; s = in.file.parent(s)) {
      const auto* declared = dyn_cast<DeclStmt>(s);
      if (declared) return declared->isSingleDecl() && declared->getSingleDecl() == grid;
    }
    return false;
  }
};

}  // namespace

const Check& blockSize() {
  static const BlockSize check;
  return check;
}

}  // namespace ridgeline::source
