// Two threads that write different variables of one cache line take it from each other all the time.
#include "advisor/source/checks/check.h"
#include "advisor/source/fix/accumulate.h"

namespace ridgeline::source {
namespace {

using namespace clang;

bool isAtomic(QualType type) {
  const auto* record = type->getAsRecordDecl();
  if (type->isAtomicType()) return true;
  return record && record->getIdentifier() && record->getName() == "atomic";
}

class FalseSharing : public CpuCheck {
 public:
  CheckInfo info() const override {
    return {"cpu-false-sharing", Kind::Layout, "Threads write different variables of one cache line", true};
  }

  void run(const CheckInput& in, std::vector<Finding>& found) const override {
    for (const auto* record : in.file.records()) inspectRecord(in, record, found);
    for (const auto& view : in.functions) inspectArrays(in, const_cast<FunctionView&>(view), found);
  }

 private:
  // The lambda or function that contains `s`: what a thread runs.
  static const void* runnerOf(const CheckInput& in, const Stmt* s) {
    for (const Stmt* up = s; up; up = in.file.parent(up)) {
      if (isa<LambdaExpr>(up)) return up;
    }
    const auto* function = in.file.functionAround(s);
    return function ? function->decl : nullptr;
  }

  void inspectRecord(const CheckInput& in, const RecordDecl* record, std::vector<Finding>& found) const {
    std::vector<const FieldDecl*> atomics;
    for (const auto* field : record->fields()) {
      if (isAtomic(field->getType()) && !field->hasAttr<AlignedAttr>()) atomics.push_back(field);
    }
    if (atomics.size() < 2 || record->isDependentType()) return;
    // Written by different threads: from different functions or lambdas.
    std::map<const FieldDecl*, std::set<const void*>> runners;
    for (const auto& view : in.functions) {
      walk(view.facts.body, [&](const Stmt* s) {
        const auto* member = dyn_cast<MemberExpr>(s);
        const auto* field = member ? dyn_cast<FieldDecl>(member->getMemberDecl()) : nullptr;
        if (field && field->getParent() == record && isWritten(in, member)) runners[field].insert(runnerOf(in, s));
        return true;
      });
    }
    const FieldDecl* other = nullptr;
    for (size_t i = 1; i < atomics.size(); ++i) {
      const auto &a = runners[atomics[0]], &b = runners[atomics[i]];
      if (!a.empty() && !b.empty() && a != b) other = atomics[i];
    }
    if (!other) return;
    auto made = finding(in, nullptr, other->getSourceRange(),
                        fmt::format("'{}' and '{}' share a cache line and are written by different threads",
                                    atomics[0]->getNameAsString(), other->getNameAsString()));
    made.evidence.push_back("each write takes the line away from the other thread's core");
    made.weight = 4;
    made.gainFraction = 0.5;
    offerAlignment(in, record, atomics, made);
    found.push_back(std::move(made));
  }

  static bool isWritten(const CheckInput& in, const MemberExpr* member) {
    const Stmt* up = in.file.parent(member);
    while (up && isa<ParenExpr, ImplicitCastExpr>(up)) up = in.file.parent(up);
    if (const auto* method = dyn_cast_or_null<MemberExpr>(up)) {
      const auto name = method->getMemberDecl()->getNameAsString();
      return name != "load" && name.rfind("operator ", 0) != 0;
    }
    if (const auto* call = dyn_cast_or_null<CXXOperatorCallExpr>(up)) return call->getNumArgs() >= 1;
    if (const auto* unary = dyn_cast_or_null<UnaryOperator>(up)) return unary->isIncrementDecrementOp();
    const auto* binary = dyn_cast_or_null<BinaryOperator>(up);
    return binary && binary->isAssignmentOp();
  }

