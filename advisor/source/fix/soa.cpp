#include "advisor/source/fix/soa.h"

#include "advisor/source/model/pointers.h"

#include <algorithm>

namespace ridgeline::source {
namespace {

using namespace clang;

// Rewrites every use, or says which one stands in the way.
class Transformer {
 public:
  Transformer(const CheckInput& in, const RecordDecl* record)
      : m_in(in), m_text(in.file.text()), m_record(record->getDefinition() ? record->getDefinition() : record) {}

  SoaResult run() {
    auto why = whyNotPlain(m_in.file, m_record);
    if (why.empty()) why = gatherVariables();
    if (why.empty()) why = rewriteDefinition();
    for (const auto* variable : m_tracked) {
      if (why.empty()) why = rewriteVariable(variable);
    }
    if (why.empty()) why = checkEveryPlace();
    if (!why.empty()) return {std::nullopt, why};
    Fix fix;
    fix.title = fmt::format("keep each member of {} in an array of its own", m_record->getNameAsString());
    fix.edits = m_edits;
    for (const auto* variable : m_tracked) {
      if (const auto* function = dyn_cast<FunctionDecl>(variable->getDeclContext())) {
        fix.scopes.insert(qualifiedName(function));
      }
    }
    fix.scopes.insert("struct " + m_record->getNameAsString());
    return {fix, ""};
  }

 private:
  bool isTracked(const VarDecl* v) const {
    return std::any_of(m_tracked.begin(), m_tracked.end(),
                       [v](const VarDecl* t) { return t->getCanonicalDecl() == v->getCanonicalDecl(); });
  }

  std::string line(const Stmt* s) const {
    Finding place;
    m_text.place(s->getSourceRange(), place);
    return fmt::format("line {}", place.line);
  }

  std::string gatherVariables() {
    bool vectors = false, pointers = false;
    for (const auto* variable : m_in.file.variables()) {
      const auto* inVector = vectorElement(variable->getType());
      const auto* pointed = pointedRecord(variable->getType());
      if (inVector && inVector->getCanonicalDecl() == m_record->getCanonicalDecl())
        vectors = true;
      else if (pointed && pointed->getCanonicalDecl() == m_record->getCanonicalDecl())
        pointers = true;
      else
        continue;
      m_tracked.push_back(variable);
      if (const auto* parameter = dyn_cast<ParmVarDecl>(variable)) {
        const auto* function = dyn_cast<FunctionDecl>(parameter->getDeclContext());
        if (!function || function->isTemplated() || !m_in.file.allUsesSeen(function)) {
          return fmt::format("'{}' takes it, and who calls that is not all seen",
                             function ? function->getNameAsString() : "a function");
        }
        if (function->getPreviousDecl() || function->getMostRecentDecl() != function) {
          return fmt::format("'{}' is declared more than once", function->getNameAsString());
        }
        for (const auto* mention : m_in.file.mentions(function)) {
          const Stmt* up = m_in.file.parent(mention);
          while (up && isa<ImplicitCastExpr, ParenExpr>(up)) up = m_in.file.parent(up);
          const auto* call = dyn_cast_or_null<CallExpr>(up);
          if (!call || plain(call->getCallee()) != mention) return "the address of a function that takes it is taken";
        }
      }
    }
    if (m_tracked.empty()) return "no variable that holds the array is seen";
    if (vectors && pointers) return "the array is reached both as a std::vector and through pointers";
    m_vectors = vectors;
    m_name = m_text.freshName(m_record->getNameAsString() + "Arrays");
    return "";
  }

  std::string typeName(const FieldDecl* field) const {
    PrintingPolicy policy(m_in.file.context().getLangOpts());
    return field->getType().getUnqualifiedType().getAsString(policy);
  }

