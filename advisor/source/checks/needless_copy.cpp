// Parameters and loop variables that copy what is only read.
#include "advisor/source/checks/check.h"
#include "advisor/source/fix/rewrite.h"

namespace ridgeline::source {
namespace {

using namespace clang;

constexpr int64_t kLargeBytes = 64;

class NeedlessCopy : public CpuCheck {
 public:
  CheckInfo info() const override {
    return {"cpu-needless-copy", Kind::Copy, "Something large is copied and only read", true};
  }

  void run(const CheckInput& in, std::vector<Finding>& found) const override {
    if (in.file.language() == Language::C) return;
    for (const auto& view : in.functions) {
      if (view.facts.decl->isTemplated() || view.facts.inPart) continue;
      inspectParameters(in, view, found);
      for (const auto& loop : view.facts.loops) {
        if (const auto* range = dyn_cast<CXXForRangeStmt>(loop.stmt)) inspectRange(in, view, range, found);
      }
    }
  }

 private:
  static bool isExpensive(const CheckInput& in, QualType type) {
    if (type->isReferenceType() || type->isDependentType() || type->isPointerType()) return false;
    const auto* record = type->getAsCXXRecordDecl();
    if (!record || !record->hasDefinition() || record->isLambda()) return false;
    const auto name = record->getIdentifier() ? record->getName() : "";
    static const std::set<std::string> kContainers{"vector", "basic_string",  "map",           "set",      "deque",
                                                   "list",   "unordered_map", "unordered_set", "multimap", "function"};
    if (kContainers.count(name.str())) return true;
    return record->isTriviallyCopyable() && in.file.context().getTypeSizeInChars(type).getQuantity() > kLargeBytes;
  }

  // Only asked, never changed, moved from or handed on as something that could be changed.
  static bool onlyRead(const CheckInput& in, const VarDecl* variable) {
    if (!in.file.variable(variable).onlyInit()) return false;
    static const std::set<std::string> kAsking{"size",  "empty",  "at",      "front",    "back",   "begin",
                                               "end",   "cbegin", "cend",    "c_str",    "length", "find",
                                               "count", "substr", "compare", "contains", "rbegin", "rend"};
    for (const auto* mention : in.file.mentions(variable)) {
      const Stmt* inner = mention;
      const Stmt* up = in.file.parent(mention);
      while (up && isa<ParenExpr, ImplicitCastExpr>(up)) {
        inner = up;
        up = in.file.parent(up);
      }
      if (!up) return false;
      if (const auto* member = dyn_cast<MemberExpr>(up)) {
        if (isa<FieldDecl>(member->getMemberDecl())) {
          if (!isValueRead(in, member)) return false;
          continue;
        }
        const auto* method = dyn_cast<CXXMethodDecl>(member->getMemberDecl());
        const auto name = member->getMemberDecl()->getNameAsString();
        if (!method || !(method->isConst() || kAsking.count(name))) return false;
        // begin() of something that is not const gives iterators that could write.
        if (!method->isConst() && !isValueRead(in, in.file.parent(member))) return false;
        continue;
      }
      if (const auto* call = dyn_cast<CXXOperatorCallExpr>(up)) {
        if (call->getOperator() == OO_Subscript && call->getArg(0) == inner) {
          if (!isValueRead(in, call)) return false;
          continue;
        }
        if (call->isAssignmentOp() && call->getArg(0) == inner) return false;
        if (call->getOperator() == OO_Equal && call->getArg(1) == inner) continue;
        const auto* callee = call->getDirectCallee();
        if (!callee) return false;
        continue;
      }
      if (const auto* range = dyn_cast<CXXForRangeStmt>(up)) {
        const auto type = range->getLoopVariable()->getType();
        if (type->isReferenceType() && !type->getPointeeType().isConstQualified()) return false;
        continue;
      }
      if (const auto* call = dyn_cast<CallExpr>(up)) {
        const auto* callee = call->getDirectCallee();
        const auto name = calleeName(call);
        if (!callee || name == "move" || name == "forward" || name == "swap") return false;
        bool fine = false;
        for (unsigned i = 0; i < call->getNumArgs() && i < callee->getNumParams(); ++i) {
          if (call->getArg(i) != inner) continue;
          const auto type = callee->getParamDecl(i)->getType();
          fine = !type->isReferenceType() || type->getPointeeType().isConstQualified();
        }
        if (!fine) return false;
        continue;
      }
      return false;
    }
    return true;
  }

  static bool isValueRead(const CheckInput& in, const Stmt* s) {
    const Stmt* up = s;
    while (up) {
      const auto* e = dyn_cast<Expr>(up);
      if (const auto* cast = dyn_cast<ImplicitCastExpr>(up); cast && cast->getCastKind() == CK_LValueToRValue)
        return true;
      if (e && e->isPRValue() && !e->getType()->isPointerType() && e->getType()->isArithmeticType()) return true;
      const auto* next = in.file.parent(up);
      if (!next || !isa<ParenExpr, ImplicitCastExpr, MemberExpr, ArraySubscriptExpr>(next)) return false;
      up = next;
    }
    return false;
  }

  void inspectParameters(const CheckInput& in, const FunctionView& view, std::vector<Finding>& found) const {
    const auto* function = view.facts.decl;
    for (const auto* parameter : function->parameters()) {
      if (!isExpensive(in, parameter->getType()) || parameter->getName().empty() || !onlyRead(in, parameter)) continue;
      auto made = finding(in, &view.facts, parameter->getSourceRange(),
                          fmt::format("'{}' is copied for every call and only read", parameter->getNameAsString()));
      made.evidence.push_back("a reference to const would do");
      made.weight = 1;
      made.gainFraction = 0.1;
      made.whyNoFix = whyNotReference(in, view);
      if (made.whyNoFix.empty()) offerReference(in, function, parameter, made);
      found.push_back(std::move(made));
    }
  }

