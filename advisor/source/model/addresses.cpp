// From an lvalue to the variable it lies in, and the distance from its start.
#include "advisor/source/model/index_expr.h"

namespace ridgeline::source {

using namespace clang;

namespace {

Address unknownAddress() { return {}; }

// Pointers that are only passed on: __ldg(p), std::assume_aligned(p).
bool handsOn(const std::string& callee) {
  return callee == "__builtin_assume_aligned" || callee == "assume_aligned" || callee == "raw_pointer_cast";
}

bool isContainer(const std::string& name) {
  return name == "vector" || name == "array" || name == "span" || name == "device_vector" || name == "host_vector" ||
         name == "unique_ptr" || name == "valarray";
}

}  // namespace

Space IndexReader::spaceOf(const ValueDecl* root) const {
  const auto* variable = dyn_cast<VarDecl>(root);
  if (!variable) return m_function.isDevice ? Space::Global : Space::Host;
  const auto type = variable->getType();
  if (m_file.language() == Language::OpenCl) {
    const auto pointee = type->isPointerType() ? type->getPointeeType() : type;
    const auto* array = m_file.context().getAsArrayType(type);
    switch ((array ? array->getElementType() : pointee).getAddressSpace()) {
      case LangAS::opencl_global:
        return Space::Global;
      case LangAS::opencl_local:
        return Space::Shared;
      case LangAS::opencl_constant:
        return Space::Constant;
      default:
        return type->isPointerType() ? Space::Unknown : Space::Private;
    }
  }
  if (variable->hasAttr<CUDASharedAttr>()) return Space::Shared;
  if (variable->hasAttr<CUDAConstantAttr>()) return Space::Constant;
  if (variable->hasAttr<CUDADeviceAttr>()) return Space::Global;
  if (!m_function.isDevice) return Space::Host;
  if (type->isArrayType() || type->isRecordType()) return Space::Private;
  return isa<ParmVarDecl>(variable) && m_function.isKernel ? Space::Global : Space::Unknown;
}

Address IndexReader::shifted(Address base, const Expr* index, QualType element, int sign) {
  if (!base.root) return base;
  if (!base.bytes) return base;
  const auto by = value(index);
  if (!by) {
    base.bytes = std::nullopt;
    return base;
  }
  const auto bytes = *by * Poly::constant(sign * static_cast<int64_t>(sizeOf(element)));
  base.bytes = *base.bytes + bytes;
  return base;
}

Address IndexReader::subscript(const ArraySubscriptExpr* e) {
  const auto* base = e->getBase();
  auto from = pointer(base);
  const bool keepsSubscripts = from.subscripts.has_value();
  auto previous = from.subscripts;
  auto to = shifted(std::move(from), e->getIdx(), e->getType(), 1);
  to.field = nullptr;
  to.element = e;
  if (keepsSubscripts) {
    const auto index = value(e->getIdx());
    to.subscripts = previous;
    if (index) {
      to.subscripts->push_back(*index);
    } else {
      to.subscripts = std::nullopt;
    }
  }
  return to;
}

Address IndexReader::overloaded(const CXXOperatorCallExpr* e) {
  if (e->getOperator() != OO_Subscript || e->getNumArgs() != 2) return unknownAddress();
  const auto* object = plain(e->getArg(0));
  const auto type = object->getType().getNonReferenceType();
  const auto* record = type->getAsRecordDecl();
  const auto* unresolved = type->getAs<TemplateSpecializationType>();
  std::string name = record && record->getIdentifier() ? record->getName().str() : "";
  if (name.empty() && unresolved && unresolved->getTemplateName().getAsTemplateDecl()) {
    name = unresolved->getTemplateName().getAsTemplateDecl()->getName();
  }
  if (!isContainer(name)) return unknownAddress();
  Address base = address(object);
  if (!base.root) return base;
  if (name != "array") base.bytes = Poly();  // what the container points to
  auto to = shifted(base, e->getArg(1), e->getType(), 1);
  to.field = nullptr;
  to.element = e;
  return to;
}

Address IndexReader::address(const Expr* written) {
  const auto* e = plain(written);
  if (const auto* at = dyn_cast<ArraySubscriptExpr>(e)) return subscript(at);
  if (const auto* call = dyn_cast<CXXOperatorCallExpr>(e)) return overloaded(call);
  if (const auto* unary = dyn_cast<UnaryOperator>(e)) {
    if (unary->getOpcode() != UO_Deref) return unknownAddress();
    auto to = pointer(unary->getSubExpr());
    to.element = e;
    to.field = nullptr;
    to.subscripts = std::nullopt;
    return to;
  }
  if (const auto* member = dyn_cast<MemberExpr>(e)) {
    const auto* field = dyn_cast<FieldDecl>(member->getMemberDecl());
    if (!field) return unknownAddress();
    // A pointer kept in a record of parameters is a root of its own.
    auto base = member->isArrow() ? pointer(member->getBase()) : address(member->getBase());
    if (!base.root) return base;
    if (base.element == nullptr) {
      base.root = field;
      base.bytes = Poly();
      base.space = spaceOf(field);
      return base;
    }
    if (base.field == nullptr) {
      base.field = field;
      base.recordBytes = sizeOf(m_file.context().getTypeDeclType(field->getParent()));
    }
    const auto* record = field->getParent();
    if (base.bytes && !record->isDependentType() && !record->isInvalidDecl() && record->isCompleteDefinition()) {
      const auto bits = m_file.context().getASTRecordLayout(record).getFieldOffset(field->getFieldIndex());
      base.bytes = *base.bytes + Poly::constant(static_cast<int64_t>(bits / 8));
    } else {
      base.bytes = std::nullopt;
    }
    return base;
  }
  if (const auto* named = dyn_cast<DeclRefExpr>(e)) {
    const auto* variable = dyn_cast<VarDecl>(named->getDecl());
    if (!variable) return unknownAddress();
    if (variable->getType()->isReferenceType() && variable->getInit() && variable->hasLocalStorage() &&
        !isa<ParmVarDecl>(variable)) {
      if (!m_busy.insert(variable).second) return unknownAddress();
      auto behind = address(variable->getInit());
      m_busy.erase(variable);
      return behind;
    }
    Address at;
    at.root = variable->getCanonicalDecl();
    at.bytes = Poly();
    at.space = spaceOf(variable);
    if (variable->getType()->isArrayType()) at.subscripts.emplace();
    return at;
  }
  return unknownAddress();
}

Address IndexReader::pointer(const Expr* written) {
  const auto* e = plain(written);
  if (e->getType().isNull()) return unknownAddress();  // several expressions in parentheses
  if (e->getType()->isArrayType()) return address(e);
  if (const auto* named = dyn_cast<DeclRefExpr>(e)) {
    const auto* variable = dyn_cast<VarDecl>(named->getDecl());
    return variable ? pointerVariable(variable) : unknownAddress();
  }
  if (const auto* binary = dyn_cast<BinaryOperator>(e)) {
    if (!binary->isAdditiveOp()) return unknownAddress();
    const bool pointerFirst =
        binary->getLHS()->getType()->isPointerType() || binary->getLHS()->getType()->isArrayType();
    if (binary->getOpcode() == BO_Sub && !pointerFirst) return unknownAddress();
    const auto* from = pointerFirst ? binary->getLHS() : binary->getRHS();
    const auto* index = pointerFirst ? binary->getRHS() : binary->getLHS();
    if (!index->getType()->isIntegralOrEnumerationType() && !index->isTypeDependent()) return unknownAddress();
    const auto element = from->getType()->isPointerType() ? from->getType()->getPointeeType()
                         : from->getType()->isArrayType() ? QualType(from->getType()->getPointeeOrArrayElementType(), 0)
                                                          : QualType();
    if (element.isNull()) return unknownAddress();
    auto to = shifted(pointer(from), index, element, binary->getOpcode() == BO_Add ? 1 : -1);
    to.subscripts = std::nullopt;
    return to;
  }
  if (const auto* unary = dyn_cast<UnaryOperator>(e)) {
    if (unary->getOpcode() != UO_AddrOf) return unknownAddress();
    auto to = address(unary->getSubExpr());
    to.subscripts = std::nullopt;
    return to;
  }
  if (const auto* member = dyn_cast<MemberExpr>(e)) {
    const auto* field = dyn_cast<FieldDecl>(member->getMemberDecl());
    if (!field || !field->getType()->isPointerType()) return unknownAddress();
    Address at;
    at.root = field;
    at.bytes = Poly();
    at.space = spaceOf(field);
    return at;
  }
  if (const auto* call = dyn_cast<CallExpr>(e)) {
    if (const auto* method = dyn_cast<CXXMemberCallExpr>(call)) {
      if (calleeName(call) == "data" && method->getImplicitObjectArgument()) {
        auto at = address(method->getImplicitObjectArgument());
        at.subscripts = std::nullopt;
        return at;
      }
    }
    if (handsOn(calleeName(call)) && call->getNumArgs() >= 1) return pointer(call->getArg(0));
  }
  return unknownAddress();
}

Address IndexReader::pointerVariable(const VarDecl* decl) {
  decl = decl->getCanonicalDecl();
  const auto& facts = m_file.variable(decl);
  Address at;
  at.root = decl;
  at.bytes = Poly();
  at.space = spaceOf(decl);
  for (const auto* by : facts.added) {
    if (!movesAlike(decl, by)) at.bytes = std::nullopt;
  }
  if (!facts.assigned.empty() || facts.otherwiseChanged) {
    if (!isa<ParmVarDecl>(decl) || !facts.assigned.empty()) at.bytes = std::nullopt;
    return at;
  }
  if (isa<ParmVarDecl>(decl) || !decl->getInit() || !decl->hasLocalStorage()) return at;
  // A local pointer stands for what it was made from.
  if (!m_busy.insert(decl).second) return at;
  auto behind = pointer(decl->getInit());
  m_busy.erase(decl);
  if (!behind.root) return at;
  if (!at.bytes) behind.bytes = std::nullopt;
  behind.subscripts = std::nullopt;
  return behind;
}

}  // namespace ridgeline::source