  std::string rewriteDefinition() {
    const auto span = m_text.span(m_record->getSourceRange());
    if (!span) return "its definition is written by a macro";
    // In C a pointer type is written with its struct; only C++ names are followed.
    if (m_in.file.language() == Language::C) return "C's struct names are not followed";
    std::string out = "struct " + m_name + " {\n";
    for (const auto* field : m_record->fields()) {
      out += m_vectors ? fmt::format("std::vector<{}> {};\n", typeName(field), field->getNameAsString())
                       : fmt::format("{}* {};\n", typeName(field), field->getNameAsString());
    }
    if (m_vectors) {
      std::string inits, resizes;
      for (const auto* field : m_record->fields()) {
        inits += fmt::format("{}{}(n)", inits.empty() ? "" : ", ", field->getNameAsString());
        resizes += fmt::format("{}.resize(n);\n", field->getNameAsString());
      }
      const auto first = m_record->field_begin()->getNameAsString();
      out += fmt::format("\n{0}() = default;\nexplicit {0}(std::size_t n) : {1} {{}}\n", m_name, inits);
      out += fmt::format("std::size_t size() const {{ return {}.size(); }}\n", first);
      out += "void resize(std::size_t n) {\n" + resizes + "}\n";
    }
    out += "}";
    m_edits.push_back(replace(*span, out));
    m_accounted.push_back(*span);
    return "";
  }

  std::string rewriteVariable(const VarDecl* variable) {
    if (auto why = rewriteType(variable); !why.empty()) return why;
    for (const auto* mention : m_in.file.mentions(variable)) {
      auto why = rewriteMention(variable, mention);
      if (!why.empty()) return why;
    }
    return "";
  }

  // `std::vector<R>& v` as `RArrays& v`, `const R* p` as `RArrays p`; initializers of pointers.
  std::string rewriteType(const VarDecl* variable) {
    const auto name = variable->getNameAsString();
    const auto begin = m_text.offset(variable->getTypeSpecStartLoc());
    const auto at = m_text.offset(variable->getLocation());
    if (!begin || !at || *at <= *begin) return "'" + name + "' is declared by a macro";
    const auto written = m_text.at({*begin, *at});
    if (written.find("auto") != std::string::npos) return "'" + name + "' is declared with auto";
    if (written.find(',') != std::string::npos) return "'" + name + "' is declared together with others";
    m_accounted.push_back({*begin, *at});
    const auto type = variable->getType();
    std::string by;
    if (m_vectors) {
      const bool isReference = type->isReferenceType();
      const bool isConst = type.getNonReferenceType().isConstQualified();
      by = std::string(isConst ? "const " : "") + m_name + (isReference ? "& " : " ");
      if (const auto* made = variable->hasInit() ? dyn_cast<CXXConstructExpr>(plain(variable->getInit())) : nullptr;
          made && !isReference) {
        unsigned given = 0;
        for (const auto* argument : made->arguments()) given += !isa<CXXDefaultArgExpr>(argument);
        if (given > 1 || (given == 1 && !made->getArg(0)->getType()->isIntegerType()) || made->isListInitialization()) {
          return "'" + name + "' is initialized with elements";
        }
      } else if (variable->hasInit() && !isReference && !isa<CXXConstructExpr>(plain(variable->getInit()))) {
        return "'" + name + "' is initialized from something else";
      }
    } else {
      by = m_name + " ";
      // const is an attribute of what begins the declaration; `static` and the like stand before it.
      if (auto why = rewriteInit(variable); !why.empty()) return why;
    }
    // "const R* p" begins with its const.
    size_t start = *begin;
    const auto before = m_text.at({m_text.lineOf(*begin).begin, *begin});
    const auto constant = before.rfind("const ");
    if (constant != std::string::npos && constant + 6 == before.size()) start -= 6;
    if (const auto* declared = dyn_cast_or_null<DeclStmt>(declaration(variable));
        declared && !declared->isSingleDecl()) {
      return "'" + name + "' is declared together with others";
    }
    m_edits.push_back(replace({start, *at}, by));
    return "";
  }

  const Stmt* declaration(const VarDecl* variable) const {
    const Stmt* found = nullptr;
    for (const auto& view : m_in.functions) {
      walk(view.facts.body, [&](const Stmt* s) {
        if (const auto* declared = dyn_cast<DeclStmt>(s)) {
          for (const auto* d : declared->decls()) {
            if (d == variable) found = s;
          }
        }
        return !found;
      });
    }
    return found;
  }

