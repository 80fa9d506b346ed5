#include "advisor/rule.h"

namespace ridgeline::advisor {

std::string_view nameOf(RuleKind kind) {
  switch (kind) {
    case RuleKind::Fusion:
      return "fusion";
    case RuleKind::Quantization:
      return "quantization";
    case RuleKind::Layout:
      return "layout";
    case RuleKind::Folding:
      return "folding";
    case RuleKind::Engine:
      return "engine";
  }
  return "unknown";
}

const engine::TensorFacts* Subject::shape(std::string_view tensor) const {
  const auto it = shapes.find(std::string(tensor));
  return it == shapes.end() ? nullptr : &it->second;
}

double Subject::time(const std::vector<graph::Node*>& nodes) const {
  double sum = 0;
  for (const auto* node : nodes) {
    const auto it = times.find(graph::idOf(*node));
    if (it != times.end()) sum += it->second;
  }
  return sum;
}

bool Subject::runAsOne(const graph::Node& a, const graph::Node& b) const {
  if (!fused) return false;
  const auto first = fused->find(graph::idOf(a)), second = fused->find(graph::idOf(b));
  return first != fused->end() && second != fused->end() && first->second == second->second;
}

const Rule* findRule(std::string_view name) {
  for (const auto& rule : allRules()) {
    if (rule->info().name == name) return rule.get();
  }
  return nullptr;
}

}  // namespace ridgeline::advisor
