// Shared memory has 32 banks of 4 bytes; threads of a warp that touch different words of one bank wait for each other
// (CUDA C++ Programming Guide, "Shared Memory").
#include "advisor/source/checks/check.h"
#include "advisor/source/fix/rewrite.h"
#include "advisor/source/model/launch_shape.h"

#include <algorithm>

namespace ridgeline::source {
namespace {

using namespace clang;

constexpr int kWarp = 32, kBanks = 32, kWord = 4;

// How often a warp has to go to the busiest bank. `rowThreads`: threads along x, of which a warp takes 32 in order.
int conflictWays(int64_t perX, int64_t perY, int rowThreads, unsigned bytes) {
  // Accesses of 8 and 16 bytes are served for half and a quarter of a warp at a time.
  const int together = bytes <= kWord ? kWarp : std::max(1, kWarp * kWord / static_cast<int>(bytes));
  int worst = 1;
  for (int first = 0; first < kWarp; first += together) {
    std::map<int64_t, std::set<int64_t>> words;
    for (int lane = first; lane < first + together; ++lane) {
      const auto at = perX * (lane % rowThreads) + perY * (lane / rowThreads);
      for (int64_t b = 0; b < std::max(bytes, 1u); b += kWord) {
        const auto word = (at + b) >= 0 ? (at + b) / kWord : (at + b - kWord + 1) / kWord;
        words[((word % kBanks) + kBanks) % kBanks].insert(word);
      }
    }
    for (const auto& [bank, all] : words) worst = std::max(worst, static_cast<int>(all.size()));
  }
  return worst;
}

class BankConflict : public GpuCheck {
 public:
  CheckInfo info() const override {
    return {"gpu-bank-conflict", Kind::Access, "Threads of a warp fall on the same bank of shared memory", true};
  }

  void run(const CheckInput& in, std::vector<Finding>& found) const override {
    for (const auto& view : in.functions) {
      if (!view.facts.isDevice) continue;
      std::set<const Decl*> told;
      for (const auto& access : view.accesses) {
        if (told.count(access.address.root)) continue;
        const int ways = waysOf(in, view, access, 0);
        if (ways < 4) continue;
        told.insert(access.address.root);
        found.push_back(describe(in, view, access, ways));
      }
    }
  }

 private:
  static const ConstantArrayType* arrayOf(const CheckInput& in, const Access& access) {
    return in.file.context().getAsConstantArrayType(access.address.root->getType());
  }

  // Threads along x: from a launch where it is known, else as wide as the array's rows, which tiles are.
  static int rowThreads(const CheckInput& in, const FunctionView& view, const Access& access) {
    for (const auto& launch : in.file.launchesOf(view.facts.decl)) {
      const auto block = constantBlock(in.file, launch.block);
      if (block && (*block)[0] > 0) return static_cast<int>(std::min<int64_t>((*block)[0], kWarp));
    }
    int smallest = kWarp;
    for (const auto* array = arrayOf(in, access); array;
         array = in.file.context().getAsConstantArrayType(array->getElementType())) {
      const auto extent = static_cast<int64_t>(array->getSize().getZExtValue());
      // A row with padding is one wider than the block.
      for (const int64_t candidate : {extent, extent - 1}) {
        if (candidate == 8 || candidate == 16) smallest = std::min(smallest, static_cast<int>(candidate));
      }
    }
    return smallest;
  }