  std::string rewriteInit(const VarDecl* variable) {
    if (!variable->hasInit() || isa<ParmVarDecl>(variable)) return "";
    const auto name = variable->getNameAsString();
    const auto* init = variable->getInit();
    const auto* bare = plain(init);
    const auto at = m_text.offset(variable->getLocation());
    const auto span = m_text.span(init->getSourceRange());
    if (!at || !span) return "'" + name + "' is initialized by a macro";
    const Span whole{*at + name.size(), span->end};
    std::string by = "{";
    if (isa<CXXNullPtrLiteralExpr, GNUNullExpr>(bare) || m_in.file.constant(bare) == 0) {
      by = "{}";
    } else if (const auto* fresh = dyn_cast<CXXNewExpr>(bare);
               fresh && fresh->isArray() && fresh->getInitializationStyle() == CXXNewInitializationStyle::None) {
      const auto count = fresh->getArraySize() ? m_text.of(*fresh->getArraySize()) : "";
      if (count.empty()) return "'" + name + "' is initialized by a macro";
      for (const auto* field : m_record->fields())
        by += fmt::format("{}new {}[{}]", by.size() > 1 ? ", " : "", typeName(field), count);
      by += "}";
    } else {
      return "'" + name + "' is initialized from something else";
    }
    m_accounted.push_back(*span);
    m_edits.push_back(replace(whole, by));
    return "";
  }

  std::string rewriteMention(const VarDecl* variable, const DeclRefExpr* mention) {
    const auto name = variable->getNameAsString();
    const auto where = m_text.span(mention);
    if (!where) return "'" + name + "' is used by a macro in " + line(mention);
    const Stmt* inner = mention;
    const Stmt* up = m_in.file.parent(mention);
    while (up && isa<ParenExpr, CastExpr>(up)) {
      inner = up;
      up = m_in.file.parent(up);
    }
    if (const auto* at = dyn_cast_or_null<ArraySubscriptExpr>(up); at && at->getBase() == inner) {
      return rewriteElement(at, at->getIdx(), *where);
    }
    if (const auto* call = dyn_cast_or_null<CXXOperatorCallExpr>(up);
        call && call->getOperator() == OO_Subscript && call->getArg(0) == inner) {
      return rewriteElement(call, call->getArg(1), *where);
    }
    if (const auto* member = dyn_cast_or_null<MemberExpr>(up)) {
      const auto* method = dyn_cast<CXXMethodDecl>(member->getMemberDecl());
      const auto called = method && method->getIdentifier() ? method->getName() : "";
      if (m_vectors && called == "size") return "";
      const auto* call = dyn_cast_or_null<CXXMemberCallExpr>(m_in.file.parent(member));
      if (m_vectors && called == "resize" && call && call->getNumArgs() == 1) return "";
      return fmt::format("'{}' is used as a whole in {}", name, line(mention));
    }
    if (const auto* loop = dyn_cast_or_null<CXXForRangeStmt>(up)) return rewriteRange(loop, *where);
    if (const auto* call = dyn_cast_or_null<CallExpr>(up)) return rewriteCall(variable, call, inner);
    if (const auto* taken = dyn_cast_or_null<UnaryOperator>(up); taken && taken->getOpcode() == UO_AddrOf) {
      const Stmt* argument = taken;
      const Stmt* above = m_in.file.parent(taken);
      while (above && isa<ParenExpr, CastExpr>(above)) {
        argument = above;
        above = m_in.file.parent(above);
      }
      const auto* call = dyn_cast_or_null<CallExpr>(above);
      if (call && call->getArg(0) == argument && allocatesThroughArgument(calleeName(call))) {
        return perField(call, {{0, "&" + name + ".{}"}});
      }
    }
    if (const auto* removed = dyn_cast_or_null<CXXDeleteExpr>(up)) {
      const auto whole = m_text.statement(removed);
      if (!whole) return "'" + name + "' is used by a macro in " + line(mention);
      std::string out;
      for (const auto* field : m_record->fields()) {
        out += fmt::format("{}delete[] {}.{};", out.empty() ? "" : "\n", name, field->getNameAsString());
      }
      m_edits.push_back(replace(*whole, out));
      return "";
    }
    return fmt::format("'{}' is used as a whole in {}", name, line(mention));
  }

