#include "plugins/cpu/plugin/event_files.h"

#include "plugins/cpu/detect/system_files.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace ridgeline::cpu {
namespace {

// "16-31,96" or "0xd40": whether `number` is among them.
Result<bool> contains(std::string_view list, int number) {
  bool found = false;
  std::istringstream parts{std::string(list)};
  for (std::string part; std::getline(parts, part, ',');) {
    char* end = nullptr;
    const long first = std::strtol(part.c_str(), &end, 0);
    long last = first;
    if (end != part.c_str() && *end == '-') last = std::strtol(end + 1, &end, 0);
    if (end == part.c_str() || *end != 0 || last < first)
      return badInput(fmt::format("'{}' is no list of numbers", list));
    found = found || (number >= first && number <= last);
  }
  return found;
}

Result<bool> fits(const ProcessorIdentity& processor, std::istringstream& conditions) {
  bool all = true;
  for (std::string condition; conditions >> condition;) {
    const auto equals = condition.find('=');
    if (equals == std::string::npos) return badInput(fmt::format("'{}' is not KEY=VALUE", condition));
    const auto key = condition.substr(0, equals), value = condition.substr(equals + 1);
    Result<bool> one = true;
    if (key == "vendor") {
      one = processor.vendor == value;
    } else if (key == "family") {
      one = contains(value, processor.family);
    } else if (key == "models") {
      one = contains(value, processor.model);
    } else if (key == "implementer") {
      one = contains(value, processor.implementer);
    } else if (key == "parts") {
      one = contains(value, processor.part);
    } else if (key != "vector_bits") {  // said for the reader: it is why the factors differ
      return badInput(fmt::format("there is no condition '{}'", key));
    }
    if (!one) return one;
    all = all && *one;
  }
  return all;
}

class EventFileReader {
 public:
  explicit EventFileReader(const ProcessorIdentity& processor) : m_processor(processor) {}

  Status line(const std::string& text) {
    std::istringstream words(text);
    std::string word;
    if (!(words >> word) || word[0] == '#') return {};
    if (word == "match") return match(words);
    if (word == "metric") return metric(words);
    if (word == "say" && m_described) {
      if (m_wanted) std::getline(words >> std::ws, m_metrics.back().description);
      return {};
    }
    if (word == "term" && m_described) return term(words);
    return badInput(fmt::format("'{}' is not expected here", word));
  }
  std::vector<Metric> take() { return std::move(m_metrics); }

 private:
  Status match(std::istringstream& words) {
    if (m_described) m_wanted = false;  // a new group of metrics begins
    m_described = false;
    auto fitting = fits(m_processor, words);
    if (!fitting) return passOn(fitting);
    m_wanted = m_wanted || *fitting;
    m_matched = true;
    return {};
  }
  Status metric(std::istringstream& words) {
    Metric made;
    std::string unit;
    if (!m_matched || !(words >> made.name >> unit) || !unit.starts_with("unit="))
      return badInput("metric NAME unit=UNIT is not whole");
    made.unit = unit.substr(5);
    m_described = true;
    if (m_wanted) m_metrics.push_back(std::move(made));
    return {};
  }
  Status term(std::istringstream& words) {
    Metric::Term made;
    if (!(words >> made.factor >> made.event)) return badInput("term FACTOR EVENT is not whole");
    if (m_wanted) m_metrics.back().terms.push_back(std::move(made));
    return {};
  }

  const ProcessorIdentity& m_processor;
  bool m_wanted = false, m_matched = false, m_described = false;
  std::vector<Metric> m_metrics;
};

int numberOf(const std::map<std::string, std::string>& values, const char* key) {
  const auto found = values.find(key);
  return found == values.end() ? -1 : static_cast<int>(std::strtol(found->second.c_str(), nullptr, 0));
}

}  // namespace

ProcessorIdentity identityOf(std::string_view cpuinfo) {
  const auto values = parseKeyValues(cpuinfo);
  const auto vendor = values.find("vendor_id");
  return {vendor == values.end() ? "" : vendor->second, numberOf(values, "cpu family"), numberOf(values, "model"),
          numberOf(values, "CPU implementer"), numberOf(values, "CPU part")};
}

Result<std::vector<Metric>> metricsFor(const ProcessorIdentity& processor, std::string_view file) {
  EventFileReader reader(processor);
  std::istringstream lines{std::string(file)};
  int number = 0;
  for (std::string text; std::getline(lines, text);) {
    ++number;
    if (auto read = reader.line(text); !read) return badInput(fmt::format("line {}: {}", number, read.error().message));
  }
  return reader.take();
}

std::vector<Metric> knownMetrics(const ProcessorIdentity& processor) {
  std::vector<Metric> all;
  for (const auto& [name, content] : eventFiles()) {
    auto metrics = metricsFor(processor, content);
    if (!metrics) continue;  // a test reads every file
    for (auto& metric : *metrics) {
      const auto same = [&](const Metric& m) { return m.name == metric.name; };
      if (std::none_of(all.begin(), all.end(), same)) all.push_back(std::move(metric));
    }
  }
  return all;
}

}  // namespace ridgeline::cpu
