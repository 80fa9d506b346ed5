#include "analyzers/diff/items.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

namespace ridgeline::analyzers {
namespace {

using Key = std::function<std::string(const DiffItem&)>;
constexpr char kSeparator = '\x1f';

std::map<std::string, std::vector<size_t>> openByKey(const std::vector<DiffItem>& items,
                                                     const std::vector<std::optional<size_t>>& partner,
                                                     const Key& key) {
  std::map<std::string, std::vector<size_t>> open;
  for (size_t i = 0; i < items.size(); ++i) {
    if (!partner[i]) open[key(items[i])].push_back(i);
  }
  return open;
}

class Matcher {
 public:
  Matcher(const std::vector<DiffItem>& a, const std::vector<DiffItem>& b)
      : m_a(a), m_b(b), m_partnerOfA(a.size()), m_partnerOfB(b.size()) {}

  void matchBy(const Key& key) {
    const auto inA = openByKey(m_a, m_partnerOfA, key);
    const auto inB = openByKey(m_b, m_partnerOfB, key);
    for (const auto& [text, ofA] : inA) {
      if (const auto it = inB.find(text); it != inB.end()) pairInOrder(ofA, it->second);
    }
  }

  std::vector<DiffMatch> matches() const {
    std::vector<DiffMatch> out;
    for (size_t i = 0; i < m_a.size(); ++i) out.push_back({i, m_partnerOfA[i]});
    for (size_t i = 0; i < m_b.size(); ++i) {
      if (!m_partnerOfB[i]) out.push_back({std::nullopt, i});
    }
    return out;
  }

 private:
  double placeOf(size_t index, size_t count) const {
    return (static_cast<double>(index) + 0.5) / static_cast<double>(count);
  }

  void pair(size_t a, size_t b) {
    m_partnerOfA[a] = b;
    m_partnerOfB[b] = a;
  }

  // Equal numbers pair one to one. Otherwise each of the fewer takes, in order, the one whose place in the run is
  // nearest to its own and leaves enough for those that follow.
  void pairInOrder(const std::vector<size_t>& ofA, const std::vector<size_t>& ofB) {
    const bool aIsFewer = ofA.size() <= ofB.size();
    const auto& few = aIsFewer ? ofA : ofB;
    const auto& many = aIsFewer ? ofB : ofA;
    const size_t fewTotal = aIsFewer ? m_a.size() : m_b.size(), manyTotal = aIsFewer ? m_b.size() : m_a.size();
    size_t next = 0;
    for (size_t i = 0; i < few.size(); ++i) {
      const size_t last = many.size() - (few.size() - i);
      const auto distance = [&](size_t m) {
        return std::fabs(placeOf(few[i], fewTotal) - placeOf(many[m], manyTotal));
      };
      size_t best = next;
      for (size_t m = next + 1; m <= last; ++m) {
        if (distance(m) < distance(best)) best = m;
      }
      aIsFewer ? pair(few[i], many[best]) : pair(many[best], few[i]);
      next = best + 1;
    }
  }

  const std::vector<DiffItem>&m_a, &m_b;
  std::vector<std::optional<size_t>> m_partnerOfA, m_partnerOfB;
};

}  // namespace

std::vector<DiffMatch> matchItems(const std::vector<DiffItem>& a, const std::vector<DiffItem>& b) {
  Matcher matcher(a, b);
  matcher.matchBy([](const DiffItem& i) { return i.name + kSeparator + i.type + kSeparator + i.shapes; });
  matcher.matchBy([](const DiffItem& i) { return i.name + kSeparator + i.type; });
  matcher.matchBy([](const DiffItem& i) { return i.type + kSeparator + i.shapes; });
  return matcher.matches();
}

}  // namespace ridgeline::analyzers
