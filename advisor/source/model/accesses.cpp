#include "advisor/source/model/accesses.h"

namespace ridgeline::source {
namespace {

using namespace clang;

enum class Use { Read, Write, Update, Address };

class Collector {
 public:
  Collector(const FileFacts& file, const FunctionFacts& function, IndexReader& index)
      : m_file(file), m_function(function), m_index(index) {}

  std::vector<Access> take() {
    visit(m_function.body, Use::Read);
    return std::move(m_found);
  }

 private:
  // `use`: what happens to the value of `s` itself.
  void visit(const Stmt* s, Use use) {
    if (!s) return;
    if (const auto* condition = dyn_cast<IfStmt>(s)) return visitIf(condition);
    const auto* e = dyn_cast<Expr>(s);
    if (!e) return visitChildren(s);
    const auto* bare = e->IgnoreParens();
    if (bare != e) return visit(bare, use);
    if (const auto* cast = dyn_cast<CastExpr>(e)) return visitCast(cast, use);
    if (const auto* binary = dyn_cast<BinaryOperator>(e)) return visitBinary(binary);
    if (const auto* unary = dyn_cast<UnaryOperator>(e)) return visitUnary(unary, use);
    if (const auto* call = dyn_cast<CallExpr>(e)) return visitCall(call, use);
    if (isa<ArraySubscriptExpr, MemberExpr>(e)) return visitLvalue(e, use);
    if (isa<UnaryExprOrTypeTraitExpr>(e)) return;
    visitChildren(s);
  }

  void visitChildren(const Stmt* s) {
    forEachChild(s, [&](const Stmt* child) { visit(child, Use::Read); });
  }

  void visitIf(const IfStmt* condition) {
    visit(condition->getInit(), Use::Read);
    visit(condition->getConditionVariableDeclStmt(), Use::Read);
    visit(condition->getCond(), Use::Read);
    const bool one = m_oneThread;
    if (comparesThread(condition->getCond())) m_oneThread = true;
    visit(condition->getThen(), Use::Read);
    m_oneThread = one;
    visit(condition->getElse(), Use::Read);
  }

  // threadIdx.x == 0, !tid, lane == 31 && ...: true for few threads of a warp.
  bool comparesThread(const Expr* written) {
    const auto* e = plain(written);
    if (const auto* binary = dyn_cast<BinaryOperator>(e)) {
      if (binary->getOpcode() == BO_LAnd) return comparesThread(binary->getLHS()) || comparesThread(binary->getRHS());
      const bool equal = binary->getOpcode() == BO_EQ && !isEveryFew(binary->getLHS());
      const auto small = m_file.constant(binary->getRHS());
      // Fewer threads than half a warp load a few values together: a row of edges, a table.
      const bool few = binary->getOpcode() == BO_LT && small && *small <= 16;
      return (equal || few) && !m_index.isUniform(binary->getLHS()) && m_index.isUniform(binary->getRHS());
    }
    if (const auto* unary = dyn_cast<UnaryOperator>(e)) {
      return unary->getOpcode() == UO_LNot && !m_index.isUniform(unary->getSubExpr()) &&
             !isa<BinaryOperator>(plain(unary->getSubExpr()));
    }
    return false;
  }

  // tid % 2, tid & 1: what equals it is a good part of the warp.
  bool isEveryFew(const Expr* written) {
    const auto* e = plain(written);
    const auto* variable = namedVariable(e);
    if (variable && variable->getInit() && m_file.variable(variable).onlyInit()) e = plain(variable->getInit());
    const auto* op = dyn_cast<BinaryOperator>(e);
    if (!op || (op->getOpcode() != BO_Rem && op->getOpcode() != BO_And)) return false;
    const auto by = m_file.constant(op->getRHS());
    return by && *by + (op->getOpcode() == BO_And) < 8;
  }

  void visitCast(const CastExpr* cast, Use use) {
    const auto kind = cast->getCastKind();
    if (kind == CK_LValueToRValue) return visit(cast->getSubExpr(), Use::Read);
    if (kind == CK_ArrayToPointerDecay) return visit(cast->getSubExpr(), Use::Address);
    visit(cast->getSubExpr(), use);
  }

  void visitBinary(const BinaryOperator* binary) {
    if (!binary->isAssignmentOp()) return visitChildren(binary);
    visit(binary->getRHS(), Use::Read);
    visit(binary->getLHS(), binary->isCompoundAssignmentOp() ? Use::Update : Use::Write);
  }

  void visitUnary(const UnaryOperator* unary, Use use) {
    if (unary->getOpcode() == UO_Deref) return visitLvalue(unary, use);
    if (unary->isIncrementDecrementOp()) return visit(unary->getSubExpr(), Use::Update);
    visit(unary->getSubExpr(), unary->getOpcode() == UO_AddrOf ? Use::Address : Use::Read);
  }

