#include "advisor/source/model/elementwise.h"

namespace ridgeline::source {

using namespace clang;

namespace {

Poly globalIndex() { return Poly::atom(kBidX) * Poly::atom(kBdimX) + Poly::atom(kTidX); }

class Reader {
 public:
  Reader(const CheckInput& in, const FunctionView& view, std::string& whyNot)
      : m_in(in), m_index(const_cast<FunctionView&>(view).index), m_view(view), m_why(whyNot) {}

  std::optional<ElementwiseKernel> read() {
    m_kernel.facts = &m_view.facts;
    const auto* decl = m_view.facts.decl;
    if (decl->isTemplated()) return no("is a template");
    if (decl->isVariadic() || isa<CXXMethodDecl>(decl)) return no("is a method");
    const auto* body = dyn_cast<CompoundStmt>(m_view.facts.body);
    if (!body || m_view.facts.inPart) return no("could not be read whole");
    if (!readFrame(body)) return no("is not of the form `i = ...; if (i < n) ...`");
    if (!m_in.file.variable(m_kernel.index).assigned.empty() || m_in.file.variable(m_kernel.index).otherwiseChanged) {
      return no("changes its index");
    }
    if (!m_in.file.variable(m_kernel.bound).onlyInit()) return no("changes its bound");
    for (const auto* s : m_kernel.body) {
      if (!readBody(s)) return no(m_reason);
    }
    if (m_kernel.uses.empty()) return no("touches no memory");
    return m_kernel;
  }

 private:
  std::nullopt_t no(const std::string& why) {
    m_why = m_view.facts.name + " " + why;
    return std::nullopt;
  }

  bool readFrame(const CompoundStmt* body) {
    std::vector<const Stmt*> rest(body->body_begin(), body->body_end());
    size_t at = 0;
    std::vector<const VarDecl*> declared;
    for (; at < rest.size() && isa<DeclStmt>(rest[at]); ++at) {
      for (const auto* d : cast<DeclStmt>(rest[at])->decls()) {
        const auto* variable = dyn_cast<VarDecl>(d);
        if (!variable || variable->hasAttr<CUDASharedAttr>() || !variable->getInit()) return false;
        declared.push_back(variable);
      }
    }
    rest.erase(rest.begin(), rest.begin() + static_cast<long>(at));
    if (rest.size() == 1 && isa<ForStmt>(rest[0])) return readStriding(cast<ForStmt>(rest[0]), declared);
    if (rest.empty() || declared.size() != 1 || !isa<IfStmt>(rest[0])) return false;
    m_kernel.index = declared[0];
    if (m_index.value(declared[0]->getInit()) != globalIndex()) return false;
    const auto* guard = cast<IfStmt>(rest[0]);
    if (guard->getElse() || guard->hasVarStorage() || guard->getInit()) return false;
    if (rest.size() == 1) {
      if (!readGuard(guard->getCond(), BO_LT)) return false;
      takeBody(guard->getThen());
      return true;
    }
    if (!readGuard(guard->getCond(), BO_GE)) return false;
    const Stmt* then = guard->getThen();
    if (const auto* block = dyn_cast<CompoundStmt>(then)) then = block->size() == 1 ? block->body_front() : nullptr;
    if (!isa_and_nonnull<ReturnStmt>(then)) return false;
    m_kernel.body.assign(rest.begin() + 1, rest.end());
    return true;
  }

  // for (int i = <global index>; i < n; i += <threads of the grid>) ...
  bool readStriding(const ForStmt* loop, const std::vector<const VarDecl*>& declared) {
    Loop facts;
    describeCounting(loop, facts);
    if (!facts.counter || facts.compare != BO_LT || !facts.step || facts.direction < 0) return false;
    if (m_index.value(facts.init) != globalIndex()) return false;
    if (m_index.value(facts.step) != Poly::atom(kBdimX) * Poly::atom(kGdimX)) return false;
    for (const auto* variable : declared) {
      if (!m_in.file.variable(variable).onlyInit()) return false;
    }
    m_kernel.index = facts.counter;
    m_kernel.gridStride = loop;
    const auto* bound = namedVariable(facts.bound);
    m_kernel.bound = dyn_cast_or_null<ParmVarDecl>(bound);
    if (!m_kernel.bound) return false;
    takeBody(loop->getBody());
    return true;
  }

