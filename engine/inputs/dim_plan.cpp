#include "engine/inputs/dim_plan.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace ridgeline::engine {
namespace {

// Small ones first: sequences, then image sides, then audio windows and a second of audio at 16 kHz.
constexpr int64_t kSizes[] = {2, 4, 8, 16, 32, 64, 80, 128, 160, 224, 256, 512, 576};
constexpr int64_t kAudioSizes[] = {1024, 16000};
constexpr int64_t kLargestSize = int64_t{1} << 40;  // a sum of a few of them does not overflow

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// Exporters write "?" and "None" for dims they know nothing of; two of those need not be the same.
bool isName(std::string_view symbol) { return !symbol.empty() && symbol != "?" && symbol != "None"; }

std::string keyOf(const PortInfo& port, size_t axis) {
  return isName(port.symbols[axis]) ? port.symbols[axis] : fmt::format("{}#{}", port.name, axis);
}

bool isBatch(const std::string& symbol, size_t axis) {
  if (axis != 0) return has(symbol, "batch");
  return !isName(symbol) || has(symbol, "batch") || symbol == "N" || symbol == "n" || symbol == "B" || symbol == "b";
}

bool isFloat(graph::DataType type) { return graph::isFloating(type); }

std::vector<std::string> termsOf(const std::string& expression) {
  std::vector<std::string> terms;
  size_t begin = 0;
  while (begin <= expression.size()) {
    const size_t plus = std::min(expression.find('+', begin), expression.size());
    auto term = expression.substr(begin, plus - begin);
    term.erase(0, term.find_first_not_of(' '));
    term.erase(term.find_last_not_of(' ') + 1);
    terms.push_back(term);
    begin = plus + 1;
  }
  return terms;
}

bool parseNumber(const std::string& text, int64_t& value) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = !text.empty() && parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  value = std::clamp<int64_t>(value, 0, kLargestSize);
  return whole;
}

}  // namespace

DimPlan::DimPlan(const std::vector<PortInfo>& ports, const ShapeRequest& request) : m_request(request) {
  addGiven(ports, request);
  for (const auto& port : ports) {
    for (const auto& symbol : port.symbols) {
      if (m_past.empty() && has(symbol, "past") && !has(symbol, "+") && !has(symbol, "total")) m_past = symbol;
      if (m_new.empty() && has(symbol, "seq") && !has(symbol, "past") && !has(symbol, "+") && !has(symbol, "total")) {
        m_new = symbol;
      }
    }
  }
  std::set<std::string> seen;
  for (const auto& port : ports) {
    if (request.inputs.contains(port.name)) continue;
    for (size_t axis = 0; axis < port.dims.size(); ++axis) {
      if (port.dims[axis] >= 0) continue;
      const auto key = keyOf(port, axis);
      if (m_given.contains(key) || !seen.insert(key).second) continue;
      if (isDerived(key)) {
        m_derivedOf[key] = port.name;
        continue;
      }
      const bool audio = isFloat(port.type) && port.dims.size() <= 2 && axis + 1 == port.dims.size();
      m_free.push_back({key, port.name, axis, isName(port.symbols[axis]), isBatch(port.symbols[axis], axis), audio});
    }
  }
}

void DimPlan::addGiven(const std::vector<PortInfo>& ports, const ShapeRequest& request) {
  m_given = request.symbols;
  for (const auto& port : ports) {
    const auto given = request.inputs.find(port.name);
    if (given == request.inputs.end() || given->second.size() != port.dims.size()) continue;
    for (size_t axis = 0; axis < port.dims.size(); ++axis) {
      if (port.dims[axis] < 0) m_given.emplace(keyOf(port, axis), given->second[axis]);
    }
  }
}

// "past + seq", or a total length in a decoder that has both of its parts.
bool DimPlan::isDerived(const std::string& key) const {
  if (has(key, "#") || key == m_past || key == m_new) return false;
  if (has(key, "+")) return true;
  return !m_past.empty() && !m_new.empty() && (has(key, "total") || has(key, "mask"));
}

bool DimPlan::derive(const std::string& key, const Sizes& sizes, int64_t& size) const {
  if (!isDerived(key)) return false;
  const auto terms = has(key, "+") ? termsOf(key) : std::vector<std::string>{m_past, m_new};
  size = 0;
  for (const auto& term : terms) {
    int64_t value = 0;
    if (!parseNumber(term, value)) value = has(term, "+") || term == key ? 1 : sizeOf(term, sizes);
    size = std::clamp<int64_t>(size + value, 0, kLargestSize);
  }
  return true;
}

int64_t DimPlan::sizeOf(const std::string& key, const Sizes& sizes) const {
  if (const auto given = m_given.find(key); given != m_given.end()) return given->second;
  if (const auto chosen = sizes.find(key); chosen != sizes.end()) return chosen->second;
  int64_t size = 1;
  derive(key, sizes, size);
  return size;
}

std::vector<Sizes> DimPlan::candidates() const {
  std::vector<Sizes> all(1);
  for (const auto& free : m_free) all.front()[free.key] = 1;
  const Sizes ones = all.front();
  const auto add = [&](Sizes sizes) {
    if (std::find(all.begin(), all.end(), sizes) == all.end()) all.push_back(std::move(sizes));
  };
  const auto tryEverywhere = [&](int64_t size, bool audioOnly) {
    Sizes sizes = ones;
    for (const auto& free : m_free) {
      if (!free.batch && (free.audio || !audioOnly)) sizes[free.key] = size;
    }
    add(std::move(sizes));
  };
  const auto tryAlone = [&](const Free& free, int64_t size) {
    Sizes sizes = ones;
    sizes[free.key] = size;
    add(std::move(sizes));
  };
  for (const int64_t size : kSizes) tryEverywhere(size, false);
  for (const int64_t size : kAudioSizes) tryEverywhere(size, true);
  for (const auto& free : m_free) {
    for (const int64_t size : kSizes) tryAlone(free, size);
    if (!free.audio) continue;
    for (const int64_t size : kAudioSizes) tryAlone(free, size);
  }
  return all;
}

graph::Dims DimPlan::dimsOf(const PortInfo& port, const Sizes& sizes) const {
  if (const auto given = m_request.inputs.find(port.name); given != m_request.inputs.end()) return given->second;
  graph::Dims dims = port.dims;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    if (dims[axis] < 0) dims[axis] = sizeOf(keyOf(port, axis), sizes);
  }
  return dims;
}

std::vector<std::string> DimPlan::notes(const Sizes& sizes) const {
  std::vector<std::string> lines;
  for (const auto& free : m_free) {
    const auto size = sizeOf(free.key, sizes);
    const auto option = free.named ? free.key + "=N" : free.input + "=AxBx...";
    lines.push_back(
        free.named
            ? fmt::format("dimension {} of {} taken as {}; --shape {} sets it", free.key, free.input, size, option)
            : fmt::format("dimension {} of {} taken as {}; --shape {} sets it", free.axis, free.input, size, option));
  }
  for (const auto& [key, input] : m_derivedOf) {
    lines.push_back(
        fmt::format("dimension {} of {} taken as {}, the sum of its parts", key, input, sizeOf(key, sizes)));
  }
  return lines;
}

}  // namespace ridgeline::engine