  // What could change the caller's object while the function runs.
  static std::string whyNotReference(const CheckInput& in, const FunctionView& view) {
    const auto* function = view.facts.decl;
    if (const auto* method = dyn_cast<CXXMethodDecl>(function); method) return "a method's callers are not all seen";
    if (!in.file.allUsesSeen(function)) return "its callers are not all seen";
    for (const auto* mention : in.file.mentions(function)) {
      const Stmt* up = in.file.parent(mention);
      while (up && isa<ImplicitCastExpr, ParenExpr>(up)) up = in.file.parent(up);
      const auto* call = dyn_cast_or_null<CallExpr>(up);
      if (!call || plain(call->getCallee()) != mention) return "its address is taken";
    }
    for (const auto* other : function->parameters()) {
      const auto type = other->getType();
      if ((type->isReferenceType() || type->isPointerType()) && !type->getPointeeType().isConstQualified()) {
        return fmt::format("'{}' may lead to the same object", other->getNameAsString());
      }
    }
    std::string why;
    walk(view.facts.body, [&](const Stmt* s) {
      if (isa<LambdaExpr, CoroutineBodyStmt>(s)) why = "a lambda in it may outlive the call";
      const auto* named = dyn_cast<DeclRefExpr>(s);
      const auto* variable = named ? dyn_cast<VarDecl>(named->getDecl()) : nullptr;
      if (variable && !variable->hasLocalStorage() && !variable->getType().isConstQualified()) {
        why = "it uses the global '" + variable->getNameAsString() + "'";
      }
      const auto* call = dyn_cast<CallExpr>(s);
      const auto* facts = call ? in.file.factsOf(call->getDirectCallee()) : nullptr;
      if (facts && facts->decl != view.facts.decl) why = "it calls " + facts->name + ", which may change the object";
      return why.empty();
    });
    return why;
  }

  static void offerReference(const CheckInput& in, const FunctionDecl* function, const ParmVarDecl* parameter,
                             Finding& made) {
    Fix fix;
    fix.title = "take it by reference to const";
    fix.scopes.insert(qualifiedName(function));
    for (const auto* decl : function->redecls()) {
      const auto* each = decl->getParamDecl(parameter->getFunctionScopeIndex());
      const auto& text = in.file.text();
      const auto begin = text.offset(each->getBeginLoc());
      const auto end = text.offset(each->getTypeSourceInfo()->getTypeLoc().getEndLoc());
      if (!begin || !end || each->hasDefaultArg()) {
        made.whyNoFix = "it is declared in a form that is not rewritten";
        return;
      }
      const auto type =
          text.span(SourceRange(each->getBeginLoc(), each->getTypeSourceInfo()->getTypeLoc().getEndLoc()));
      if (!type) {
        made.whyNoFix = "it is declared by a macro";
        return;
      }
      if (!each->getType().isConstQualified()) fix.edits.push_back(insertAt(type->begin, "const "));
      fix.edits.push_back(insertAt(type->end, "&"));
    }
    made.fix = std::move(fix);
  }

  void inspectRange(const CheckInput& in, const FunctionView& view, const CXXForRangeStmt* range,
                    std::vector<Finding>& found) const {
    const auto* variable = range->getLoopVariable();
    if (!isExpensive(in, variable->getType()) || !onlyRead(in, variable)) return;
    auto made = finding(in, &view.facts, variable->getSourceRange(),
                        fmt::format("'{}' copies every element and is only read", variable->getNameAsString()));
    made.evidence.push_back("a reference to const would do");
    made.weight = 2;
    made.gainFraction = 0.3;
    offerRangeReference(in, view, range, made);
    found.push_back(std::move(made));
  }

  static void offerRangeReference(const CheckInput& in, const FunctionView& view, const CXXForRangeStmt* range,
                                  Finding& made) {
    const auto* container = namedVariable(range->getRangeInit());
    const auto* variable = range->getLoopVariable();
    if (!container) {
      made.whyNoFix = "what it runs over is not a plain variable";
      return;
    }
    for (const auto* mention : in.file.mentions(container)) {
      for (const Stmt* up = mention; up; up = in.file.parent(up)) {
        if (up == range->getBody()) {
          made.whyNoFix = "'" + container->getNameAsString() + "' is used within the loop";
          return;
        }
      }
    }
    const bool owned = container->hasLocalStorage() && !container->getType()->isReferenceType() &&
                       !in.file.variable(container).otherwiseChanged;
    const bool constant = container->getType().getNonReferenceType().isConstQualified();
    bool calls = false;
    walk(range->getBody(), [&](const Stmt* s) {
      calls = calls || in.file.factsOf(isa<CallExpr>(s) ? cast<CallExpr>(s)->getDirectCallee() : nullptr) != nullptr;
      return !calls;
    });
    if (!owned && (!constant || calls)) {
      made.whyNoFix = "'" + container->getNameAsString() + "' may be changed by another name";
      return;
    }
    const auto type = variable->getTypeSourceInfo()->getTypeLoc();
    const auto span = in.file.text().span(SourceRange(variable->getBeginLoc(), type.getEndLoc()));
    if (!span) {
      made.whyNoFix = "it is declared by a macro";
      return;
    }
    Fix fix;
    fix.title = "name the element instead of copying it";
    fix.scopes.insert(view.facts.name);
    if (!variable->getType().isConstQualified()) fix.edits.push_back(insertAt(span->begin, "const "));
    fix.edits.push_back(insertAt(span->end, "&"));
    made.fix = std::move(fix);
  }
};

}  // namespace

const Check& needlessCopy() {
  static const NeedlessCopy check;
  return check;
}

}  // namespace ridgeline::source
