#include "advisor/source/model/poly.h"

#include <algorithm>

namespace ridgeline::source {
namespace {

// Index arithmetic of real programs does not overflow; what does, wraps, and is only used to describe.
int64_t wrapAdd(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
int64_t wrapMul(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

}  // namespace

Poly Poly::constant(int64_t value) {
  Poly p;
  p.add({}, value);
  return p;
}

Poly Poly::atom(Atom a) {
  Poly p;
  p.add({a}, 1);
  return p;
}

void Poly::add(const std::vector<Atom>& monomial, int64_t factor) {
  if (factor == 0) return;
  const auto [at, isNew] = m_terms.try_emplace(monomial, factor);
  if (isNew) return;
  at->second = wrapAdd(at->second, factor);
  if (at->second == 0) m_terms.erase(at);
}

Poly Poly::operator+(const Poly& other) const {
  Poly sum = *this;
  for (const auto& [monomial, factor] : other.m_terms) sum.add(monomial, factor);
  return sum;
}

Poly Poly::operator-(const Poly& other) const {
  Poly difference = *this;
  for (const auto& [monomial, factor] : other.m_terms) difference.add(monomial, wrapMul(factor, -1));
  return difference;
}

Poly Poly::operator*(const Poly& other) const {
  Poly product;
  for (const auto& [a, fa] : m_terms) {
    for (const auto& [b, fb] : other.m_terms) {
      std::vector<Atom> both = a;
      both.insert(both.end(), b.begin(), b.end());
      std::sort(both.begin(), both.end());
      product.add(both, wrapMul(fa, fb));
    }
  }
  return product;
}

std::optional<int64_t> Poly::asConstant() const {
  if (m_terms.empty()) return 0;
  if (m_terms.size() == 1 && m_terms.begin()->first.empty()) return m_terms.begin()->second;
  return std::nullopt;
}

bool Poly::has(Atom a) const {
  return std::any_of(m_terms.begin(), m_terms.end(), [a](const auto& term) {
    return std::find(term.first.begin(), term.first.end(), a) != term.first.end();
  });
}

std::optional<Poly> Poly::coefficient(Atom a) const {
  Poly factorOf;
  for (const auto& [monomial, factor] : m_terms) {
    const auto times = std::count(monomial.begin(), monomial.end(), a);
    if (times == 0) continue;
    if (times > 1) return std::nullopt;
    auto rest = monomial;
    rest.erase(std::find(rest.begin(), rest.end(), a));
    factorOf.add(rest, factor);
  }
  return factorOf;
}

Poly Poly::without(Atom a) const {
  Poly rest;
  for (const auto& [monomial, factor] : m_terms) {
    if (std::find(monomial.begin(), monomial.end(), a) == monomial.end()) rest.add(monomial, factor);
  }
  return rest;
}

std::vector<Atom> Poly::atoms() const {
  std::vector<Atom> all;
  for (const auto& [monomial, factor] : m_terms) all.insert(all.end(), monomial.begin(), monomial.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

Atom Atoms::fresh(std::string name) {
  m_names.push_back(std::move(name));
  return kFirstFreeAtom + static_cast<Atom>(m_names.size()) - 1;
}

Atom Atoms::of(const void* declaration, const std::string& name) {
  const auto at = m_byDeclaration.find(declaration);
  return at != m_byDeclaration.end() ? at->second : m_byDeclaration[declaration] = fresh(name);
}

Atom Atoms::ofText(const std::string& text) {
  const auto at = m_byText.find(text);
  return at != m_byText.end() ? at->second : m_byText[text] = fresh(text);
}

std::string Atoms::nameOf(Atom a) const {
  static const char* const kNames[] = {"threadIdx.x", "threadIdx.y", "threadIdx.z", "blockIdx.x",
                                       "blockIdx.y",  "blockIdx.z",  "blockDim.x",  "blockDim.y",
                                       "blockDim.z",  "gridDim.x",   "gridDim.y",   "gridDim.z"};
  return a < kFirstFreeAtom ? kNames[a] : m_names[static_cast<size_t>(a - kFirstFreeAtom)];
}

std::string Atoms::textOf(const Poly& poly) const {
  std::string text;
  for (const auto& [monomial, factor] : poly.terms()) {
    if (!text.empty()) text += factor < 0 ? " - " : " + ";
    const auto shown = !text.empty() && factor < 0 ? -factor : factor;
    std::string product;
    if (shown != 1 || monomial.empty()) product = std::to_string(shown);
    for (const auto a : monomial) product += (product.empty() ? "" : " * ") + nameOf(a);
    text += product;
  }
  return text.empty() ? "0" : text;
}

}  // namespace ridgeline::source
