// Addresses as polynomials over thread indices and loop counters.
#pragma once

#include "advisor/source/model/facts.h"
#include "advisor/source/model/poly.h"

#include <map>
#include <optional>
#include <set>

namespace ridgeline::source {

enum class Space { Global, Shared, Constant, Private, Host, Unknown };

// Where an lvalue lies: a variable (a pointer, an array, a container), and how many bytes from its start.
struct Address {
  const clang::ValueDecl* root = nullptr;
  std::optional<Poly> bytes;                // nullopt: not known
  const clang::FieldDecl* field = nullptr;  // the outermost record's field, for p[i].x
  unsigned recordBytes = 0;                 // of that record
  const clang::Expr* element = nullptr;     // p[i] of p[i].x; the expression itself where there is no field
  Space space = Space::Unknown;
  std::optional<std::vector<Poly>> subscripts;  // of an array variable, outermost first
};

class IndexReader {
 public:
  IndexReader(const FileFacts& file, const FunctionFacts& function, Atoms& atoms);

  // Nullopt: depends on the thread (or, on the host, on a loop) in a way that is not followed.
  std::optional<Poly> value(const clang::Expr* e);
  // Of an lvalue that lies in memory; root is nullptr for what is not followed.
  Address address(const clang::Expr* lvalue);
  // True when all threads of a block have the same value.
  bool isUniform(const clang::Expr* e);
  // The atom of a for loop's counter.
  Atom counterAtom(const clang::VarDecl* counter) {
    return m_atoms.of(counter->getCanonicalDecl(), counter->getName().str());
  }
  // Of what a type takes; templates' own parameters count as 4, which `assumed` then tells.
  unsigned sizeOf(clang::QualType type, bool* assumed = nullptr) const;

 private:
  std::optional<Poly> variableValue(const clang::VarDecl* decl);
  std::optional<Poly> computeVariable(const clang::VarDecl* decl);
  const Loop* onlyCounts(const clang::VarDecl* decl, int& loops) const;
  bool movesAlike(const clang::VarDecl* decl, const clang::Expr* by);
  std::optional<Poly> binaryValue(const clang::BinaryOperator* op);
  std::optional<Poly> divided(const clang::BinaryOperator* op, const Poly& dividend);
  std::optional<Poly> callValue(const clang::CallExpr* call);
  std::optional<Poly> coordinate(const clang::Expr* e) const;
  std::optional<Poly> opaque(const clang::Expr* e);
  Address pointer(const clang::Expr* e);
  Address pointerVariable(const clang::VarDecl* decl);
  Address subscript(const clang::ArraySubscriptExpr* e);
  Address overloaded(const clang::CXXOperatorCallExpr* e);
  Address shifted(Address base, const clang::Expr* index, clang::QualType element, int sign);
  Space spaceOf(const clang::ValueDecl* root) const;
  bool computeUniform(const clang::Expr* e);

  const FileFacts& m_file;
  const FunctionFacts& m_function;
  Atoms& m_atoms;
  std::map<const clang::VarDecl*, std::optional<Poly>> m_values;
  std::set<const clang::VarDecl*> m_busy;
  std::map<const clang::VarDecl*, bool> m_uniform;
  std::map<const clang::VarDecl*, const Loop*> m_counters;
};

}  // namespace ridgeline::source