  bool readGuard(const Expr* condition, BinaryOperatorKind wanted) {
    const auto* compare = dyn_cast<BinaryOperator>(plain(condition));
    if (!compare || !compare->isComparisonOp()) return false;
    auto op = compare->getOpcode();
    const auto *left = compare->getLHS(), *right = compare->getRHS();
    if (namedVariable(right) == m_kernel.index) {
      std::swap(left, right);
      op = BinaryOperator::reverseComparisonOp(op);
    }
    if (op != wanted || namedVariable(left) != m_kernel.index) return false;
    m_kernel.bound = dyn_cast_or_null<ParmVarDecl>(namedVariable(right));
    return m_kernel.bound && m_kernel.bound->getType()->isIntegerType();
  }

  void takeBody(const Stmt* body) {
    if (const auto* block = dyn_cast<CompoundStmt>(body)) {
      m_kernel.body.assign(block->body_begin(), block->body_end());
    } else {
      m_kernel.body = {body};
    }
  }

  bool refuse(std::string why) {
    m_reason = std::move(why);
    return false;
  }

  bool readBody(const Stmt* top) {
    bool fine = true;
    walk(top, [&](const Stmt* s) {
      if (fine) fine = readNode(top, s);
      return fine;
    });
    if (!fine) return false;
    // In the order in which they happen, which is not the order of the text: b[i] is read before a[i] = b[i] writes.
    for (const auto& access : m_view.accesses) {
      const auto* subscript = dyn_cast<ArraySubscriptExpr>(access.expr->IgnoreParens());
      if (!subscript || !isBelow(subscript, top)) continue;
      const auto* pointer = dyn_cast_or_null<ParmVarDecl>(namedVariable(subscript->getBase()));
      if (!pointer) continue;
      m_kernel.uses.push_back({subscript, pointer, access.read, access.write, isConditional(subscript, top)});
    }
    return true;
  }

  bool isBelow(const Stmt* s, const Stmt* top) const {
    for (; s; s = m_in.file.parent(s)) {
      if (s == top) return true;
    }
    return false;
  }

  bool isConditional(const Stmt* s, const Stmt* top) const {
    for (; s; s = m_in.file.parent(s)) {
      if (isa<IfStmt, ForStmt, WhileStmt, DoStmt, SwitchStmt, ConditionalOperator>(s)) return true;
      if (const auto* binary = dyn_cast<BinaryOperator>(s); binary && binary->isLogicalOp()) return true;
      if (s == top) return false;
    }
    return false;
  }

  bool readNode(const Stmt* top, const Stmt* s) {
    if (isa<ReturnStmt, GotoStmt, LabelStmt, AsmStmt, LambdaExpr, CXXNewExpr, CXXDeleteExpr>(s)) {
      return refuse("leaves its body early or has side effects");
    }
    if (isa<BreakStmt, ContinueStmt>(s)) {
      for (const auto* up = m_in.file.parent(s); up && up != top; up = m_in.file.parent(up)) {
        if (isa<ForStmt, WhileStmt, DoStmt, SwitchStmt>(up)) return true;
      }
      if (!isa<ForStmt, WhileStmt, DoStmt, SwitchStmt>(top)) return refuse("leaves its body early");
      return true;
    }
    if (isa<MSPropertyRefExpr>(s)) m_kernel.usesThread = true;
    if (const auto* call = dyn_cast<CallExpr>(s)) return readCall(call);
    if (const auto* named = dyn_cast<DeclRefExpr>(s)) return readName(named);
    if (const auto* member = dyn_cast<MemberExpr>(s); member && member->getType()->isPointerType()) {
      return refuse("follows pointers within records");
    }
    if (const auto* declared = dyn_cast<DeclStmt>(s)) {
      for (const auto* d : declared->decls()) {
        const auto* variable = dyn_cast<VarDecl>(d);
        if (!variable || !variable->hasLocalStorage() || variable->hasAttr<CUDASharedAttr>()) {
          return refuse("has shared or static variables");
        }
      }
    }
    return true;
  }

