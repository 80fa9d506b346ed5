// What the checks want to know of a file, gathered once: its functions, their loops, variables and launches.
#pragma once

#include "advisor/source/model/source_text.h"
#include "advisor/source/model/walk.h"
#include "advisor/source/read/parse.h"

#include <memory>
#include <unordered_map>
#include <vector>

namespace ridgeline::source {

// How a variable gets its values.
struct Variable {
  const clang::VarDecl* decl = nullptr;
  std::vector<const clang::DeclRefExpr*> uses;
  std::vector<const clang::Expr*> assigned;  // right-hand sides of plain assignments
  std::vector<const clang::Expr*> added;     // of += and -= (for ++ and --: the expression itself)
  std::vector<const clang::Expr*> scaled;    // of *=, <<= and the like
  bool otherwiseChanged = false;             // address taken, bound to a reference
  bool onlyInit() const { return assigned.empty() && added.empty() && scaled.empty() && !otherwiseChanged; }
};

struct Loop {
  const clang::Stmt* stmt = nullptr;
  const clang::Stmt* body = nullptr;
  // Of a for loop that counts: `for (int i = init; i < bound; i += step)`. Nullptr where it is not of that form.
  const clang::VarDecl* counter = nullptr;
  bool declaresCounter = true;  // false: `for (i = init; ...)`
  const clang::Expr* init = nullptr;
  const clang::Expr* bound = nullptr;
  clang::BinaryOperatorKind compare = clang::BO_LT;
  const clang::Expr* step = nullptr;  // nullptr for ++ and --
  int direction = 1;
  int outer = -1;  // index of the loop around it
};

struct Launch {
  const clang::CUDAKernelCallExpr* call = nullptr;
  const clang::FunctionDecl* kernel = nullptr;  // may be unknown
  std::string name;
  const clang::Expr *grid = nullptr, *block = nullptr, *shared = nullptr, *stream = nullptr;
};

struct FunctionFacts {
  const clang::FunctionDecl* decl = nullptr;
  const clang::Stmt* body = nullptr;
  std::string name;
  bool isKernel = false, isDevice = false;  // kernels are both
  bool inPart = false;                      // some expressions in it could not be read
  std::vector<Loop> loops;                  // outer before inner
  std::vector<Launch> launches;
};

class FileFacts {
 public:
  FileFacts(const ParsedFile& parsed, Language language);

  const clang::ASTContext& context() const { return m_context; }
  const SourceText& text() const { return m_text; }
  Language language() const { return m_language; }
  const std::vector<std::unique_ptr<FunctionFacts>>& functions() const { return m_functions; }
  const FunctionFacts* factsOf(const clang::FunctionDecl* decl) const;
  // The node around `s` as written; nullptr at the top of a function.
  const clang::Stmt* parent(const clang::Stmt* s) const;
  const FunctionFacts* functionAround(const clang::Stmt* s) const;
  // The loops around `s`, from inside outwards.
  std::vector<const Loop*> loopsAround(const clang::Stmt* s) const;
  // Empty facts for variables of other files.
  const Variable& variable(const clang::VarDecl* decl) const;
  // Every mention of a function, record or variable within the file's functions and initializers.
  const std::vector<const clang::DeclRefExpr*>& mentions(const clang::ValueDecl* decl) const;
  const std::vector<const clang::VarDecl*>& variables() const { return m_allVariables; }
  const std::vector<const clang::RecordDecl*>& records() const { return m_records; }
  // True when nothing outside this file can call or name it: internal linkage, or a whole program in one file.
  bool allUsesSeen(const clang::FunctionDecl* decl) const;
  bool hasMain() const { return m_hasMain; }
  std::vector<Launch> launchesOf(const clang::FunctionDecl* kernel) const;
  int errors() const { return m_errors; }
  // A constant, as far as it is known without knowing templates' arguments.
  std::optional<int64_t> constant(const clang::Expr* e) const;

 private:
  void visit(const clang::Decl* decl);
  void visitFunction(const clang::FunctionDecl* decl);
  void visitBody(FunctionFacts& facts, const clang::Stmt* s, const clang::Stmt* parent, int loop);
  void visitVariable(const clang::VarDecl* decl);
  void noteUse(const clang::DeclRefExpr* use);
  void classifyUses();

  const clang::ASTContext& m_context;
  SourceText m_text;
  Language m_language;
  int m_errors = 0;
  bool m_hasMain = false;
  std::vector<std::unique_ptr<FunctionFacts>> m_functions;
  std::unordered_map<const clang::Stmt*, const clang::Stmt*> m_parents;
  std::unordered_map<const clang::Stmt*, int> m_loopOf;  // innermost loop in whose function's list
  std::unordered_map<const clang::Stmt*, const FunctionFacts*> m_functionOf;
  std::unordered_map<const clang::Decl*, Variable> m_variables;
  std::unordered_map<const clang::Decl*, std::vector<const clang::DeclRefExpr*>> m_mentions;
  std::vector<const clang::VarDecl*> m_allVariables;
  std::vector<const clang::RecordDecl*> m_records;
};

// Recognizes a counting loop; `loop.counter` stays empty where it is not one.
void describeCounting(const clang::ForStmt* loop, Loop& facts);

}  // namespace ridgeline::source
