#include "advisor/source/model/facts.h"

namespace ridgeline::source {
namespace {

using namespace clang;

const Stmt* bodyOfLoop(const Stmt* s) {
  if (const auto* loop = dyn_cast<ForStmt>(s)) return loop->getBody();
  if (const auto* loop = dyn_cast<WhileStmt>(s)) return loop->getBody();
  if (const auto* loop = dyn_cast<DoStmt>(s)) return loop->getBody();
  if (const auto* loop = dyn_cast<CXXForRangeStmt>(s)) return loop->getBody();
  return nullptr;
}

Launch describeLaunch(const CUDAKernelCallExpr* call) {
  Launch launch;
  launch.call = call;
  launch.kernel = call->getDirectCallee();
  launch.name = calleeName(call);
  const auto* config = call->getConfig();
  const Expr** const parts[] = {&launch.grid, &launch.block, &launch.shared, &launch.stream};
  for (unsigned i = 0; config && i < config->getNumArgs() && i < 4; ++i) {
    if (!isa<CXXDefaultArgExpr>(config->getArg(i))) *parts[i] = config->getArg(i);
  }
  return launch;
}

bool containsErrors(const Stmt* body) {
  bool found = false;
  walk(body, [&](const Stmt* s) {
    const auto* e = dyn_cast<Expr>(s);
    if (isa<RecoveryExpr>(s) || (e && e->containsErrors())) found = true;
    return !found;
  });
  return found;
}

}  // namespace

void describeCounting(const ForStmt* loop, Loop& facts) {
  if (!loop->getInit() || !loop->getCond() || !loop->getInc()) return;
  const VarDecl* counter = nullptr;
  const Expr* start = nullptr;
  const auto* declared = dyn_cast<DeclStmt>(loop->getInit());
  if (declared) {
    counter = declared->isSingleDecl() ? dyn_cast<VarDecl>(declared->getSingleDecl()) : nullptr;
    start = counter ? counter->getInit() : nullptr;
  } else if (const auto* set = dyn_cast<Expr>(loop->getInit())) {
    const auto* assigned = dyn_cast<BinaryOperator>(plain(set));
    if (!assigned || assigned->getOpcode() != BO_Assign) return;
    counter = namedVariable(assigned->getLHS());
    start = assigned->getRHS();
  }
  const auto* condition = dyn_cast<BinaryOperator>(plain(loop->getCond()));
  if (!counter || !start || !condition || !condition->isComparisonOp()) return;
  if (namedVariable(condition->getLHS()) != counter) return;
  const auto* increment = plain(loop->getInc());
  const Expr* step = nullptr;
  int direction = 1;
  if (const auto* unary = dyn_cast<UnaryOperator>(increment)) {
    if (!unary->isIncrementDecrementOp() || namedVariable(unary->getSubExpr()) != counter) return;
    direction = unary->isIncrementOp() ? 1 : -1;
  } else if (const auto* binary = dyn_cast<BinaryOperator>(increment)) {
    if (namedVariable(binary->getLHS()) != counter) return;
    if (binary->getOpcode() != BO_AddAssign && binary->getOpcode() != BO_SubAssign) return;
    direction = binary->getOpcode() == BO_AddAssign ? 1 : -1;
    step = binary->getRHS();
  } else {
    return;
  }
  facts.counter = counter;
  facts.declaresCounter = declared != nullptr;
  facts.init = start;
  facts.bound = condition->getRHS();
  facts.compare = condition->getOpcode();
  facts.step = step;
  facts.direction = direction;
}

FileFacts::FileFacts(const ParsedFile& parsed, Language language)
    : m_context(*parsed.context), m_text(*parsed.context), m_language(language), m_errors(parsed.errors) {
  for (const auto* decl : parsed.topLevel) visit(decl);
  classifyUses();
}

void FileFacts::visit(const Decl* decl) {
  if (const auto* space = dyn_cast<NamespaceDecl>(decl)) {
    for (const auto* inner : space->decls()) visit(inner);
  } else if (const auto* linkage = dyn_cast<LinkageSpecDecl>(decl)) {
    for (const auto* inner : linkage->decls()) visit(inner);
  } else if (const auto* functionTemplate = dyn_cast<FunctionTemplateDecl>(decl)) {
    visitFunction(functionTemplate->getTemplatedDecl());
  } else if (const auto* classTemplate = dyn_cast<ClassTemplateDecl>(decl)) {
    visit(classTemplate->getTemplatedDecl());
  } else if (const auto* function = dyn_cast<FunctionDecl>(decl)) {
    visitFunction(function);
  } else if (const auto* record = dyn_cast<RecordDecl>(decl)) {
    const auto* made = dyn_cast<ClassTemplateSpecializationDecl>(record);
    if (made && isTemplateInstantiation(made->getSpecializationKind())) return;
    if (record->isThisDeclarationADefinition()) m_records.push_back(record);
    for (const auto* inner : record->decls()) {
      if (!inner->isImplicit()) visit(inner);
    }
  } else if (const auto* variable = dyn_cast<VarDecl>(decl)) {
    visitVariable(variable);
  }
}

void FileFacts::visitVariable(const VarDecl* decl) {
  m_allVariables.push_back(decl);
  m_variables[decl->getCanonicalDecl()].decl = decl;
  if (!decl->hasInit() || m_parents.count(decl->getInit())) return;
  FunctionFacts none;
  visitBody(none, decl->getInit(), nullptr, -1);
}

void FileFacts::visitFunction(const FunctionDecl* decl) {
  if (decl->isMain()) m_hasMain = true;
  if (!decl->doesThisDeclarationHaveABody() || decl->isImplicit()) return;
  if (decl->isTemplateInstantiation()) return;  // its template is looked at
  auto facts = std::make_unique<FunctionFacts>();
  facts->decl = decl;
  facts->body = decl->getBody();
  facts->name = qualifiedName(decl);
  facts->isKernel = decl->hasAttr<CUDAGlobalAttr>() || decl->hasAttr<OpenCLKernelAttr>();
  facts->isDevice = facts->isKernel || decl->hasAttr<CUDADeviceAttr>();
  facts->inPart = containsErrors(facts->body);
  for (const auto* parameter : decl->parameters()) {
    m_allVariables.push_back(parameter);
    m_variables[parameter->getCanonicalDecl()].decl = parameter;
  }
  visitBody(*facts, facts->body, nullptr, -1);
  if (const auto* constructor = dyn_cast<CXXConstructorDecl>(decl)) {
    for (const auto* init : constructor->inits()) {
      if (init->isWritten() && init->getInit()) visitBody(*facts, init->getInit(), nullptr, -1);
    }
  }
  m_functions.push_back(std::move(facts));
}

void FileFacts::visitBody(FunctionFacts& facts, const Stmt* s, const Stmt* parent, int loop) {
  m_parents[s] = parent;
  if (facts.decl) {
    m_functionOf[s] = &facts;
    m_loopOf[s] = loop;
  }
  if (const auto* use = dyn_cast<DeclRefExpr>(s)) noteUse(use);
  if (const auto* call = dyn_cast<CUDAKernelCallExpr>(s)) facts.launches.push_back(describeLaunch(call));
  if (const auto* declared = dyn_cast<DeclStmt>(s)) {
    for (const auto* decl : declared->decls()) {
      if (const auto* variable = dyn_cast<VarDecl>(decl)) {
        m_allVariables.push_back(variable);
        m_variables[variable->getCanonicalDecl()].decl = variable;
      } else if (const auto* record = dyn_cast<RecordDecl>(decl)) {
        visit(record);
      }
    }
  }
  if (const auto* range = dyn_cast<CXXForRangeStmt>(s)) {
    m_allVariables.push_back(range->getLoopVariable());
    m_variables[range->getLoopVariable()->getCanonicalDecl()].decl = range->getLoopVariable();
  }
  if (const auto* lambda = dyn_cast<LambdaExpr>(s)) {
    for (const auto* parameter : lambda->getCallOperator()->parameters()) {
      m_allVariables.push_back(parameter);
      m_variables[parameter->getCanonicalDecl()].decl = parameter;
    }
  }
  int inner = loop;
  const Stmt* body = bodyOfLoop(s);
  if (body) {
    Loop found;
    found.stmt = s;
    found.body = body;
    found.outer = loop;
    if (const auto* counting = dyn_cast<ForStmt>(s)) describeCounting(counting, found);
    facts.loops.push_back(found);
    inner = static_cast<int>(facts.loops.size()) - 1;
  }
  const auto* once = dyn_cast<ForStmt>(s);
  forEachChild(s, [&](const Stmt* child) {
    // A for loop's first part, and the range of a range loop, run once.
    const bool before = (once && child == once->getInit()) || (isa<CXXForRangeStmt>(s) && child != body);
    visitBody(facts, child, s, before ? loop : inner);
  });
  // A launch's configuration is not among its written children in every Clang.
  if (const auto* call = dyn_cast<CUDAKernelCallExpr>(s)) {
    if (call->getConfig() && !m_parents.count(call->getConfig())) visitBody(facts, call->getConfig(), s, loop);
  }
}

void FileFacts::noteUse(const DeclRefExpr* use) {
  const auto* decl = use->getDecl()->getCanonicalDecl();
  m_mentions[decl].push_back(use);
  if (isa<VarDecl>(decl)) m_variables[decl].uses.push_back(use);
}

const Stmt* FileFacts::parent(const Stmt* s) const {
  const auto at = m_parents.find(s);
  return at == m_parents.end() ? nullptr : at->second;
}

const FunctionFacts* FileFacts::functionAround(const Stmt* s) const {
  const auto at = m_functionOf.find(s);
  return at == m_functionOf.end() ? nullptr : at->second;
}

std::vector<const Loop*> FileFacts::loopsAround(const Stmt* s) const {
  std::vector<const Loop*> loops;
  const auto* function = functionAround(s);
  const auto at = m_loopOf.find(s);
  if (!function || at == m_loopOf.end()) return loops;
  for (int i = at->second; i >= 0; i = function->loops[static_cast<size_t>(i)].outer) {
    loops.push_back(&function->loops[static_cast<size_t>(i)]);
  }
  return loops;
}

const FunctionFacts* FileFacts::factsOf(const FunctionDecl* decl) const {
  if (!decl) return nullptr;
  if (const auto* pattern = decl->getTemplateInstantiationPattern()) decl = pattern;
  for (const auto& facts : m_functions) {
    if (facts->decl->getCanonicalDecl() == decl->getCanonicalDecl()) return facts.get();
  }
  return nullptr;
}

const Variable& FileFacts::variable(const VarDecl* decl) const {
  static const Variable unknown = [] {
    Variable v;
    v.otherwiseChanged = true;
    return v;
  }();
  const auto at = m_variables.find(decl->getCanonicalDecl());
  return at == m_variables.end() ? unknown : at->second;
}

const std::vector<const DeclRefExpr*>& FileFacts::mentions(const ValueDecl* decl) const {
  static const std::vector<const DeclRefExpr*> none;
  const auto at = m_mentions.find(decl->getCanonicalDecl());
  return at == m_mentions.end() ? none : at->second;
}

bool FileFacts::allUsesSeen(const FunctionDecl* decl) const {
  if (decl->getStorageClass() == SC_Static || decl->isInAnonymousNamespace()) return true;
  if (!m_hasMain) return false;
  for (const auto* other : decl->redecls()) {
    if (!m_text.inFile(other->getLocation())) return false;
  }
  return true;
}

std::vector<Launch> FileFacts::launchesOf(const FunctionDecl* kernel) const {
  std::vector<Launch> found;
  for (const auto& function : m_functions) {
    for (const auto& launch : function->launches) {
      const auto* callee = launch.kernel;
      if (callee && callee->getTemplateInstantiationPattern()) callee = callee->getTemplateInstantiationPattern();
      if (callee && callee->getCanonicalDecl() == kernel->getCanonicalDecl()) found.push_back(launch);
    }
  }
  return found;
}

std::optional<int64_t> FileFacts::constant(const Expr* e) const {
  if (!e || e->isValueDependent() || e->containsErrors() || e->getType().isNull()) return std::nullopt;
  if (!e->getType()->isIntegralOrEnumerationType()) return std::nullopt;
  Expr::EvalResult result;
  if (!e->EvaluateAsInt(result, m_context, Expr::SE_NoSideEffects) || !result.Val.isInt()) return std::nullopt;
  return result.Val.getInt().getExtValue();
}

}  // namespace ridgeline::source
