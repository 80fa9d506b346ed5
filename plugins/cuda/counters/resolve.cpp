#include "plugins/cuda/counters/resolve.h"

#include <algorithm>
#include <optional>

namespace ridgeline::cuda {
namespace {

std::string baseOf(const std::string& counter) { return counter.substr(0, counter.find('.')); }
std::string rollupOf(const std::string& counter) {
  const auto dot = counter.find('.');
  return dot == std::string::npos ? "" : counter.substr(dot);
}

bool fits(std::string_view pattern, std::string_view text) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (text.substr(0, star) != pattern.substr(0, star)) return false;
  const auto rest = pattern.substr(star + 1);
  for (size_t at = star; at <= text.size(); ++at) {
    if (fits(rest, text.substr(at))) return true;
  }
  return false;
}

std::vector<std::string> matching(const std::vector<std::string>& patterns, const std::set<std::string>& base) {
  std::vector<std::string> found;
  const auto anyFits = [&](const std::string& counter, bool excluding) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& p) {
      return (p[0] == '!') == excluding && fits(excluding ? std::string_view(p).substr(1) : p, counter);
    });
  };
  const auto first = std::find_if(patterns.begin(), patterns.end(), [](const auto& p) { return p[0] != '!'; });
  if (first == patterns.end()) return found;
  const auto rollup = rollupOf(*first);
  for (const auto& name : base) {
    const auto counter = name + rollup;
    if (anyFits(counter, false) && !anyFits(counter, true)) found.push_back(counter);
  }
  return found;
}

class Resolver {
 public:
  Resolver(const std::set<std::string>& base, ResolvedCounters& out) : m_base(base), m_out(out) {}

  void add(const Metric& metric) {
    if (isThere(metric.name)) return;
    ResolvedMetric resolved{metric.name, metric.unit, metric.description, {}};
    std::vector<std::pair<double, std::string>> parts;
    for (const auto& term : metric.terms) {
      if (term.kind == MetricTerm::Kind::Every) {
        for (auto& counter : matching(term.counters, m_base)) parts.emplace_back(term.factor, std::move(counter));
      } else if (m_base.count(baseOf(term.counters[0])) != 0) {
        parts.emplace_back(term.factor, term.counters[0]);
      } else if (term.kind == MetricTerm::Kind::Needed) {
        parts.clear();
        break;
      }
    }
    if (parts.empty()) {
      if (std::find(m_out.missing.begin(), m_out.missing.end(), metric.name) == m_out.missing.end())
        m_out.missing.push_back(metric.name);
      return;
    }
    for (const auto& [factor, counter] : parts) resolved.parts.push_back({factor, indexOf(counter)});
    m_out.metrics.push_back(std::move(resolved));
  }

  void addRaw(const std::string& counter) {
    if (isThere(counter)) return;
    m_out.metrics.push_back({counter, "1", "CUPTI's own", {{1, indexOf(counter)}}});
  }

 private:
  bool isThere(const std::string& name) const {
    return std::any_of(m_out.metrics.begin(), m_out.metrics.end(), [&](const auto& m) { return m.name == name; });
  }
  size_t indexOf(const std::string& counter) {
    auto& all = m_out.counters;
    const auto found = std::find(all.begin(), all.end(), counter);
    if (found != all.end()) return static_cast<size_t>(found - all.begin());
    all.push_back(counter);
    return all.size() - 1;
  }

  const std::set<std::string>& m_base;
  ResolvedCounters& m_out;
};

}  // namespace

double ResolvedMetric::value(const std::vector<double>& counters) const {
  double sum = 0;
  for (const auto& part : parts) sum += part.factor * counters[part.counter];
  return sum;
}

bool resolveCounters(const MetricCatalog& catalog, const std::vector<std::string>& requested,
                     const std::set<std::string>& base, ResolvedCounters& out, std::string& why) {
  out = {};
  Resolver resolver(base, out);
  for (const auto& name : requested) {
    if (const auto* set = catalog.set(name)) {
      for (const auto& member : set->metrics) resolver.add(*catalog.metric(member));
    } else if (const auto* metric = catalog.metric(name)) {
      resolver.add(*metric);
    } else if (base.count(baseOf(name)) != 0 && !rollupOf(name).empty()) {
      resolver.addRaw(name);
    } else {
      why = "there is no counter " + name + " on this chip; `ridgeline plugin list` shows the sets and metrics, and " +
            "CUPTI's own need a way to be taken together, as in dram__bytes.sum";
      return false;
    }
  }
  if (!out.metrics.empty()) return true;
  why = "this chip has none of the counters that were asked for";
  return false;
}

}  // namespace ridgeline::cuda
