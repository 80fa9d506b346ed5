#include "advisor/source/fix/fuse.h"

#include "advisor/source/model/pointers.h"

#include <algorithm>
#include <map>

namespace ridgeline::source {
namespace {

using namespace clang;

// A parameter of the fused kernel: what all launches pass the same argument for.
struct Shared {
  std::string argument;                                           // as written in the launches
  const VarDecl* buffer = nullptr;                                // for pointers: the variable that is passed
  std::vector<std::pair<size_t, const ParmVarDecl*>> parameters;  // (kernel, its parameter)
  std::string name, type;
  bool read = false, written = false, restricted = true;
  bool inRegister = false;  // its element is kept in `valueName` from the first kernel to the last
  bool loadsFirst = false;
  bool dead = false;  // nothing looks at the buffer afterwards: it is not written at all
  std::string valueName;
};

class Fuser {
 public:
  Fuser(const CheckInput& in, const FusePlan& plan) : m_in(in), m_plan(plan), m_text(in.file.text()) {}

  FuseResult run() {
    FuseResult result;
    result.whyNot = prepare();
    result.accessesBefore = m_before;
    result.accessesAfter = m_after;
    if (result.whyNot.empty()) result.fix = write();
    if (!result.fix && result.whyNot.empty()) result.whyNot = "a part of it is written by a macro";
    return result;
  }

 private:
  // --- what is shared, and whether it may be fused ---

  std::string prepare() {
    for (size_t k = 0; k < m_plan.kernels.size(); ++k) {
      if (auto why = gather(k); !why.empty()) return why;
    }
    if (auto why = sameFrame(); !why.empty()) return why;
    for (auto& shared : m_shared) {
      if (auto why = decideType(shared); !why.empty()) return why;
    }
    decideRegisters();
    countAccesses();
    if (auto why = checkOverlap(); !why.empty()) return why;
    if (auto why = checkPlaces(); !why.empty()) return why;
    nameAll();
    return "";
  }

  std::string gather(size_t k) {
    const auto& launch = m_plan.launches[k];
    const auto* decl = m_plan.kernels[k].facts->decl;
    if (launch.call->getNumArgs() != decl->getNumParams()) return "default arguments are used";
    for (unsigned i = 0; i < decl->getNumParams(); ++i) {
      const auto* argument = launch.call->getArg(i);
      if (argument->HasSideEffects(m_in.file.context()) || firstBelow<CallExpr>(argument)) {
        return "an argument of " + m_plan.kernels[k].facts->name + " does more than name a value";
      }
      const auto* parameter = decl->getParamDecl(i);
      const bool isPointer = parameter->getType()->isPointerType();
      const auto* buffer = isPointer ? namedVariable(argument) : nullptr;
      if (isPointer && !buffer) return fmt::format("'{}' is not a plain variable", m_text.of(argument));
      const auto written = m_text.of(plain(argument));
      auto at = std::find_if(m_shared.begin(), m_shared.end(), [&](const Shared& s) {
        if (isPointer != (s.buffer != nullptr)) return false;
        if (isPointer) return s.buffer->getCanonicalDecl() == buffer->getCanonicalDecl();
        return s.argument == written &&
               m_in.file.context().hasSameUnqualifiedType(s.parameters[0].second->getType(), parameter->getType());
      });
      // The same argument twice for one kernel stays two parameters, unless it is a buffer.
      if (at == m_shared.end())
        at =
            m_shared.insert(m_shared.end(), {written, buffer, {}, "", "", false, false, true, false, false, false, ""});
      at->parameters.emplace_back(k, parameter);
    }
    return "";
  }

  const Shared* sharedOf(size_t k, const ParmVarDecl* parameter) const {
    for (const auto& shared : m_shared) {
      for (const auto& [kernel, each] : shared.parameters) {
        if (kernel == k && each->getCanonicalDecl() == parameter->getCanonicalDecl()) return &shared;
      }
    }
    return nullptr;
  }