  // 1 where there is no conflict or nothing is known. `padding`: elements added to each row.
  static int waysOf(const CheckInput& in, const FunctionView& view, const Access& access, int padding) {
    const auto& at = access.address;
    if (at.space != Space::Shared || !at.bytes || access.oneThread || access.atomic || access.sizeAssumed) return 1;
    auto bytes = *at.bytes;
    if (padding > 0) {
      if (!at.subscripts || at.subscripts->size() < 2) return 1;
      bytes = Poly();
      const auto* array = arrayOf(in, access);
      for (size_t i = 0; i < at.subscripts->size() && array; ++i) {
        // Bytes of one step of this subscript, with the last dimension longer.
        int64_t step = access.bytes;
        for (const auto* inner = in.file.context().getAsConstantArrayType(array->getElementType()); inner;
             inner = in.file.context().getAsConstantArrayType(inner->getElementType())) {
          const bool isLast = !inner->getElementType()->isArrayType();
          step *= static_cast<int64_t>(inner->getSize().getZExtValue()) + (isLast ? padding : 0);
        }
        bytes = bytes + (*at.subscripts)[i] * Poly::constant(step);
        array = in.file.context().getAsConstantArrayType(array->getElementType());
      }
    }
    const auto x = bytes.coefficient(kTidX), y = bytes.coefficient(kTidY);
    if (!x || !y || bytes.has(kTidZ)) return 1;
    const auto perX = x->asConstant(), perY = y->asConstant();
    if (!perX || !perY) return 1;
    const int row = rowThreads(in, view, access);
    return conflictWays(*perX, *perY, row, access.bytes);
  }

  Finding describe(const CheckInput& in, const FunctionView& view, const Access& access, int ways) const {
    const auto name = access.address.root->getNameAsString();
    auto made = finding(in, &view.facts, access.expr->getSourceRange(),
                        fmt::format("{}-way bank conflict on '{}'", ways, name));
    made.evidence.push_back(
        fmt::format("threads of a warp touch {} different words of one bank, one after the other", ways));
    made.weight = ways;
    made.gainFraction = 0.3;
    offerPadding(in, view, access, made);
    return made;
  }

  static void offerPadding(const CheckInput& in, const FunctionView& view, const Access& access, Finding& made) {
    const auto* variable = dyn_cast<VarDecl>(access.address.root);
    const auto* array = arrayOf(in, access);
    if (!variable || !array || !array->getElementType()->isArrayType()) {
      made.whyNoFix = "not an array of two dimensions whose rows could be padded";
      return;
    }
    for (const auto& other : view.accesses) {
      if (other.address.root != access.address.root) continue;
      if (!other.address.subscripts || other.address.subscripts->size() < 2) {
        made.whyNoFix = "'" + variable->getNameAsString() + "' is also used other than by its subscripts";
        return;
      }
      if (waysOf(in, view, other, 1) > std::max(1, waysOf(in, view, other, 0))) {
        made.whyNoFix = "padding its rows would make another access worse";
        return;
      }
    }
    if (waysOf(in, view, access, 1) > 1) {
      made.whyNoFix = "padding its rows by one element does not help";
      return;
    }
    size_t seen = 0;
    for (const auto& other : view.accesses) seen += other.address.root == access.address.root;
    if (seen < in.file.mentions(variable).size()) {
      made.whyNoFix = "'" + variable->getNameAsString() + "' is also used other than by its subscripts";
      return;
    }
    auto where = variable->getTypeSourceInfo()->getTypeLoc().getAs<ArrayTypeLoc>();
    Expr* size = nullptr;
    while (!where.isNull()) {
      size = where.getSizeExpr();
      where = where.getElementLoc().getAs<ArrayTypeLoc>();
    }
    const auto span = size ? in.file.text().span(size->getSourceRange()) : std::nullopt;
    if (!span) {
      made.whyNoFix = "its size is written by a macro";
      return;
    }
    Fix fix;
    fix.title = fmt::format("pad the rows of '{}' by one element", variable->getNameAsString());
    const auto known = isa<IntegerLiteral>(size) ? in.file.constant(size) : std::nullopt;
    fix.edits.push_back(replace(*span, known ? std::to_string(*known + 1) : in.file.text().at(*span) + " + 1"));
    fix.scopes.insert(view.facts.name);
    made.fix = std::move(fix);
  }
};

}  // namespace

const Check& bankConflict() {
  static const BankConflict check;
  return check;
}

}  // namespace ridgeline::source
