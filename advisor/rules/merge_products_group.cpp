#include "advisor/rules/merge_products_group.h"

#include "advisor/rules/constant_behind.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>
#include <optional>

namespace ridgeline::advisor {
namespace {

using graph::Graph;
using graph::Node;
using graph::Tensor;

// Where an operator keeps what belongs to a column.
struct Form {
  const char* opType;
  const char* domain;
  std::vector<ColumnOperand> operands;
};

const std::vector<Form>& forms() {
  static const std::vector<Form> all{
      {"MatMul", "", {{1, 1}}},
      {"MatMulIntegerToFloat", "com.microsoft", {{1, 1}, {3, -1}, {5, -1}, {6, -1}}},
      {"DynamicQuantizeMatMul", "com.microsoft", {{1, 1}, {2, -1}, {3, -1}, {4, -1}}},
      {"MatMulNBits", "com.microsoft", {{1, 0}, {2, 0}, {3, 0}, {5, 0}}},
  };
  return all;
}

const Form* formOf(const Node& node) {
  const auto at = std::ranges::find_if(forms(), [&](const Form& f) { return graph::isOp(node, f.opType, f.domain); });
  return at == forms().end() ? nullptr : &*at;
}

bool isColumnOperand(const Form& form, int input) {
  return std::ranges::any_of(form.operands, [&](const ColumnOperand& o) { return o.input == input; });
}

std::optional<int64_t> columnsOf(const Graph& graph, const Form& form, const Node& node) {
  if (node.output_size() != 1) return std::nullopt;
  for (const auto& operand : form.operands) {
    if (graph::hasInput(node, operand.input) && constantBehind(graph, node.input(operand.input)).empty())
      return std::nullopt;
  }
  if (!graph::hasInput(node, 1)) return std::nullopt;
  if (form.operands.front().axis == 0) {  // MatMulNBits
    const auto dims = graph.constantDims(constantBehind(graph, node.input(1)));
    const int64_t n = graph::intAttribute(node, "N", 0);
    if (!dims || dims->empty() || n <= 0 || dims->front() != n) return std::nullopt;
    return n;
  }
  const auto dims = graph.constantDims(constantBehind(graph, node.input(1)));
  if (!dims || dims->size() != 2) return std::nullopt;
  return dims->back();
}

// Equal for nodes that can be merged: everything but the columns.
std::string keyOf(const Graph& graph, const Form& form, const Node& node) {
  std::string key = form.opType;
  for (int i = 0; i < node.input_size(); ++i) {
    if (!isColumnOperand(form, i)) {
      key += fmt::format("|{}", node.input(i));
    } else if (graph::hasInput(node, i)) {
      const auto constant = constantBehind(graph, node.input(i));
      auto dims = *graph.constantDims(constant);
      if (i == 1 && !dims.empty()) {
        dims[static_cast<size_t>(form.operands.front().axis)] = 0;
        key += fmt::format("|{}", graph::formatDims(dims));
      }
      key += fmt::format("|{}:{}", i, static_cast<int>(*graph.constantType(constant)));
    }
  }
  std::vector<std::string> attributes;
  for (const auto& a : node.attribute()) {
    if (a.name() != "N") attributes.push_back(a.SerializeAsString());
  }
  std::ranges::sort(attributes);
  for (const auto& a : attributes) key += "|" + a;
  return key;
}

// A value for each column from one for all.
Tensor spread(const Tensor& one, int64_t columns) {
  Tensor all(one.type(), {columns});
  const size_t size = one.byteSize();
  for (int64_t i = 0; i < columns; ++i) {
    std::memcpy(all.bytes().data() + static_cast<size_t>(i) * size, one.bytes().data(), size);
  }
  return all;
}

Tensor concatenate(const std::vector<Tensor>& parts, size_t axis) {
  graph::Dims dims = parts.front().dims();
  dims[axis] = 0;
  for (const auto& part : parts) dims[axis] += part.dims()[axis];
  Tensor whole(parts.front().type(), dims);
  const auto rows = static_cast<size_t>(graph::elementCount(std::span(dims).first(axis)));
  std::byte* to = whole.bytes().data();
  for (size_t row = 0; row < rows; ++row) {
    for (const auto& part : parts) {
      const size_t stride = part.byteSize() / rows;
      std::memcpy(to, part.bytes().data() + row * stride, stride);
      to += stride;
    }
  }
  return whole;
}

}  // namespace

int64_t ProductGroup::totalColumns() const { return std::accumulate(columns.begin(), columns.end(), int64_t{0}); }

bool ProductGroup::has(const ColumnOperand& operand) const { return graph::hasInput(first(), operand.input); }

std::vector<ProductGroup> productGroups(Graph& graph) {
  std::vector<ProductGroup> groups;
  std::map<std::string, size_t> byKey;
  for (Node* node : graph.nodes()) {
    const Form* form = formOf(*node);
    const auto columns = form ? columnsOf(graph, *form, *node) : std::nullopt;
    if (!columns || *columns == 0) continue;
    const auto [at, isNew] = byKey.try_emplace(keyOf(graph, *form, *node), groups.size());
    if (isNew) groups.push_back({{}, {}, form->operands});
    groups[at->second].nodes.push_back(node);
    groups[at->second].columns.push_back(*columns);
  }
  std::erase_if(groups, [](const ProductGroup& g) { return g.nodes.size() < 2; });
  return groups;
}

Tensor sideBySide(const Graph& graph, const ProductGroup& group, const ColumnOperand& operand) {
  std::vector<Tensor> parts;
  for (size_t i = 0; i < group.nodes.size(); ++i) {
    auto part = graph.constant(constantBehind(graph, group.nodes[i]->input(operand.input)));
    if (!part || part->byteSize() == 0) return {};
    if (operand.axis == -1) {
      parts.push_back(part->size() == 1 ? spread(*part, group.columns[i]) : std::move(*part));
      if (parts.back().dims() != graph::Dims{group.columns[i]}) return {};
    } else {
      parts.push_back(std::move(*part));
    }
  }
  return concatenate(parts, operand.axis == -1 ? 0 : static_cast<size_t>(operand.axis));
}

}  // namespace ridgeline::advisor