  std::string sameFrame() const {
    const auto& first = m_plan.kernels.front();
    for (size_t k = 1; k < m_plan.kernels.size(); ++k) {
      const auto& other = m_plan.kernels[k];
      if ((first.gridStride != nullptr) != (other.gridStride != nullptr)) return "only some stride over the grid";
      if (sharedOf(0, first.bound) != sharedOf(k, other.bound)) return "their bounds differ";
      if (!m_in.file.context().hasSameUnqualifiedType(first.index->getType(), other.index->getType())) {
        return "their indices have different types";
      }
      if (first.facts->decl->getDeclContext() != other.facts->decl->getDeclContext()) {
        return "they live in different namespaces";
      }
      if (prefix(first) != prefix(other)) return "they are declared differently";
    }
    return "";
  }

  // "static __global__ void __launch_bounds__(256) ".
  std::string prefix(const ElementwiseKernel& kernel) const {
    const auto begin =
        m_text.offset(m_in.file.context().getSourceManager().getExpansionLoc(kernel.facts->decl->getOuterLocStart()));
    const auto name = m_text.offset(kernel.facts->decl->getLocation());
    return begin && name && *begin < *name ? m_text.at({*begin, *name}) : "";
  }

  std::string decideType(Shared& shared) const {
    const auto* first = shared.parameters[0].second;
    if (!shared.buffer) {
      PrintingPolicy policy(m_in.file.context().getLangOpts());
      policy.SuppressTagKeyword = true;
      shared.type = first->getType().getUnqualifiedType().getAsString(policy);
      return "";
    }
    for (const auto& [k, parameter] : shared.parameters) {
      if (elementTypeName(parameter) != elementTypeName(first)) {
        return fmt::format("'{}' is passed as different types", shared.argument);
      }
      shared.restricted = shared.restricted && parameter->getType().isRestrictQualified();
      for (const auto& use : m_plan.kernels[k].uses) {
        if (use.pointer->getCanonicalDecl() != parameter->getCanonicalDecl()) continue;
        shared.read = shared.read || use.read;
        shared.written = shared.written || use.write;
      }
    }
    shared.type =
        (shared.written ? "" : "const ") + elementTypeName(first) + "*" + (shared.restricted ? " __restrict__" : "");
    return "";
  }

  // Elements that more than one kernel touches stay in a register, when every thread touches them for sure.
  void decideRegisters() {
    for (auto& shared : m_shared) {
      if (!shared.buffer) continue;
      std::set<size_t> kernels;
      bool always = false, first = true;
      for (size_t k = 0; k < m_plan.kernels.size(); ++k) {
        for (const auto& use : m_plan.kernels[k].uses) {
          if (sharedOf(k, use.pointer) != &shared) continue;
          kernels.insert(k);
          always = always || !use.conditional;
          if (first) shared.loadsFirst = use.read || use.conditional;
          first = false;
        }
      }
      shared.inRegister = kernels.size() > 1 && always && shared.written;
      shared.dead = shared.inRegister && !shared.loadsFirst && isUnused(shared.buffer);
    }
  }

  // Only allocated, freed, and passed to these launches.
  bool isUnused(const VarDecl* buffer) const {
    if (!buffer->hasLocalStorage() || isa<ParmVarDecl>(buffer) || !ownsItsMemory(m_in.file, buffer)) return false;
    for (const auto* mention : m_in.file.mentions(buffer)) {
      const Stmt* up = mention;
      while (up && !isa<CallExpr>(up)) up = m_in.file.parent(up);
      const auto* call = dyn_cast_or_null<CallExpr>(up);
      if (!call) return false;
      const bool ours = std::any_of(m_plan.launches.begin(), m_plan.launches.end(),
                                    [&](const Launch& launch) { return launch.call == call; });
      const auto name = calleeName(call);
      if (!ours && name != "cudaFree" && name != "cudaFreeAsync" && !allocatesThroughArgument(name)) return false;
    }
    return true;
  }

