#include "advisor/source/model/index_expr.h"

#include <algorithm>

namespace ridgeline::source {

using namespace clang;

namespace {

constexpr size_t kMostTerms = 64;

std::optional<Poly> bounded(Poly p) {
  if (p.size() > kMostTerms) return std::nullopt;
  return p;
}

// x of threadIdx.x as 0, y as 1, z as 2.
int axisOf(const std::string& member) {
  if (member == "x") return 0;
  if (member == "y") return 1;
  return member == "z" ? 2 : -1;
}

std::optional<Atom> coordinateBase(const std::string& name) {
  if (name == "threadIdx") return kTidX;
  if (name == "blockIdx") return kBidX;
  if (name == "blockDim") return kBdimX;
  if (name == "gridDim") return kGdimX;
  return std::nullopt;
}

}  // namespace

IndexReader::IndexReader(const FileFacts& file, const FunctionFacts& function, Atoms& atoms)
    : m_file(file), m_function(function), m_atoms(atoms) {
  for (const auto& loop : function.loops) {
    if (loop.counter && loop.declaresCounter) m_counters[loop.counter] = &loop;
  }
}

std::optional<Poly> IndexReader::coordinate(const Expr* e) const {
  std::string base, member;
  if (const auto* property = dyn_cast<MSPropertyRefExpr>(e)) {
    if (const auto* named = dyn_cast<DeclRefExpr>(plain(property->getBaseExpr()))) base = named->getDecl()->getName();
    member = property->getPropertyDecl()->getName();
  } else if (const auto* field = dyn_cast<MemberExpr>(e)) {
    if (const auto* named = dyn_cast<DeclRefExpr>(plain(field->getBase()))) {
      if (named->getDecl()->getIdentifier()) base = named->getDecl()->getName();
    }
    if (field->getMemberDecl()->getIdentifier()) member = field->getMemberDecl()->getName();
  }
  const auto first = coordinateBase(base);
  const int axis = axisOf(member);
  if (!first || axis < 0) return std::nullopt;
  return Poly::atom(*first + axis);
}

unsigned IndexReader::sizeOf(QualType type, bool* assumed) const {
  type = type.getNonReferenceType();
  if (type.isNull() || type->isDependentType() || type->isIncompleteType() || type->isFunctionType() ||
      type->isSizelessType()) {
    if (assumed) *assumed = true;
    return 4;
  }
  return static_cast<unsigned>(m_file.context().getTypeSizeInChars(type).getQuantity());
}

std::optional<Poly> IndexReader::opaque(const Expr* e) {
  if (!isUniform(e)) return std::nullopt;
  const auto text = m_file.text().of(e);
  return Poly::atom(m_atoms.ofText(text.empty() ? "?" : text));
}

std::optional<Poly> IndexReader::value(const Expr* written) {
  const auto* e = plain(written);
  if (const auto known = m_file.constant(e)) return Poly::constant(*known);
  if (const auto atom = coordinate(e)) return atom;
  if (const auto* named = dyn_cast<DeclRefExpr>(e)) {
    if (const auto* variable = dyn_cast<VarDecl>(named->getDecl())) return variableValue(variable);
    return opaque(e);
  }
  if (const auto* op = dyn_cast<BinaryOperator>(e)) return binaryValue(op);
  if (const auto* op = dyn_cast<UnaryOperator>(e)) {
    if (op->getOpcode() == UO_Minus) {
      const auto inner = value(op->getSubExpr());
      return inner ? std::optional(Poly() - *inner) : std::nullopt;
    }
    if (op->getOpcode() == UO_Plus) return value(op->getSubExpr());
    return opaque(e);
  }
  if (const auto* call = dyn_cast<CallExpr>(e)) return callValue(call);
  return opaque(e);
}

std::optional<Poly> IndexReader::binaryValue(const BinaryOperator* op) {
  if (op->isAssignmentOp() || op->isComparisonOp()) return opaque(op);
  const auto left = value(op->getLHS());
  const auto right = value(op->getRHS());
  switch (op->getOpcode()) {
    case BO_Add:
      return left && right ? bounded(*left + *right) : std::nullopt;
    case BO_Sub:
      return left && right ? bounded(*left - *right) : std::nullopt;
    case BO_Mul:
      return left && right ? bounded(*left * *right) : std::nullopt;
    case BO_Shl: {
      const auto by = right ? right->asConstant() : std::nullopt;
      if (left && by && *by >= 0 && *by < 31) return bounded(*left * Poly::constant(int64_t{1} << *by));
      return opaque(op);
    }
    case BO_Div:
    case BO_Rem:
    case BO_Shr:
    case BO_And:
      if (isUniform(op)) return opaque(op);
      return left && right ? divided(op, *left) : std::nullopt;
    case BO_Or:
    case BO_Xor: {
      // row * 32 | lane is a sum where the bits do not meet, which is how it is used; an xor with a constant permutes.
      if (isUniform(op)) return opaque(op);
      return std::nullopt;
    }
    default:
      return opaque(op);
  }
}

// Quotients and remainders of a thread's index. Within a warp, index / c is the same for all and index % c counts on
// when c is a multiple of 32; a width that is not a constant is taken to be wide, which rows of data are.
std::optional<Poly> IndexReader::divided(const BinaryOperator* op, const Poly& dividend) {
  const auto opcode = op->getOpcode();
  auto by = m_file.constant(op->getRHS());
  if (opcode == BO_And && by) by = *by + 1;
  if (opcode == BO_Shr) by = by && *by >= 0 && *by < 31 ? std::optional(int64_t{1} << *by) : std::nullopt;
  if (opcode == BO_Shr && !by) return std::nullopt;
  if (!by && (opcode == BO_And || !isUniform(op->getRHS()))) return std::nullopt;
  if (by && (*by <= 0 || *by % 32 != 0)) return std::nullopt;
  for (const Atom a : {kTidY, kTidZ}) {
    if (dividend.has(a)) return std::nullopt;
  }
  const auto stride = dividend.coefficient(kTidX);
  if (!stride || stride->asConstant() != 1) return std::nullopt;
  const auto text = m_file.text().of(op);
  const auto rest = Poly::atom(m_atoms.ofText(text.empty() ? "?" : text));
  if (opcode == BO_Div || opcode == BO_Shr) return rest;
  return Poly::atom(kTidX) + rest;
}

std::optional<Poly> IndexReader::callValue(const CallExpr* call) {
  const auto name = calleeName(call);
  const auto axis = [&] { return call->getNumArgs() == 1 ? m_file.constant(call->getArg(0)).value_or(-1) : -1; };
  if (m_file.language() == Language::OpenCl && axis() >= 0 && axis() < 3) {
    const auto a = static_cast<Atom>(axis());
    if (name == "get_global_id") {
      return Poly::atom(kBidX + a) * Poly::atom(kBdimX + a) + Poly::atom(kTidX + a);
    }
    if (name == "get_local_id") return Poly::atom(kTidX + a);
    if (name == "get_group_id") return Poly::atom(kBidX + a);
    if (name == "get_local_size") return Poly::atom(kBdimX + a);
    if (name == "get_num_groups") return Poly::atom(kGdimX + a);
    if (name == "get_global_size") return Poly::atom(kBdimX + a) * Poly::atom(kGdimX + a);
  }
  if ((name == "__mul24" || name == "__umul24") && call->getNumArgs() == 2) {
    const auto a = value(call->getArg(0)), b = value(call->getArg(1));
    return a && b ? bounded(*a * *b) : std::nullopt;
  }
  if ((name == "min" || name == "max") && call->getNumArgs() == 2) {
    // A clamp against a bound that all share leaves neighbours where they are.
    const bool first = isUniform(call->getArg(0)), second = isUniform(call->getArg(1));
    if (first != second) return value(call->getArg(first ? 1 : 0));
  }
  return opaque(call);
}

std::optional<Poly> IndexReader::variableValue(const VarDecl* decl) {
  decl = decl->getCanonicalDecl();
  const auto known = m_values.find(decl);
  if (known != m_values.end()) return known->second;
  if (!m_busy.insert(decl).second) return std::nullopt;
  auto computed = computeVariable(decl);
  m_busy.erase(decl);
  m_values[decl] = computed;
  return computed;
}

// The first loop of a variable that is declared before its loops and changed by nothing but their counting.
const Loop* IndexReader::onlyCounts(const VarDecl* decl, int& loops) const {
  const auto& facts = m_file.variable(decl);
  if (facts.otherwiseChanged || !facts.scaled.empty()) return nullptr;
  std::set<const Expr*> starts, steps;
  const Loop* first = nullptr;
  for (const auto& loop : m_function.loops) {
    if (!loop.counter || loop.declaresCounter || loop.counter->getCanonicalDecl() != decl) continue;
    if (!first) first = &loop;
    ++loops;
    starts.insert(loop.init);
    steps.insert(loop.step ? loop.step : plain(cast<ForStmt>(loop.stmt)->getInc()));
  }
  const auto all = [](const std::vector<const Expr*>& changes, const std::set<const Expr*>& known) {
    return std::all_of(changes.begin(), changes.end(), [&](const Expr* e) { return known.count(e) > 0; });
  };
  return all(facts.assigned, starts) && all(facts.added, steps) ? first : nullptr;
}

std::optional<Poly> IndexReader::computeVariable(const VarDecl* decl) {
  const auto itself = [&] { return Poly::atom(m_atoms.of(decl, decl->getName().str())); };
  const auto& facts = m_file.variable(decl);
  const auto counter = m_counters.find(decl);
  if (counter != m_counters.end() && facts.assigned.empty() && facts.scaled.empty() && !facts.otherwiseChanged) {
    const auto& loop = *counter->second;
    const auto start = value(loop.init);
    if (!start) return std::nullopt;
    auto step = loop.step ? value(loop.step) : std::optional(Poly::constant(1));
    if (loop.step && !isUniform(loop.step)) step = std::nullopt;
    if (!step) return std::nullopt;
    if (loop.direction < 0) step = Poly() - *step;
    return bounded(*start + itself() * *step);
  }
  if (isa<ParmVarDecl>(decl)) {
    // A kernel's own parameters are the same for all threads; another function's need not be.
    if (!m_function.isDevice || m_function.isKernel) {
      if (facts.assigned.empty() && facts.scaled.empty() && !facts.otherwiseChanged) return itself();
    }
    return std::nullopt;
  }
  if (!decl->hasLocalStorage())
    return isUniform(decl->getInit()) || !m_function.isDevice ? std::optional(itself()) : std::nullopt;
  // Set in several places (a loop's counter that was declared before it), to the same in all threads.
  const bool isSet = !facts.assigned.empty() || !facts.scaled.empty();
  if (m_function.isDevice && isSet && !facts.uses.empty() && isUniform(facts.uses.front())) return itself();
  int loops = 0;
  if (const auto* loop = onlyCounts(decl, loops)) {
    if (!m_function.isDevice && !loop->step) return itself();
    // One loop that starts somewhere else in each thread.
    const auto start = m_function.isDevice && loops == 1 && isUniform(loop->step) ? value(loop->init) : std::nullopt;
    if (start) return bounded(*start + itself());
  }
  if (facts.otherwiseChanged || !facts.scaled.empty() || !decl->getInit()) return std::nullopt;
  if (facts.onlyInit()) return value(decl->getInit());
  if (!facts.assigned.empty()) return std::nullopt;
  for (const auto* by : facts.added) {
    if (!movesAlike(decl, by)) return std::nullopt;
  }
  const auto start = value(decl->getInit());
  return start ? bounded(*start + itself()) : std::nullopt;
}

// By the same amount in every thread, and not only where a thread's data says so: the distance between threads stays.
bool IndexReader::movesAlike(const VarDecl* decl, const Expr* by) {
  if (!isa<UnaryOperator>(by) && !isUniform(by)) return false;
  if (!m_function.isDevice) return true;
  for (const Stmt* s = by; s; s = m_file.parent(s)) {
    if (const auto* block = dyn_cast<CompoundStmt>(s)) {
      for (const auto* each : block->body()) {
        const auto* declared = dyn_cast<DeclStmt>(each);
        // All of the variable's life is on this side of whatever branches lie around.
        if (declared && std::find(declared->decl_begin(), declared->decl_end(), decl) != declared->decl_end())
          return true;
      }
    }
    const auto* branch = dyn_cast<IfStmt>(s);
    if (branch && !isUniform(branch->getCond())) return false;
  }
  return true;
}

bool IndexReader::isUniform(const Expr* e) { return e == nullptr || computeUniform(e); }

bool IndexReader::computeUniform(const Expr* written) {
  bool uniform = true;
  walk(written, [&](const Stmt* s) {
    if (!uniform) return false;
    const auto* e = dyn_cast<Expr>(s);
    if (!e) return true;
    if (const auto atom = coordinate(e)) {
      uniform = !atom->hasThread();
      return false;
    }
    if (const auto* named = dyn_cast<DeclRefExpr>(e)) {
      const auto* decl = dyn_cast<VarDecl>(named->getDecl());
      if (!decl) return true;
      decl = decl->getCanonicalDecl();
      if (!decl->hasLocalStorage()) return true;
      if (isa<ParmVarDecl>(decl) && m_function.isDevice && !m_function.isKernel) {
        uniform = false;
        return false;
      }
      const auto known = m_uniform.find(decl);
      if (known != m_uniform.end()) {
        uniform = known->second;
        return false;
      }
      m_uniform[decl] = true;  // for a variable that is computed from itself
      const auto& facts = m_file.variable(decl);
      bool same = !facts.otherwiseChanged && (isa<ParmVarDecl>(decl) || decl->getInit() || !facts.assigned.empty());
      if (same && decl->getInit()) same = computeUniform(decl->getInit());
      for (const auto* from : facts.assigned) same = same && computeUniform(from);
      for (const auto* by : facts.scaled) same = same && computeUniform(by);
      for (const auto* by : facts.added) same = same && (isa<UnaryOperator>(by) || computeUniform(by));
      m_uniform[decl] = same;
      uniform = same;
      return false;
    }
    if (const auto* call = dyn_cast<CallExpr>(e)) {
      const auto name = calleeName(call);
      // What a function makes of its arguments is not looked into, except that these ask for the thread.
      static const std::set<std::string> kOfThread{
          "get_global_id",   "get_local_id",   "thread_rank",         "__shfl_sync",         "__shfl_down_sync",
          "__shfl_xor_sync", "__shfl_up_sync", "atomicAdd",           "thread_index",        "meta_group_rank",
          "__activemask",    "clock",          "get_local_linear_id", "get_global_linear_id"};
      if (kOfThread.count(name) || name.rfind("atomic", 0) == 0) uniform = false;
      const auto* callee = call->getDirectCallee();
      const auto* facts = m_file.factsOf(callee);
      if (facts && facts->body) {
        walk(facts->body, [&](const Stmt* inner) {
          const auto* expression = dyn_cast<Expr>(inner);
          const auto atom = expression ? coordinate(expression) : std::nullopt;
          if (atom && atom->hasThread()) uniform = false;
          return uniform;
        });
      } else if (!callee && m_function.isDevice) {
        uniform = false;
      } else if (callee && m_function.isDevice && call->getNumArgs() == 0) {
        uniform = false;  // a function of nothing that differs by thread is how wrappers name the thread
      }
    }
    if (isa<CXXThisExpr, LambdaExpr, UnaryExprOrTypeTraitExpr>(e)) return !isa<LambdaExpr>(e);
    return true;
  });
  return uniform;
}

}  // namespace ridgeline::source