  void visitCall(const CallExpr* call, Use use) {
    const auto name = calleeName(call);
    if (const auto* overloaded = dyn_cast<CXXOperatorCallExpr>(call)) {
      if (overloaded->getOperator() == OO_Subscript && m_index.address(overloaded).root) {
        return visitLvalue(overloaded, use);
      }
      const bool assigns = overloaded->isAssignmentOp() && overloaded->getNumArgs() == 2;
      for (unsigned i = 0; i < overloaded->getNumArgs(); ++i) {
        const auto target = overloaded->getOperator() == OO_Equal ? Use::Write : Use::Update;
        visit(overloaded->getArg(i), assigns && i == 0 ? target : Use::Read);
      }
      return;
    }
    const bool loads = name == "__ldg" || name == "__ldcg" || name == "__ldcs" || name == "__ldca";
    const bool stores = name == "__stcs" || name == "__stcg" || name == "__stwb" || name == "__stwt";
    const bool atomic = name.rfind("atomic", 0) == 0 || name.rfind("atom_", 0) == 0;
    if ((loads || stores || atomic) && call->getNumArgs() >= 1) {
      add(call->getArg(0), m_index.address(pointee(call->getArg(0))), call->getArg(0)->getType(),
          loads ? Use::Read : (stores ? Use::Write : Use::Update), atomic);
    }
    if (!isa<CXXMemberCallExpr>(call)) {
      const auto* callee = call->getDirectCallee();
      for (unsigned i = 0; i < call->getNumArgs(); ++i) visit(call->getArg(i), argumentUse(callee, call->getArg(i), i));
      return;
    }
    visitChildren(call);
  }

  static Use argumentUse(const FunctionDecl* callee, const Expr* argument, unsigned i) {
    if (!argument->isLValue() || !callee || i >= callee->getNumParams()) return Use::Read;
    const auto type = callee->getParamDecl(i)->getType();
    if (!type->isReferenceType()) return Use::Read;
    return type->getPointeeType().isConstQualified() ? Use::Read : Use::Update;
  }

  // &x[i] as x[i]; a plain pointer is left, and read as *p by address().
  static const Expr* pointee(const Expr* argument) {
    const auto* unary = dyn_cast<UnaryOperator>(plain(argument));
    return unary && unary->getOpcode() == UO_AddrOf ? unary->getSubExpr() : argument;
  }

  void visitLvalue(const Expr* e, Use use) {
    const auto at = m_index.address(e);
    const bool inMemory = at.root && at.element;
    if (inMemory && use != Use::Address) add(e, at, e->getType(), use, false);
    // The indices on the way are read themselves.
    for (const Expr* inner = e; inner;) {
      inner = plain(inner);
      if (const auto* subscript = dyn_cast<ArraySubscriptExpr>(inner)) {
        visit(subscript->getIdx(), Use::Read);
        inner = subscript->getBase();
      } else if (const auto* member = dyn_cast<MemberExpr>(inner)) {
        inner = member->getBase();
      } else if (const auto* overloaded = dyn_cast<CXXOperatorCallExpr>(inner)) {
        if (overloaded->getNumArgs() != 2) return visit(inner, Use::Read);
        visit(overloaded->getArg(1), Use::Read);
        inner = overloaded->getArg(0);
      } else if (const auto* unary = dyn_cast<UnaryOperator>(inner)) {
        inner = unary->getSubExpr();
      } else {
        if (!isa<DeclRefExpr>(inner)) visitChildren(inner);
        return;
      }
    }
  }

  void add(const Expr* e, const Address& at, QualType type, Use use, bool atomic) {
    if (!at.root) return;
    if (type->isPointerType() && (atomic || isa<CallExpr>(e) || e->getType()->isPointerType()) && e->isPRValue()) {
      type = type->getPointeeType();
    }
    if (type->isArrayType()) return;
    Access access;
    access.expr = e;
    access.address = at;
    if (!access.address.element) access.address.element = e;
    access.bytes = m_index.sizeOf(type, &access.sizeAssumed);
    access.read = use == Use::Read || use == Use::Update;
    access.write = use == Use::Write || use == Use::Update;
    access.atomic = atomic;
    access.oneThread = m_oneThread;
    m_found.push_back(std::move(access));
  }

  const FileFacts& m_file;
  const FunctionFacts& m_function;
  IndexReader& m_index;
  std::vector<Access> m_found;
  bool m_oneThread = false;
};

}  // namespace

std::vector<Access> accessesOf(const FileFacts& file, const FunctionFacts& function, IndexReader& index) {
  return Collector(file, function, index).take();
}

}  // namespace ridgeline::source