  void countAccesses() {
    for (size_t k = 0; k < m_plan.kernels.size(); ++k) {
      std::map<const Shared*, std::pair<bool, bool>> touched;
      for (const auto& use : m_plan.kernels[k].uses) {
        auto& [read, written] = touched[sharedOf(k, use.pointer)];
        if (use.read && !written) read = true;
        if (use.write) written = true;
      }
      for (const auto& [shared, how] : touched) {
        m_before += how.first + how.second;
        if (!shared->inRegister) m_after += how.first + how.second;
      }
    }
    for (const auto& shared : m_shared) {
      if (shared.inRegister) m_after += shared.loadsFirst + (shared.written && !shared.dead);
    }
  }

  std::string checkOverlap() const {
    for (const auto& a : m_shared) {
      for (const auto& b : m_shared) {
        if (&a >= &b || !a.buffer || !b.buffer || (!a.written && !b.written)) continue;
        if (const auto why = mayOverlap(m_in.file, a.buffer, b.buffer)) return *why;
      }
    }
    return "";
  }

  std::string checkPlaces() {
    m_insertion = 0;
    for (const auto& kernel : m_plan.kernels) {
      const auto span = m_text.span(kernel.facts->decl->getSourceRange());
      if (!span) return kernel.facts->name + " is written by a macro";
      m_insertion = std::max(m_insertion, span->end);
    }
    const auto host = m_text.span(m_plan.host->decl->getSourceRange());
    if (!host || host->begin < m_insertion) return "a kernel is defined after its launch";
    return "";
  }

  // --- names ---

  void nameAll() {
    std::set<std::string> taken{m_plan.kernels[0].index->getNameAsString()};
    for (const auto& kernel : m_plan.kernels) {
      for (const auto* s : kernel.body) {
        walk(s, [&](const Stmt* each) {
          if (const auto* declared = dyn_cast<DeclStmt>(each)) {
            for (const auto* d : declared->decls()) {
              if (const auto* named = dyn_cast<NamedDecl>(d)) taken.insert(named->getNameAsString());
            }
          }
          return true;
        });
      }
    }
    for (auto& shared : m_shared) {
      auto wanted = shared.parameters[0].second->getNameAsString();
      if (taken.count(wanted) && !shared.argument.empty() && shared.buffer) wanted = shared.argument;
      shared.name = wanted;
      for (int i = 2; taken.count(shared.name); ++i) shared.name = wanted + std::to_string(i);
      taken.insert(shared.name);
    }
    for (auto& shared : m_shared) {
      if (!shared.inRegister) continue;
      shared.valueName = m_text.freshName(shared.name + "_" + m_plan.kernels[0].index->getNameAsString());
      while (taken.count(shared.valueName)) shared.valueName += "_";
      taken.insert(shared.valueName);
    }
    std::string name;
    for (const auto& kernel : m_plan.kernels) {
      name += (name.empty() ? "" : "_") + kernel.facts->decl->getNameAsString();
    }
    m_name = m_text.freshName(name);
  }

  // --- text ---

  std::optional<Fix> write() {
    const auto kernel = kernelText();
    const auto call = callText();
    if (!kernel || !call) return std::nullopt;
    Fix fix;
    std::string names;
    for (const auto& each : m_plan.kernels) {
      names += (names.empty() ? "" : ", ") + each.facts->decl->getNameAsString();
      fix.scopes.insert(each.facts->name);
    }
    fix.scopes.insert(m_plan.host->name);
    fix.title = fmt::format("fuse {} into one kernel with one launch", names);
    fix.edits.push_back(insertAt(m_insertion, "\n\n" + *kernel));
    for (size_t k = 0; k < m_plan.launches.size(); ++k) {
      const auto whole = m_text.statement(m_plan.launches[k].call);
      const auto line = m_text.statementLine(m_plan.launches[k].call);
      if (!whole || !line) return std::nullopt;
      fix.edits.push_back(k == 0 ? replace(*whole, *call) : replace(*line, ""));
    }
    removeUnused(fix);
    return fix;
  }

