#include "graph/work/operation.h"

#include <string>
#include <unordered_map>

namespace ridgeline::graph {
namespace work {
namespace {

std::string keyOf(std::string_view domain, std::string_view opType) {
  if (domain == "ai.onnx") domain = {};
  std::string key(domain);
  key += ':';
  key += opType;
  return key;
}

std::unordered_map<std::string, Formula> makeRegistry() {
  std::unordered_map<std::string, Formula> registry;
  for (const auto family : {elementwiseEntries(), reductionEntries(), normalizationEntries(), matrixEntries(),
                            convolutionEntries(), poolingEntries(), attentionEntries(), recurrentEntries(),
                            quantizedEntries(), movementEntries(), indexingEntries()}) {
    for (const Entry& entry : family) registry.emplace(keyOf(entry.domain, entry.opType), entry.formula);
  }
  return registry;
}

bool wellFormed(std::span<const TensorShape> shapes) {
  for (const TensorShape& shape : shapes) {
    for (const int64_t dim : shape.dims) {
      if (dim < 0) return false;
    }
  }
  return true;
}

}  // namespace

Formula findFormula(const Node& node) {
  static const std::unordered_map<std::string, Formula> registry = makeRegistry();
  const auto found = registry.find(keyOf(node.domain(), node.op_type()));
  return found == registry.end() ? nullptr : found->second;
}

}  // namespace work

bool knowsWorkOf(const Node& node) { return work::findFormula(node) != nullptr; }

std::optional<Work> workOf(const Node& node, std::span<const TensorShape> inputs,
                           std::span<const TensorShape> outputs) {
  const work::Formula formula = work::findFormula(node);
  if (!formula || !work::wellFormed(inputs) || !work::wellFormed(outputs)) return std::nullopt;
  return formula({node, inputs, outputs});
}

}  // namespace ridgeline::graph
