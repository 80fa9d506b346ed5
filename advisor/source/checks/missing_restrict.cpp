// With const and __restrict__ a kernel's reads can go through the read-only path and be moved across its writes.
#include "advisor/source/checks/check.h"
#include "advisor/source/fix/rewrite.h"
#include "advisor/source/model/loops.h"
#include "advisor/source/model/pointers.h"

namespace ridgeline::source {
namespace {

using namespace clang;

struct Parameter {
  const ParmVarDecl* decl = nullptr;
  PointerUse use;
  bool isConst() const { return decl->getType()->getPointeeType().isConstQualified(); }
  bool isRestrict() const { return decl->getType().isRestrictQualified(); }
};

class MissingRestrict : public GpuCheck {
 public:
  CheckInfo info() const override {
    return {"gpu-missing-restrict", Kind::Access, "Pointers that are only read are not const and __restrict__", true};
  }

  void run(const CheckInput& in, std::vector<Finding>& found) const override {
    for (const auto& view : in.functions) {
      if (view.facts.isKernel && !view.facts.inPart) inspect(in, view, found);
    }
  }

 private:
  void inspect(const CheckInput& in, const FunctionView& view, std::vector<Finding>& found) const {
    std::vector<Parameter> pointers;
    bool writes = false;
    for (const auto* parameter : view.facts.decl->parameters()) {
      if (!parameter->getType()->isPointerType()) continue;
      const auto pointee = parameter->getType()->getPointeeType();
      if (pointee->isVoidType() || pointee->isPointerType() || pointee.isVolatileQualified()) return;
      if (in.file.language() == Language::OpenCl && pointee.getAddressSpace() != LangAS::opencl_global) continue;
      pointers.push_back({parameter, pointerUse(in.file, view.accesses, parameter)});
      writes = writes || pointers.back().use.written || pointers.back().use.escapes;
    }
    // A kernel that only reads, or only writes, has nothing to keep apart.
    std::vector<const Parameter*> lacking;
    for (const auto& p : pointers) {
      const bool onlyRead = p.use.read && !p.use.written && !p.use.escapes;
      if (onlyRead && (!p.isConst() || !p.isRestrict()) && matters(in, view, p.decl)) lacking.push_back(&p);
    }
    if (!writes || lacking.empty()) return;
    std::string names;
    for (const auto* p : lacking) names += (names.empty() ? "'" : ", '") + p->decl->getNameAsString() + "'";
    auto made = finding(in, &view.facts, lacking.front()->decl->getSourceRange(),
                        fmt::format("{} {} only read, and not marked const and {}", names,
                                    lacking.size() == 1 ? "is" : "are", keyword(in)));
    made.evidence.push_back(
        "a write through another pointer may change what it points to, so loads cannot be moved "
        "or cached across it");
    made.weight = 0.5;
    made.gainFraction = 0.05;
    offer(in, view, pointers, made);
    found.push_back(std::move(made));
  }

  // A load that could be moved or kept: one that comes after a write, or meets it again in the next round of a loop.
  static bool matters(const CheckInput& in, const FunctionView& view, const ParmVarDecl* pointer) {
    std::vector<const Access*> written;
    for (const auto& access : view.accesses) {
      const bool isThis = access.address.root == pointer->getCanonicalDecl();
      if (access.write && !isThis && access.address.space != Space::Shared && access.address.space != Space::Private) {
        written.push_back(&access);
      }
      if (!isThis) continue;
      for (const auto* loop : in.file.loopsAround(access.expr)) {
        if (!isOneRoundPerElement(view, *loop) && writesIn(in, view, *loop, pointer)) return true;
      }
      // One thread's single load is not worth a word.
      if (access.oneThread || access.write) continue;
      for (const auto* earlier : written) {
        // An index is read before what stands at it is written.
        if (!isWithin(in.file, access.expr, earlier->expr) && !excludeEachOther(in, earlier->expr, access.expr))
          return true;
      }
    }
    return false;
  }

  // The loop in which a kernel strides over the grid: for or while, its variable differs between threads.
  static bool isOneRoundPerElement(const FunctionView& view, const Loop& loop) {
    auto& index = const_cast<FunctionView&>(view).index;
    if (loop.init) return !index.isUniform(loop.init);
    const Expr* condition = nullptr;
    if (const auto* counting = dyn_cast<ForStmt>(loop.stmt)) condition = counting->getCond();
    if (const auto* open = dyn_cast<WhileStmt>(loop.stmt)) condition = open->getCond();
    const auto* compare = dyn_cast_or_null<BinaryOperator>(condition ? plain(condition) : nullptr);
    return compare && compare->isComparisonOp() && namedVariable(compare->getLHS()) &&
           !index.isUniform(compare->getLHS());
  }