  // v[i].x as v.x[i].
  std::string rewriteElement(const Expr* element, const Expr* index, const Span& name) {
    const Stmt* up = m_in.file.parent(element);
    while (up && isa<ParenExpr, ImplicitCastExpr>(up)) up = m_in.file.parent(up);
    const auto* member = dyn_cast_or_null<MemberExpr>(up);
    if (!member || member->isArrow()) {
      if (const auto* declared = dyn_cast_or_null<DeclStmt>(up)) return rewriteReference(declared, index, name);
      return fmt::format("an element is used as a whole in {}", line(element));
    }
    const auto whole = m_text.span(member);
    const auto inside = m_text.span(index);
    if (!whole || !inside || whole->begin != name.begin) return "an element is used by a macro in " + line(element);
    const auto field = member->getMemberDecl()->getNameAsString();
    // Around the index, so that what is within it can be rewritten too.
    m_edits.push_back(replace({name.end, inside->begin}, "." + field + "["));
    m_edits.push_back(replace({inside->end, whole->end}, "]"));
    return "";
  }

  // R& p = v[i]; p.x as v.x[i], when i stays what it is.
  std::string rewriteReference(const DeclStmt* declared, const Expr* index, const Span& name) {
    const auto* alias = declared->isSingleDecl() ? dyn_cast<VarDecl>(declared->getSingleDecl()) : nullptr;
    if (!alias || !alias->getType()->isReferenceType()) {
      return fmt::format("an element is copied as a whole in {}", line(declared));
    }
    const auto* counter = namedVariable(index);
    bool steady = m_in.file.constant(index).has_value() || (counter && m_in.file.variable(counter).onlyInit());
    for (const auto* loop : m_in.file.loopsAround(declared)) {
      const auto& facts = counter ? m_in.file.variable(counter) : Variable{};
      if (counter && loop->counter == counter && facts.added.size() == 1 && facts.assigned.empty()) steady = true;
    }
    const auto removed = m_text.statementLine(declared);
    const auto inside = m_text.span(index);
    if (!steady || !removed || !inside)
      return fmt::format("the index of the element named in {} changes", line(declared));
    const auto text = m_text.at(name), at = m_text.at(*inside);
    const auto begin = m_text.offset(declared->getBeginLoc());
    if (begin) m_accounted.push_back(*removed);
    m_edits.push_back(replace(*removed, ""));
    return rewriteAlias(alias, text, at);
  }

  std::string rewriteAlias(const VarDecl* alias, const std::string& array, const std::string& index) {
    for (const auto* use : m_in.file.mentions(alias)) {
      const Stmt* up = m_in.file.parent(use);
      while (up && isa<ParenExpr, ImplicitCastExpr>(up)) up = m_in.file.parent(up);
      const auto* member = dyn_cast_or_null<MemberExpr>(up);
      const auto whole = member ? m_text.span(member) : std::nullopt;
      if (!member || !whole) return fmt::format("an element is used as a whole in {}", line(use));
      m_edits.push_back(replace(*whole, array + "." + member->getMemberDecl()->getNameAsString() + "[" + index + "]"));
    }
    return "";
  }

  // for (R& p : v) as a loop that counts.
  std::string rewriteRange(const CXXForRangeStmt* loop, const Span& name) {
    const auto* alias = loop->getLoopVariable();
    if (!m_vectors || !alias->getType()->isReferenceType() || loop->getInit()) {
      return fmt::format("elements are copied as a whole in {}", line(loop));
    }
    const auto begin = m_text.offset(loop->getForLoc());
    const auto end = m_text.offset(loop->getRParenLoc());
    if (!begin || !end) return "a loop is written by a macro";
    const auto array = m_text.at(name);
    const auto index = m_text.freshName("i");
    m_accounted.push_back({*begin, *end + 1});
    m_edits.push_back(
        replace({*begin, *end + 1}, fmt::format("for (std::size_t {0} = 0; {0} < {1}.size(); ++{0})", index, array)));
    return rewriteAlias(alias, array, index);
  }

