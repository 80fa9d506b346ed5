#include "advisor/source/model/pointers.h"

namespace ridgeline::source {

using namespace clang;

namespace {

// Out of casts, parentheses and pointer arithmetic that end in `use`.
const Stmt* skipUp(const FileFacts& file, const Stmt* use, const Stmt** inner) {
  const Stmt* outer = file.parent(use);
  *inner = use;
  while (outer && (isa<ParenExpr, CastExpr, MaterializeTemporaryExpr, ExprWithCleanups>(outer))) {
    *inner = outer;
    outer = file.parent(outer);
  }
  return outer;
}

bool takesConstPointer(const CallExpr* call, const Stmt* argument) {
  const auto* callee = call->getDirectCallee();
  if (!callee) return false;
  for (unsigned i = 0; i < call->getNumArgs() && i < callee->getNumParams(); ++i) {
    if (call->getArg(i) != argument) continue;
    const auto type = callee->getParamDecl(i)->getType();
    return type->isPointerType() && type->getPointeeType().isConstQualified();
  }
  return false;
}

bool isAtomicCall(const std::string& name) { return name.rfind("atomic", 0) == 0 || name.rfind("atom_", 0) == 0; }

}  // namespace

bool allocatesThroughArgument(const std::string& function) {
  static const std::set<std::string> kNames{"cudaMalloc",     "cudaMallocManaged", "cudaMallocAsync",
                                            "cudaMallocHost", "cudaHostAlloc",     "posix_memalign"};
  return kNames.count(function) > 0;
}

bool returnsFreshMemory(const Expr* written) {
  const auto* e = plain(written);
  if (isa<CXXNewExpr>(e)) return true;
  const auto* call = dyn_cast<CallExpr>(e);
  if (!call) return false;
  static const std::set<std::string> kNames{"malloc", "calloc", "aligned_alloc", "_mm_malloc"};
  return kNames.count(calleeName(call)) > 0;
}

PointerUse pointerUse(const FileFacts& file, const std::vector<Access>& accesses, const VarDecl* pointer) {
  PointerUse use;
  for (const auto& access : accesses) {
    if (access.address.root != pointer->getCanonicalDecl()) continue;
    use.read = use.read || access.read;
    use.written = use.written || access.write;
  }
  const auto escape = [&](std::string why) {
    use.escapes = true;
    if (use.why.empty()) use.why = std::move(why);
  };
  for (const auto* mention : file.mentions(pointer)) {
    const Stmt* inner = nullptr;
    const Stmt* outer = skipUp(file, mention, &inner);
    // Arithmetic on the pointer: what is done with the sum?
    while (outer && isa<BinaryOperator>(outer) && cast<BinaryOperator>(outer)->isAdditiveOp() &&
           cast<Expr>(outer)->getType()->isPointerType()) {
      outer = skipUp(file, outer, &inner);
    }
    if (!outer) continue;
    if (isa<ArraySubscriptExpr, MemberExpr>(outer)) {
      // &x[i] handed on is followed one step, to calls that only read.
      const Stmt* element = nullptr;
      const auto* above = skipUp(file, outer, &element);
      const auto* taken = dyn_cast_or_null<UnaryOperator>(above);
      if (!taken || taken->getOpcode() != UO_AddrOf) continue;
      const Stmt* argument = nullptr;
      const auto* user = skipUp(file, taken, &argument);
      const auto* call = dyn_cast_or_null<CallExpr>(user);
      if (call && (takesConstPointer(call, argument) || calleeName(call) == "__ldg")) {
        use.read = true;
      } else if (call && isAtomicCall(calleeName(call))) {
        use.read = use.written = true;
      } else if (!isa_and_nonnull<DeclStmt>(user)) {
        escape(call ? "is handed to " + calleeName(call) : "has its address taken");
      }
      continue;
    }
    if (const auto* unary = dyn_cast<UnaryOperator>(outer)) {
      if (unary->getOpcode() == UO_AddrOf) escape("has its address taken");
      continue;
    }
    if (const auto* binary = dyn_cast<BinaryOperator>(outer)) {
      if (binary->getOpcode() == BO_Assign && binary->getRHS() == inner) escape("is copied to another pointer");
      continue;
    }
    if (const auto* declared = dyn_cast<DeclStmt>(outer)) {
      // A local pointer made from it: its accesses count as this one's, unless it moves on elsewhere.
      const auto* alias = declared->isSingleDecl() ? dyn_cast<VarDecl>(declared->getSingleDecl()) : nullptr;
      if (!alias) {
        escape("is copied to other pointers");
        continue;
      }
      const auto& facts = file.variable(alias);
      if (facts.assigned.empty() && !facts.otherwiseChanged) {
        const auto through = pointerUse(file, {}, alias);
        if (through.escapes) escape(through.why);
      } else {
        escape("is copied to '" + alias->getNameAsString() + "', which is changed");
      }
      continue;
    }
    if (const auto* call = dyn_cast<CallExpr>(outer)) {
      const auto name = calleeName(call);
      if (takesConstPointer(call, inner) || name == "__ldg") {
        use.read = true;
      } else if (isAtomicCall(name)) {
        use.read = use.written = true;
      } else {
        escape("is handed to " + (name.empty() ? std::string("a function") : name));
      }
      continue;
    }
    if (isa<CXXConstructExpr, InitListExpr, ReturnStmt, LambdaExpr, AsmStmt>(outer)) escape("is stored elsewhere");
  }
  return use;
}

bool ownsItsMemory(const FileFacts& file, const VarDecl* decl) {
  const auto type = decl->getType();
  if (type->isArrayType()) return !isa<ParmVarDecl>(decl);
  if (const auto* record = type->getAsRecordDecl()) {
    return !isa<ParmVarDecl>(decl) && record->getIdentifier() && record->getName() == "vector";
  }
  if (!type->isPointerType() || isa<ParmVarDecl>(decl)) return false;
  bool allocated = false;
  if (const auto* init = decl->getInit()) {
    if (init->getType().isNull()) return false;
    const bool null = init->isNullPointerConstant(const_cast<ASTContext&>(file.context()),
                                                  Expr::NPC_ValueDependentIsNotNull) != Expr::NPCK_NotNull;
    if (!null && !returnsFreshMemory(init)) return false;
    allocated = !null;
  }
  for (const auto* mention : file.mentions(decl)) {
    const Stmt* inner = nullptr;
    const Stmt* outer = skipUp(file, mention, &inner);
    if (const auto* binary = dyn_cast_or_null<BinaryOperator>(outer)) {
      if (!binary->isAssignmentOp() || binary->getLHS() != inner) continue;
      if (binary->getOpcode() != BO_Assign || !returnsFreshMemory(binary->getRHS())) return false;
      allocated = true;
    } else if (const auto* unary = dyn_cast_or_null<UnaryOperator>(outer)) {
      if (unary->isIncrementDecrementOp()) return false;
      if (unary->getOpcode() != UO_AddrOf) continue;
      const auto* call = dyn_cast_or_null<CallExpr>(skipUp(file, unary, &inner));
      if (!call || call->getNumArgs() < 1 || call->getArg(0) != inner || !allocatesThroughArgument(calleeName(call))) {
        return false;
      }
      allocated = true;
    }
  }
  return allocated;
}

std::optional<std::string> mayOverlap(const FileFacts& file, const VarDecl* a, const VarDecl* b) {
  if (a->getCanonicalDecl() == b->getCanonicalDecl()) return std::nullopt;
  const auto own = [&](const VarDecl* d) { return ownsItsMemory(file, d) || d->getType().isRestrictQualified(); };
  if (own(a) && own(b)) return std::nullopt;
  const auto* unknown = own(a) ? b : a;
  return fmt::format("'{}' may overlap '{}': nothing says what '{}' points to", a->getNameAsString(),
                     b->getNameAsString(), unknown->getNameAsString());
}

}  // namespace ridgeline::source
