// Builders of patterns.
#include "graph/pattern_item.h"

namespace ridgeline::graph::pattern {
namespace {

std::vector<std::string> splitTypes(std::string_view types) {
  std::vector<std::string> result;
  while (true) {
    const auto bar = types.find('|');
    result.emplace_back(types.substr(0, bar));
    if (bar == std::string_view::npos) return result;
    types.remove_prefix(bar + 1);
  }
}

Pattern make(Item item) { return std::make_shared<const Item>(std::move(item)); }

// A copy of the pattern with each op that may be its outermost node changed.
template <class Change>
Pattern changed(const Pattern& pattern, const Change& change) {
  if (!pattern) return pattern;
  Item item = *pattern;
  if (item.kind == Kind::Op) change(item);
  for (auto& choice : item.choices) choice = changed(choice, change);
  return make(std::move(item));
}

}  // namespace

Pattern any(std::string_view name) { return make({.kind = Kind::Any, .name = std::string(name)}); }

Pattern constant(std::string_view name) { return make({.kind = Kind::Constant, .name = std::string(name)}); }

Pattern scalar(double value, double relativeTolerance) {
  return make({.kind = Kind::Scalar, .value = value, .relativeTolerance = relativeTolerance});
}

Pattern scalar(std::string_view name) { return make({.kind = Kind::Scalar, .name = std::string(name)}); }

Pattern op(std::string_view opTypes, std::vector<Pattern> inputs, std::string_view name, std::string_view domain) {
  return make({.kind = Kind::Op,
               .name = std::string(name),
               .opTypes = splitTypes(opTypes),
               .domain = std::string(domain),
               .inputs = std::move(inputs)});
}

Pattern exact(Pattern op) {
  return changed(op, [](Item& item) { item.exact = true; });
}

Pattern output(Pattern op, int index) {
  return changed(op, [index](Item& item) { item.output = index; });
}

Pattern where(Pattern op, std::function<bool(const Graph&, const Node&)> check, std::string_view why) {
  return changed(op, [&](Item& item) { item.checks.push_back({check, std::string(why)}); });
}

Pattern either(std::vector<Pattern> choices) { return make({.kind = Kind::Either, .choices = std::move(choices)}); }

Pattern through(std::string_view opTypes, Pattern inner) {
  return make({.kind = Kind::Through, .opTypes = splitTypes(opTypes), .choices = {std::move(inner)}});
}

}  // namespace ridgeline::graph::pattern
