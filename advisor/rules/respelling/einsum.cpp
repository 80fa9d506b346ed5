#include "advisor/rules/constant_behind.h"
#include "advisor/rules/respelling/build.h"
#include "advisor/rules/respelling/respelling.h"
#include "graph/permutation.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace ridgeline::advisor {
namespace {

using graph::Graph;
using graph::Node;

// "bij,bjd->bid" as a product of matrices: of each operand, and of the result, the order of the axes in which it takes
// part. One label is one axis.
struct Product {
  std::string_view first, second;  // as the equation has them
  std::string left, right, made;   // as MatMul wants them
  std::string rows, summed, columns;
  std::string_view result;  // as the equation has it
  bool swapped = false;     // the first operand is the right one
};

bool has(std::string_view labels, char label) { return labels.find(label) != std::string_view::npos; }

bool areDistinctLabels(std::string_view labels) {
  for (size_t i = 0; i < labels.size(); ++i) {
    const bool letter = (labels[i] >= 'a' && labels[i] <= 'z') || (labels[i] >= 'A' && labels[i] <= 'Z');
    if (!letter || has(labels.substr(i + 1), labels[i])) return false;
  }
  return true;
}

// `left` gives the rows, `right` the columns. A constant on the right can be made a matrix, whatever its axes.
std::optional<Product> productOf(std::string_view left, std::string_view right, std::string_view result,
                                 bool rightIsConstant) {
  std::string batch, rows, columns, summed;
  for (const char label : result) {
    if (has(left, label) && has(right, label)) {
      batch += label;
    } else if (has(left, label)) {
      rows += label;
    } else if (has(right, label)) {
      columns += label;
    } else {
      return std::nullopt;
    }
  }
  for (const char label : left) {
    if (has(result, label)) continue;
    if (!has(right, label)) return std::nullopt;  // summed over by itself
    summed += label;
  }
  const bool all = std::ranges::all_of(right, [&](char c) { return has(left, c) || has(result, c); });
  if (!all || rows.empty() || summed.empty() || columns.empty()) return std::nullopt;
  // Rows on several axes meet a matrix that is the same for all of them; anything else needs axes to be made one.
  const bool asTheyAre = summed.size() == 1 && columns.size() == 1 && (batch.empty() || rows.size() == 1);
  if (!asTheyAre && !(rightIsConstant && batch.empty())) return std::nullopt;
  Product p;
  p.left = batch + rows + summed;
  p.right = batch + summed + columns;
  p.made = batch + rows + columns;
  p.rows = rows;
  p.summed = summed;
  p.columns = columns;
  return p;
}

graph::Permutation orderOf(std::string_view from, std::string_view to) {
  graph::Permutation perm;
  for (const char label : to) perm.push_back(static_cast<int64_t>(from.find(label)));
  return perm;
}

int moves(const Product& p) {
  return static_cast<int>((p.swapped ? p.second : p.first) != p.left) +
         static_cast<int>((p.swapped ? p.first : p.second) != p.right) + static_cast<int>(p.made != p.result);
}

std::string withoutSpaces(std::string text) {
  std::erase(text, ' ');
  return text;
}

// Views into the equation.
std::optional<Product> match(std::string_view equation, bool firstIsConstant, bool secondIsConstant) {
  const size_t comma = equation.find(','), arrow = equation.find("->");
  if (comma == std::string_view::npos || arrow == std::string_view::npos || arrow < comma) return std::nullopt;
  const auto a = equation.substr(0, comma), b = equation.substr(comma + 1, arrow - comma - 1);
  const auto result = equation.substr(arrow + 2);
  if (!areDistinctLabels(a) || !areDistinctLabels(b) || !areDistinctLabels(result)) return std::nullopt;
  auto straight = productOf(a, b, result, secondIsConstant), swapped = productOf(b, a, result, firstIsConstant);
  for (auto* p : {&straight, &swapped}) {
    if (!*p) continue;
    (*p)->first = a;
    (*p)->second = b;
    (*p)->result = result;
    (*p)->swapped = p == &swapped;
  }
  if (!straight || (swapped && moves(*swapped) < moves(*straight))) return swapped;
  return straight;
}

std::optional<Product> match(const Graph& graph, const Node& node, std::string_view equation) {
  if (node.input_size() != 2) return std::nullopt;
  const auto isConstant = [&](int input) { return !floatConstantBehind(graph, node.input(input)).empty(); };
  return match(equation, isConstant(0), isConstant(1));
}

Respellable look(const Graph& graph, const SymbolicShapes&, Node& node) {
  const auto equation = withoutSpaces(graph::stringAttribute(node, "equation", ""));
  if (!match(graph, node, equation)) {
    return {{}, {}, fmt::format("{} is no product of matrices of two operands", equation)};
  }
  return {{&node}, "Einsum " + equation, {}};
}

int64_t sizeOf(std::string_view labels, std::string_view from, const graph::Dims& dims) {
  int64_t size = 1;
  for (const char label : labels) size *= dims[from.find(label)];
  return size;
}

// The same through a matrix that the constant on the right is made: what is summed over, and the columns, become one
// axis each.
std::string writeAsMatrix(Graph& graph, Expression& e, const Node& node, const Product& p) {
  const auto from = p.swapped ? p.first : p.second;
  const auto constant = floatConstantBehind(graph, node.input(p.swapped ? 0 : 1));
  const auto weight = graph::transposed(*graph.constant(constant), orderOf(from, p.right));
  const int64_t depth = sizeOf(p.summed, p.right, weight.dims()), width = sizeOf(p.columns, p.right, weight.dims());
  graph::Tensor matrix(graph::DataType::Float, {depth, width});
  std::ranges::copy(weight.bytes(), matrix.bytes().begin());
  auto left = e.transpose(node.input(p.swapped ? 1 : 0), orderOf(p.swapped ? p.second : p.first, p.left));
  const auto behindRows = [&](const std::vector<int64_t>& sizes) {  // a size of 0 is that of the operand
    std::vector<int64_t> shape(p.rows.size());
    shape.insert(shape.end(), sizes.begin(), sizes.end());
    return addInts(graph, shape, "einsum_shape");
  };
  if (p.summed.size() > 1) left = e.apply("Reshape", {left, behindRows({depth})});
  auto made = e.apply("MatMul", {left, graph.addInitializer(constant + "_matrix", matrix)});
  if (p.columns.size() > 1) {
    std::vector<int64_t> sizes;
    for (const char label : p.columns) sizes.push_back(sizeOf({&label, 1}, p.right, weight.dims()));
    made = e.apply("Reshape", {made, behindRows(sizes)});
  }
  return e.transpose(made, orderOf(p.made, p.result));
}

std::string write(Graph& graph, const SymbolicShapes&, Node& node) {
  const auto equation = withoutSpaces(graph::stringAttribute(node, "equation", ""));
  const auto p = *match(graph, node, equation);
  Expression e(graph, node.output(0));
  if (p.summed.size() > 1 || p.columns.size() > 1) return writeAsMatrix(graph, e, node, p);
  const auto left = e.transpose(node.input(p.swapped ? 1 : 0), orderOf(p.swapped ? p.second : p.first, p.left));
  const auto right = e.transpose(node.input(p.swapped ? 0 : 1), orderOf(p.swapped ? p.first : p.second, p.right));
  return e.transpose(e.apply("MatMul", {left, right}), orderOf(p.made, p.result));
}

}  // namespace

const Respelling kEinsum{"Einsum", look, write, true};

}  // namespace ridgeline::advisor