  std::string rewriteCall(const VarDecl* variable, const CallExpr* call, const Stmt* argument) {
    const auto callee = calleeName(call);
    const auto name = variable->getNameAsString();
    if (callee == "cudaFree" || callee == "free" || callee == "cudaFreeHost")
      return perField(call, {{0, name + ".{}"}});
    if (callee == "cudaMemset" && call->getArg(0) == argument) return perField(call, {{0, name + ".{}"}});
    if (callee == "cudaMemcpy" || callee == "cudaMemcpyAsync") {
      const auto *to = namedVariable(call->getArg(0)), *from = namedVariable(call->getArg(1));
      if (!to || !from || !isTracked(to) || !isTracked(from)) {
        return fmt::format("the array is copied from or to something else in {}", line(call));
      }
      if (to != variable && to->getCanonicalDecl() != variable->getCanonicalDecl())
        return "";  // done for the other one
      return perField(call, {{0, to->getNameAsString() + ".{}"}, {1, from->getNameAsString() + ".{}"}});
    }
    const auto* function = call->getDirectCallee();
    const auto* facts = m_in.file.factsOf(function);
    for (unsigned i = 0; facts && i < call->getNumArgs() && i < facts->decl->getNumParams(); ++i) {
      if (call->getArg(i) == argument && isTracked(facts->decl->getParamDecl(i))) return "";
    }
    return fmt::format("'{}' is handed to {} in {}", name, callee.empty() ? "a function" : callee, line(call));
  }

  // One call for each member, with sizeof(R) as the member's size.
  std::string perField(const CallExpr* call, const std::vector<std::pair<unsigned, std::string>>& arguments) {
    const auto whole = m_text.statement(call);
    const Stmt* up = m_in.file.parent(call);
    while (up && isa<ImplicitCastExpr, ExprWithCleanups>(up)) up = m_in.file.parent(up);
    if (!whole || !isa_and_nonnull<CompoundStmt>(up)) return fmt::format("{}'s result is used", calleeName(call));
    const auto function = m_text.of(call->getCallee());
    std::string out;
    for (const auto* field : m_record->fields()) {
      std::string line = function + "(";
      for (unsigned i = 0; i < call->getNumArgs(); ++i) {
        const auto* argument = call->getArg(i);
        if (isa<CXXDefaultArgExpr>(argument)) break;
        const auto special =
            std::find_if(arguments.begin(), arguments.end(), [i](const auto& a) { return a.first == i; });
        auto text = special != arguments.end() ? fmt::format(fmt::runtime(special->second), field->getNameAsString())
                                               : argumentText(argument, field);
        if (text.empty()) return "a size is computed in a way that is not followed";
        line += (i == 0 ? "" : ", ") + text;
      }
      out += (out.empty() ? "" : "\n") + line + ");";
    }
    m_accounted.push_back(*whole);
    m_edits.push_back(replace(*whole, out));
    return "";
  }

  std::string argumentText(const Expr* argument, const FieldDecl* field) const {
    const auto span = m_text.span(argument);
    if (!span || firstBelow<CallExpr>(argument)) return "";
    std::vector<Edit> edits;
    bool fine = true;
    walk(argument, [&](const Stmt* s) {
      const auto* size = dyn_cast<UnaryExprOrTypeTraitExpr>(s);
      if (!size || size->getKind() != UETT_SizeOf) return true;
      const auto* record = size->getTypeOfArgument()->getAsRecordDecl();
      const auto where = m_text.span(size);
      fine = fine && where && record && record->getCanonicalDecl() == m_record->getCanonicalDecl();
      if (where) edits.push_back(replace(*where, "sizeof(" + typeName(field) + ")"));
      return false;
    });
    // A size in bytes that does not say what it counts is not taken apart.
    if (argument->getType()->isIntegerType() && !argument->getType()->isEnumeralType() && edits.empty() &&
        !m_in.file.constant(argument)) {
      return "";
    }
    return fine ? rewritten(m_text, *span, edits) : "";
  }

  // Whatever else names the type was not seen.
  std::string checkEveryPlace() const {
    for (const auto& place : identifierPlaces(m_in.file, m_record->getNameAsString())) {
      const bool known =
          std::any_of(m_accounted.begin(), m_accounted.end(), [&](const Span& span) { return span.contains(place); });
      if (known) continue;
      const auto before = m_text.all().substr(0, place.begin);
      return fmt::format("line {} uses {} in another way", 1 + std::count(before.begin(), before.end(), '\n'),
                         m_record->getNameAsString());
    }
    return "";
  }

  const CheckInput& m_in;
  const SourceText& m_text;
  const RecordDecl* m_record;
  std::vector<const VarDecl*> m_tracked;
  bool m_vectors = false;
  std::string m_name;
  std::vector<Edit> m_edits;
  std::vector<Span> m_accounted;
};

}  // namespace

SoaResult structOfArrays(const CheckInput& in, const RecordDecl* record) { return Transformer(in, record).run(); }

}  // namespace ridgeline::source
