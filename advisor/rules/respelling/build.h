// Small expressions of ONNX operators, each spelled as the model's opset has it.
#pragma once

#include "advisor/rules/fusion_rule.h"
#include "graph/graph.h"
#include "graph/permutation.h"

#include <string>
#include <utility>
#include <vector>

namespace ridgeline::advisor {

class Expression {
 public:
  // Names of what it makes start with `hint`.
  Expression(graph::Graph& graph, std::string hint) : m_graph(graph), m_hint(std::move(hint)) {}

  std::string scalar(float value) { return m_graph.addInitializer(m_hint + "_constant", graph::Tensor::scalar(value)); }

  std::string apply(const char* opType, std::vector<std::string> inputs,
                    std::vector<std::pair<std::string, graph::AttributeValue>> attributes = {}) {
    return addNamed(m_graph, {opType, std::move(inputs), {}, std::move(attributes), {}, {}}, m_hint);
  }

  // Operators whose axes were an attribute before opset `sinceInput`.
  std::string overAxes(const char* opType, int64_t sinceInput, const std::string& x, const std::vector<int64_t>& axes,
                       std::vector<std::pair<std::string, graph::AttributeValue>> attributes = {}) {
    if (m_graph.model().opset() >= sinceInput) {
      return apply(opType, {x, addInts(m_graph, axes, m_hint + "_axes")}, std::move(attributes));
    }
    attributes.emplace_back("axes", axes);
    return apply(opType, {x}, std::move(attributes));
  }

  std::string transpose(const std::string& x, const graph::Permutation& perm) {
    if (graph::isIdentity(perm)) return x;
    return apply("Transpose", {x}, {{"perm", std::vector<int64_t>(perm.begin(), perm.end())}});
  }

 private:
  graph::Graph& m_graph;
  std::string m_hint;
};

}  // namespace ridgeline::advisor
