// Index arithmetic as polynomials with integer coefficients over atoms: thread indices, loop counters, and whatever
// else an index is made of. Enough to ask "how far apart do neighbouring threads read?" of row * width + column.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ridgeline::source {

// What is not looked into further. The first ones are the launch's coordinates; the rest are handed out by Atoms.
using Atom = int;
enum : Atom {
  kTidX,
  kTidY,
  kTidZ,
  kBidX,
  kBidY,
  kBidZ,
  kBdimX,
  kBdimY,
  kBdimZ,
  kGdimX,
  kGdimY,
  kGdimZ,
  kFirstFreeAtom
};
inline bool isThreadAtom(Atom a) { return a <= kTidZ; }

class Poly {
 public:
  Poly() = default;  // zero
  static Poly constant(int64_t value);
  static Poly atom(Atom a);

  Poly operator+(const Poly& other) const;
  Poly operator-(const Poly& other) const;
  Poly operator*(const Poly& other) const;
  bool operator==(const Poly& other) const { return m_terms == other.m_terms; }

  std::optional<int64_t> asConstant() const;
  bool isZero() const { return m_terms.empty(); }
  bool has(Atom a) const;
  bool hasThread() const { return has(kTidX) || has(kTidY) || has(kTidZ); }
  // The factor of `a`: what one step of it adds. Nullopt when it occurs squared.
  std::optional<Poly> coefficient(Atom a) const;
  // What is left with `a` at zero.
  Poly without(Atom a) const;
  size_t size() const { return m_terms.size(); }
  std::vector<Atom> atoms() const;
  const std::map<std::vector<Atom>, int64_t>& terms() const { return m_terms; }

 private:
  void add(const std::vector<Atom>& monomial, int64_t factor);
  std::map<std::vector<Atom>, int64_t> m_terms;  // sorted monomial -> coefficient, none of them 0
};

// Hands out atoms for variables (by address) and expressions (by text), and knows their names.
class Atoms {
 public:
  Atom of(const void* declaration, const std::string& name);
  Atom ofText(const std::string& text);
  std::string nameOf(Atom a) const;
  std::string textOf(const Poly& poly) const;  // "4 * n + 1"

 private:
  Atom fresh(std::string name);
  std::map<const void*, Atom> m_byDeclaration;
  std::map<std::string, Atom> m_byText;
  std::vector<std::string> m_names;
};

}  // namespace ridgeline::source
