#include "plugins/cuda/counters/metric_files.h"

#include <algorithm>
#include <sstream>

namespace ridgeline::cuda {
namespace {

template <class Item>
const Item* named(const std::vector<Item>& items, std::string_view name) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const Item& i) { return i.name == name; });
  return found == items.end() ? nullptr : &*found;
}

class MetricFileReader {
 public:
  explicit MetricFileReader(MetricCatalog& catalog) : m_catalog(catalog) {}

  // What is wrong with it; empty: nothing.
  std::string line(const std::string& text) {
    std::istringstream words(text);
    std::string word;
    if (!(words >> word) || word[0] == '#') return {};
    if (word == "metric") return metric(words);
    if (word == "set") return set(words);
    if (word == "say" && m_in != In::Nothing) {
      auto& description = m_in == In::Metric ? m_catalog.metrics.back().description : m_catalog.sets.back().description;
      std::getline(words >> std::ws, description);
      return {};
    }
    if (m_in == In::Set && word == "has") return has(words);
    if (m_in != In::Metric) return "'" + word + "' is not expected here";
    if (word == "term") return term(words, MetricTerm::Kind::Needed);
    if (word == "maybe") return term(words, MetricTerm::Kind::Maybe);
    if (word == "every") return term(words, MetricTerm::Kind::Every);
    if (word == "of") return of(words);
    return "'" + word + "' is not expected here";
  }

 private:
  enum class In { Nothing, Metric, Set };

  std::string metric(std::istringstream& words) {
    Metric made;
    if (!(words >> made.name >> made.unit) || made.unit.rfind("unit=", 0) != 0)
      return "metric NAME unit=UNIT is not whole";
    made.unit.erase(0, 5);
    if (m_catalog.metric(made.name)) return "there is a metric " + made.name + " already";
    m_catalog.metrics.push_back(std::move(made));
    m_in = In::Metric;
    return {};
  }
  std::string set(std::istringstream& words) {
    MetricSet made;
    if (!(words >> made.name)) return "set NAME is not whole";
    if (m_catalog.set(made.name) || m_catalog.metric(made.name)) return "there is a " + made.name + " already";
    m_catalog.sets.push_back(std::move(made));
    m_in = In::Set;
    return {};
  }
  std::string term(std::istringstream& words, MetricTerm::Kind kind) {
    MetricTerm made{kind, 0, {}};
    if (!(words >> made.factor)) return "a factor is missing";
    for (std::string counter; words >> counter;) made.counters.push_back(counter);
    if (made.counters.empty()) return "a counter is missing";
    if (kind != MetricTerm::Kind::Every && made.counters.size() > 1) return "one counter a line";
    m_catalog.metrics.back().terms.push_back(std::move(made));
    return {};
  }
  std::string of(std::istringstream& words) {
    std::string name;
    words >> name;
    const auto* other = m_catalog.metric(name);
    if (!other || other == &m_catalog.metrics.back()) return "there is no metric '" + name + "' before this line";
    const auto terms = other->terms;
    auto& own = m_catalog.metrics.back().terms;
    own.insert(own.end(), terms.begin(), terms.end());
    return {};
  }
  std::string has(std::istringstream& words) {
    for (std::string name; words >> name;) {
      if (!m_catalog.metric(name)) return "there is no metric '" + name + "'";
      m_catalog.sets.back().metrics.push_back(name);
    }
    return {};
  }

  MetricCatalog& m_catalog;
  In m_in = In::Nothing;
};

}  // namespace

const Metric* MetricCatalog::metric(std::string_view name) const { return named(metrics, name); }
const MetricSet* MetricCatalog::set(std::string_view name) const { return named(sets, name); }

bool readMetricFile(std::string_view file, MetricCatalog& catalog, std::string& why) {
  MetricFileReader reader(catalog);
  std::istringstream lines{std::string(file)};
  int number = 0;
  for (std::string text; std::getline(lines, text);) {
    ++number;
    const auto wrong = reader.line(text);
    if (wrong.empty()) continue;
    why = "line " + std::to_string(number) + ": " + wrong;
    return false;
  }
  return true;
}

const MetricCatalog& metricCatalog() {
  static const MetricCatalog catalog = [] {
    MetricCatalog made;
    std::string why;
    for (const auto file : metricFiles()) readMetricFile(file, made, why);  // a test reads every file
    return made;
  }();
  return catalog;
}

}  // namespace ridgeline::cuda