  bool readCall(const CallExpr* call) {
    const auto name = calleeName(call);
    if (isa<CXXOperatorCallExpr>(call) || isPureFunction(name)) return true;
    const auto* callee = call->getDirectCallee();
    const auto* facts = m_in.file.factsOf(callee);
    if (!facts) return refuse("calls " + (name.empty() ? "a function" : name));
    for (const auto* parameter : facts->decl->parameters()) {
      if (parameter->getType()->isPointerType() || parameter->getType()->isReferenceType()) {
        return refuse("calls " + name + ", which takes pointers");
      }
    }
    bool pure = true;
    walk(facts->body, [&](const Stmt* s) {
      if (const auto* inner = dyn_cast<CallExpr>(s)) pure = pure && isPureFunction(calleeName(inner));
      if (const auto* named = dyn_cast<DeclRefExpr>(s)) {
        const auto* variable = dyn_cast<VarDecl>(named->getDecl());
        if (variable && !variable->hasLocalStorage() && !variable->getType().isConstQualified()) pure = false;
      }
      return pure;
    });
    return pure || refuse("calls " + name + ", which does more than compute");
  }

  bool readName(const DeclRefExpr* named) {
    const auto* variable = dyn_cast<VarDecl>(named->getDecl());
    if (!variable) return true;
    if (variable->getCanonicalDecl() == m_kernel.index->getCanonicalDecl()) {
      const auto* subscript = dyn_cast_or_null<ArraySubscriptExpr>(aboveCasts(named));
      if (!subscript) m_kernel.usesIndexValue = true;
      return true;
    }
    if (const auto* parameter = dyn_cast<ParmVarDecl>(variable)) {
      if (parameter->getType()->isReferenceType()) return refuse("takes references");
      if (!parameter->getType()->isPointerType()) {
        return m_in.file.variable(parameter).onlyInit() || refuse("changes '" + parameter->getNameAsString() + "'");
      }
      if (parameter->getType()->getPointeeType().isVolatileQualified()) return refuse("has volatile memory");
      const auto* subscript = dyn_cast_or_null<ArraySubscriptExpr>(aboveCasts(named));
      const bool atIndex = subscript && namedVariable(subscript->getIdx()) == m_kernel.index &&
                           namedVariable(subscript->getBase()) == parameter;
      if (!atIndex) return refuse("uses '" + parameter->getNameAsString() + "' other than at its index");
      const auto* above = aboveCasts(subscript);
      if (isa_and_nonnull<MemberExpr>(above)) return refuse("reads records");
      if (const auto* unary = dyn_cast_or_null<UnaryOperator>(above); unary && unary->getOpcode() == UO_AddrOf) {
        return refuse("takes the address of an element");
      }
      return true;
    }
    if (!variable->hasLocalStorage() && !variable->getType().isConstQualified() &&
        !variable->hasAttr<CUDAConstantAttr>()) {
      return refuse("uses the global '" + variable->getNameAsString() + "'");
    }
    return true;
  }

  const Stmt* aboveCasts(const Stmt* s) const {
    const auto* up = m_in.file.parent(s);
    while (up && isa<ParenExpr, ImplicitCastExpr>(up)) up = m_in.file.parent(up);
    return up;
  }