  // The kernels themselves, when nothing else launches them and nobody else can.
  void removeUnused(Fix& fix) const {
    std::set<const FunctionDecl*> done;
    for (const auto& kernel : m_plan.kernels) {
      const auto* decl = kernel.facts->decl;
      if (!done.insert(decl).second || !m_in.file.allUsesSeen(decl) || decl->getPreviousDecl()) continue;
      size_t ours = 0;
      for (const auto& launch : m_plan.launches) ours += launch.kernel == decl;
      if (m_in.file.mentions(decl).size() != ours) continue;
      auto span = m_text.span(decl->getSourceRange());
      const auto start =
          m_text.offset(m_in.file.context().getSourceManager().getExpansionLoc(decl->getOuterLocStart()));
      if (!span || !start) continue;
      // With the comment right above it and the empty line below. The fused kernel goes behind the last one.
      size_t begin = m_text.lineOf(std::min(span->begin, *start)).begin;
      while (begin > 0) {
        const auto above = m_text.lineOf(begin - 1);
        if (m_text.at(above).find_first_not_of(" \t") == std::string::npos) break;
        if (m_text.at(above).substr(m_text.at(above).find_first_not_of(" \t"), 2) != "//") break;
        begin = above.begin;
      }
      size_t end = span->end;
      const bool isLast = end == m_insertion;
      while (!isLast && end < m_text.all().size() && m_text.all()[end] == '\n') ++end;
      fix.edits.push_back(replace({begin, end}, ""));
    }
    // What is inserted behind a removed kernel must not begin with the empty lines that set it apart.
    for (auto& edit : fix.edits) {
      const bool removesLast = std::any_of(fix.edits.begin(), fix.edits.end(), [&](const Edit& other) {
        return other.text.empty() && other.offset + other.length == m_insertion;
      });
      if (edit.offset == m_insertion && edit.length == 0 && removesLast) edit.text.erase(0, 2);
    }
  }

  std::string nameFor(size_t k, const ParmVarDecl* parameter) const { return sharedOf(k, parameter)->name; }

  std::optional<std::string> kernelText() const {
    const auto& first = m_plan.kernels.front();
    std::string parameters;
    for (const auto& shared : m_shared) {
      if (shared.dead) continue;
      parameters += (parameters.empty() ? "" : ", ") + shared.type + " " + shared.name;
    }
    const auto body = bodyText();
    const auto frame = body ? frameText(first, *body) : std::nullopt;
    if (!frame) return std::nullopt;
    return prefix(first) + m_name + "(" + parameters + ") {\n" + *frame + "}";
  }

  // The text of a piece of kernel k, with its parameters under their new names.
  std::optional<std::string> renamed(size_t k, const Stmt* s, bool asStatement) const {
    const auto span = asStatement ? m_text.statement(s) : m_text.span(s);
    if (!span) return std::nullopt;
    std::vector<Edit> edits;
    bool fine = true;
    const auto& kernel = m_plan.kernels[k];
    walk(s, [&](const Stmt* each) {
      if (const auto* subscript = dyn_cast<ArraySubscriptExpr>(each)) {
        const auto* pointer = dyn_cast_or_null<ParmVarDecl>(namedVariable(subscript->getBase()));
        const auto* shared = pointer ? sharedOf(k, pointer) : nullptr;
        if (shared && shared->inRegister) {
          const auto where = m_text.span(each);
          fine = fine && where;
          if (where) edits.push_back(replace(*where, shared->valueName));
          return false;
        }
      }
      const auto* named = dyn_cast<DeclRefExpr>(each);
      if (!named) return true;
      std::string name;
      if (const auto* parameter = dyn_cast<ParmVarDecl>(named->getDecl())) {
        if (const auto* shared = sharedOf(k, parameter)) name = shared->name;
      }
      if (named->getDecl()->getCanonicalDecl() == kernel.index->getCanonicalDecl()) {
        name = m_plan.kernels[0].index->getNameAsString();
      }
      if (name.empty() || name == named->getDecl()->getNameAsString()) return true;
      const auto where = m_text.span(each);
      fine = fine && where;
      if (where) edits.push_back(replace(*where, name));
      return true;
    });
    if (!fine) return std::nullopt;
    return rewritten(m_text, *span, edits);
  }