  static void offerAlignment(const CheckInput& in, const RecordDecl* record,
                             const std::vector<const FieldDecl*>& atomics, Finding& made) {
    const auto* written = dyn_cast<CXXRecordDecl>(record);
    if (!written || !(written->isInAnonymousNamespace() || in.file.hasMain())) {
      made.whyNoFix = "other files may count on the layout of '" + record->getNameAsString() + "'";
      return;
    }
    bool measured = false;
    for (const auto& view : in.functions) {
      walk(view.facts.body, [&](const Stmt* s) {
        const auto* size = dyn_cast<UnaryExprOrTypeTraitExpr>(s);
        if (isa<OffsetOfExpr>(s)) measured = true;
        if (size && size->getTypeOfArgument()->getAsRecordDecl() == record) measured = true;
        return true;
      });
    }
    if (measured) {
      made.whyNoFix = "the size of '" + record->getNameAsString() + "' is used";
      return;
    }
    Fix fix;
    fix.title = "give each a cache line of its own";
    fix.scopes.insert("struct " + record->getNameAsString());
    for (const auto* field : atomics) {
      const auto at = in.file.text().offset(field->getBeginLoc());
      if (!at || in.file.text().all().compare(*at, 7, "mutable") == 0) {
        made.whyNoFix = "a member is declared in a form that is not rewritten";
        return;
      }
      fix.edits.push_back(insertAt(*at, "alignas(64) "));
    }
    made.fix = std::move(fix);
  }

  // counts[t] += ... in a loop of a lambda that threads run, t being the thread's number.
  void inspectArrays(const CheckInput& in, FunctionView& view, std::vector<Finding>& found) const {
    for (const auto& sum : accumulations(in, view)) {
      const LambdaExpr* lambda = nullptr;
      for (const Stmt* up = sum.update; up && !lambda; up = in.file.parent(up)) lambda = dyn_cast<LambdaExpr>(up);
      if (!lambda || !startsThread(in, lambda) || sum.access->bytes >= 64) continue;
      const auto* root = dyn_cast<VarDecl>(sum.access->address.root);
      bool shared = root && !root->hasLocalStorage();
      bool byCopy = false;
      for (const auto& capture : lambda->captures()) {
        if (!capture.capturesVariable() || !root) continue;
        if (capture.getCapturedVar()->getCanonicalDecl() == root->getCanonicalDecl()) {
          shared = capture.getCaptureKind() == LCK_ByRef;
        } else {
          byCopy = byCopy || capture.getCaptureKind() == LCK_ByCopy;
        }
      }
      if (!shared || !(byCopy || !lambda->getCallOperator()->param_empty())) continue;
      auto made =
          finding(in, &view.facts, sum.update->getSourceRange(),
                  fmt::format("threads update neighbouring elements of '{}' in every round", root->getNameAsString()));
      made.evidence.push_back(
          fmt::format("{} elements of {} bytes share a cache line, which the threads take from each "
                      "other",
                      64 / sum.access->bytes, sum.access->bytes));
      made.weight = 8;
      made.gainFraction = 0.5;
      auto result = inRegister(in, view, sum);
      made.fix = std::move(result.fix);
      made.whyNoFix = result.whyNot;
      found.push_back(std::move(made));
    }
  }

  static bool startsThread(const CheckInput& in, const LambdaExpr* lambda) {
    for (const Stmt* up = in.file.parent(lambda); up; up = in.file.parent(up)) {
      if (const auto* made = dyn_cast<CXXConstructExpr>(up)) {
        const auto name = made->getConstructor()->getParent()->getNameAsString();
        if (name == "thread" || name == "jthread") return true;
      }
      if (const auto* call = dyn_cast<CXXMemberCallExpr>(up)) {
        const auto* object = call->getImplicitObjectArgument();
        const auto type = object ? object->getType().getAsString() : "";
        if (type.find("thread") != std::string::npos) return true;
      }
      if (const auto* call = dyn_cast<CallExpr>(up); call && calleeName(call) == "async") return true;
      if (isa<CompoundStmt>(up)) return false;
    }
    return false;
  }
};

}  // namespace

const Check& falseSharing() {
  static const FalseSharing check;
  return check;
}

}  // namespace ridgeline::source