  // On the two sides of one branch.
  static bool excludeEachOther(const CheckInput& in, const Stmt* a, const Stmt* b) {
    std::map<const Stmt*, const Stmt*> sideOf;
    for (const auto *s = a, *up = in.file.parent(a); up; s = up, up = in.file.parent(up)) sideOf[up] = s;
    for (const auto *s = b, *up = in.file.parent(b); up; s = up, up = in.file.parent(up)) {
      const auto* branch = dyn_cast<IfStmt>(up);
      if (!branch || !branch->getElse() || !sideOf.count(branch)) continue;
      const auto* other = sideOf[branch];
      if ((other == branch->getThen() && s == branch->getElse()) ||
          (other == branch->getElse() && s == branch->getThen()))
        return true;
    }
    return false;
  }

  static bool writesIn(const CheckInput& in, const FunctionView& view, const Loop& loop, const ParmVarDecl* except) {
    for (const auto& access : view.accesses) {
      if (!access.write || access.address.root == except->getCanonicalDecl()) continue;
      if (access.address.space == Space::Shared || access.address.space == Space::Private) continue;
      for (const auto* around : in.file.loopsAround(access.expr)) {
        if (around == &loop) return true;
      }
    }
    return false;
  }

  static std::string keyword(const CheckInput& in) {
    return in.file.language() == Language::OpenCl ? "restrict" : "__restrict__";
  }

  // What would make the promise untrue, or empty.
  static std::string whyNot(const CheckInput& in, const FunctionView& view, const std::vector<Parameter>& pointers) {
    const auto* decl = view.facts.decl;
    if (decl->isTemplated()) return "a template's launches are not all seen";
    if (in.file.language() == Language::OpenCl || !in.file.allUsesSeen(decl)) {
      return "its launches are not all seen: callers may pass overlapping memory";
    }
    const auto launches = in.file.launchesOf(decl);
    if (launches.empty()) return "it is launched nowhere";
    if (launches.size() != in.file.mentions(decl).size()) return "its address is taken";
    for (const auto& p : pointers) {
      if (p.use.escapes) return fmt::format("'{}' {}", p.decl->getNameAsString(), p.use.why);
    }
    for (const auto& launch : launches) {
      for (const auto& a : pointers) {
        for (const auto& b : pointers) {
          if (&a >= &b || (!a.use.written && !b.use.written)) continue;
          const auto ia = a.decl->getFunctionScopeIndex(), ib = b.decl->getFunctionScopeIndex();
          if (ia >= launch.call->getNumArgs() || ib >= launch.call->getNumArgs()) return "default arguments are used";
          const auto* va = namedVariable(launch.call->getArg(ia));
          const auto* vb = namedVariable(launch.call->getArg(ib));
          if (!va || !vb) return "an argument of a launch is not a plain variable";
          if (va->getCanonicalDecl() == vb->getCanonicalDecl()) {
            return fmt::format("'{}' is passed for both '{}' and '{}'", va->getNameAsString(),
                               a.decl->getNameAsString(), b.decl->getNameAsString());
          }
          if (const auto why = mayOverlap(in.file, va, vb)) return *why;
        }
      }
    }
    return "";
  }

  static void offer(const CheckInput& in, const FunctionView& view, const std::vector<Parameter>& pointers,
                    Finding& made) {
    made.whyNoFix = whyNot(in, view, pointers);
    if (!made.whyNoFix.empty()) return;
    Fix fix;
    fix.title = "mark pointers const and __restrict__";
    fix.scopes.insert(view.facts.name);
    for (const auto* decl : view.facts.decl->redecls()) {
      for (const auto& p : pointers) {
        const auto* parameter = decl->getParamDecl(p.decl->getFunctionScopeIndex());
        if (!addWords(in, parameter, p, fix)) {
          made.whyNoFix = "its declaration is written by a macro or in a form that is not rewritten";
          return;
        }
      }
    }
    made.fix = std::move(fix);
  }

  static bool addWords(const CheckInput& in, const ParmVarDecl* parameter, const Parameter& p, Fix& fix) {
    const auto& text = in.file.text();
    const auto star = parameter->getTypeSourceInfo()->getTypeLoc().getAs<PointerTypeLoc>();
    const auto qualified = parameter->getTypeSourceInfo()->getTypeLoc().getUnqualifiedLoc().getAs<PointerTypeLoc>();
    const auto where = star.isNull() ? qualified : star;
    if (where.isNull()) return false;
    const auto at = text.offset(where.getStarLoc());
    const auto begin = text.offset(parameter->getBeginLoc());
    if (!at || !begin) return false;
    const bool onlyRead = p.use.read && !p.use.written;
    if (onlyRead && !p.isConst()) fix.edits.push_back(insertAt(*begin, "const "));
    if (!p.isRestrict()) {
      const bool named = *at + 1 < text.all().size() && (text.all()[*at + 1] == ' ');
      fix.edits.push_back(insertAt(*at + 1, named ? " __restrict__" : "__restrict__ "));
    }
    return true;
  }
};

}  // namespace

const Check& missingRestrict() {
  static const MissingRestrict check;
  return check;
}

}  // namespace ridgeline::source