  std::optional<std::string> bodyText() const {
    std::string out;
    const auto index = m_plan.kernels[0].index->getNameAsString();
    for (const auto& shared : m_shared) {
      if (!shared.inRegister) continue;
      const auto type = elementTypeName(shared.parameters[0].second);
      out += type + " " + shared.valueName;
      out += shared.loadsFirst ? " = " + shared.name + "[" + index + "];\n" : ";\n";
    }
    for (size_t k = 0; k < m_plan.kernels.size(); ++k) {
      const bool scope = std::any_of(m_plan.kernels[k].body.begin(), m_plan.kernels[k].body.end(),
                                     [](const Stmt* s) { return isa<DeclStmt>(s); });
      if (scope) out += "{\n";
      for (const auto* s : m_plan.kernels[k].body) {
        const auto text = renamed(k, s, true);
        if (!text) return std::nullopt;
        out += *text + "\n";
      }
      if (scope) out += "}\n";
    }
    for (const auto& shared : m_shared) {
      if (shared.inRegister && shared.written && !shared.dead) {
        out += shared.name + "[" + index + "] = " + shared.valueName + ";\n";
      }
    }
    return out;
  }

  // Around the body: the index, and who takes part.
  std::optional<std::string> frameText(const ElementwiseKernel& kernel, const std::string& body) const {
    const auto* block = cast<CompoundStmt>(kernel.facts->body);
    std::string out;
    for (const auto* s : block->body()) {
      if (!isa<DeclStmt>(s)) break;
      const auto text = renamed(0, s, true);
      if (!text) return std::nullopt;
      out += *text + "\n";
    }
    if (!kernel.gridStride) {
      return out + "if (" + kernel.index->getNameAsString() + " < " + nameFor(0, kernel.bound) + ") {\n" + body + "}\n";
    }
    std::string head;
    const auto init = renamed(0, kernel.gridStride->getInit(), true);
    const auto condition = renamed(0, kernel.gridStride->getCond(), false);
    const auto step = renamed(0, kernel.gridStride->getInc(), false);
    if (!init || !condition || !step) return std::nullopt;
    const auto start = init->back() == ';' ? *init : *init + ";";
    return out + "for (" + start + " " + *condition + "; " + *step + ") {\n" + body + "}\n";
  }

  std::optional<std::string> callText() const {
    const auto& launch = m_plan.launches.front();
    std::string configuration;
    for (const auto* part : {launch.grid, launch.block, launch.shared, launch.stream}) {
      if (!part) break;
      const auto text = m_text.of(part);
      if (text.empty()) return std::nullopt;
      configuration += (configuration.empty() ? "" : ", ") + text;
    }
    std::string arguments;
    for (const auto& shared : m_shared) {
      if (!shared.dead) arguments += (arguments.empty() ? "" : ", ") + shared.argument;
    }
    return m_name + "<<<" + configuration + ">>>(" + arguments + ");";
  }

  const CheckInput& m_in;
  const FusePlan& m_plan;
  const SourceText& m_text;
  std::vector<Shared> m_shared;
  size_t m_insertion = 0;
  std::string m_name;
  int m_before = 0, m_after = 0;
};

}  // namespace

FuseResult fuse(const CheckInput& in, const FusePlan& plan) { return Fuser(in, plan).run(); }

}  // namespace ridgeline::source