  const CheckInput& m_in;
  IndexReader& m_index;
  const FunctionView& m_view;
  std::string& m_why;
  std::string m_reason;
  ElementwiseKernel m_kernel;
};

}  // namespace

bool isPureFunction(const std::string& name) {
  static const std::set<std::string> kNames = [] {
    std::set<std::string> all{"min",
                              "max",
                              "abs",
                              "clamp",
                              "fma",
                              "fmaf",
                              "rsqrt",
                              "rsqrtf",
                              "__expf",
                              "__logf",
                              "__powf",
                              "__sinf",
                              "__cosf",
                              "__fdividef",
                              "__saturatef",
                              "__half2float",
                              "__float2half",
                              "__float2half_rn",
                              "__float2int_rn",
                              "__int2float_rn",
                              "__float_as_int",
                              "__int_as_float",
                              "__hadd",
                              "__hmul",
                              "__hfma",
                              "__frcp_rn",
                              "__fsqrt_rn",
                              "lround",
                              "isnan",
                              "isinf",
                              "isfinite",
                              "signbit",
                              "normcdff",
                              "exp10f"};
    for (const char* each :
         {"sqrt", "exp",   "exp2",  "log",  "log2", "log10", "sin",   "cos",      "tan",   "tanh",     "floor", "ceil",
          "fabs", "trunc", "round", "rint", "asin", "acos",  "atan",  "sinh",     "cosh",  "log1p",    "expm1", "cbrt",
          "erf",  "erfc",  "pow",   "fmod", "fmax", "fmin",  "atan2", "copysign", "hypot", "nearbyint"}) {
      all.insert(each);
      all.insert(std::string(each) + "f");
    }
    return all;
  }();
  return kNames.count(name) > 0;
}

std::string elementTypeName(const ParmVarDecl* pointer) {
  PrintingPolicy policy(pointer->getASTContext().getLangOpts());
  policy.SuppressTagKeyword = true;
  return pointer->getType()->getPointeeType().getUnqualifiedType().getAsString(policy);
}

std::optional<ElementwiseKernel> elementwise(const CheckInput& in, const FunctionView& view, std::string& whyNot) {
  return Reader(in, view, whyNot).read();
}

namespace {

// What a launch's part was made of: dim3 grid((n + 255) / 256) as (n + 255) / 256.
const Expr* dimension(const CheckInput& in, const Expr* e) {
  for (int depth = 0; e && depth < 8; ++depth) {
    e = plain(e);
    if (const auto* made = dyn_cast<CXXConstructExpr>(e)) {
      if (made->getNumArgs() == 0) return nullptr;
      for (unsigned i = 1; i < made->getNumArgs(); ++i) {
        if (!isa<CXXDefaultArgExpr>(made->getArg(i)) && in.file.constant(made->getArg(i)) != 1) return nullptr;
      }
      e = made->getArg(0);
      continue;
    }
    const auto* variable = namedVariable(e);
    if (!variable || in.file.constant(e) || !variable->getInit() || !in.file.variable(variable).onlyInit()) return e;
    if (isa<ParmVarDecl>(variable)) return e;
    e = variable->getInit();
  }
  return e;
}

bool sameValue(const CheckInput& in, const Expr* a, const Expr* b) {
  const auto ca = in.file.constant(plain(a)), cb = in.file.constant(plain(b));
  if (ca && cb) return *ca == *cb;
  const auto *va = namedVariable(a), *vb = namedVariable(b);
  return va && vb && va->getCanonicalDecl() == vb->getCanonicalDecl();
}

}  // namespace

bool coversRange(const CheckInput& in, const Launch& launch, const Expr* count) {
  const auto* grid = dimension(in, launch.grid);
  const auto* block = dimension(in, launch.block);
  const auto* divided = dyn_cast_or_null<BinaryOperator>(grid ? plain(grid) : nullptr);
  if (!divided || !block || divided->getOpcode() != BO_Div) return false;
  if (!sameValue(in, dimension(in, divided->getRHS()), block)) return false;
  // count + block - 1, in any grouping, as a polynomial.
  const auto* host = in.file.functionAround(launch.call);
  auto* view = host ? in.viewOf(host->decl) : nullptr;
  if (!view) return false;
  const auto sum = view->index.value(divided->getLHS());
  const auto wanted = view->index.value(count);
  const auto size = view->index.value(divided->getRHS());
  return sum && wanted && size && *sum == *wanted + *size - Poly::constant(1);
}

}  // namespace ridgeline::source
