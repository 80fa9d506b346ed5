#include "advisor/rules/symbolic_shapes.h"

#include "advisor/rules/symbolic_step.h"

#include <algorithm>
#include <cstdlib>

namespace ridgeline::advisor {

namespace {

// Longer integer vectors are data, not shapes.
constexpr int64_t kMostShapeElements = 64;

// Makers before readers, also where the file is not sorted.
std::vector<const graph::Node*> makersFirst(const graph::Graph& graph) {
  std::vector<const graph::Node*> order, open;
  std::unordered_set<const graph::Node*> seen, done;
  for (const graph::Node* root : graph.nodes()) {
    open.push_back(root);
    while (!open.empty()) {
      const graph::Node* const node = open.back();
      if (done.contains(node)) {
        open.pop_back();
      } else if (seen.insert(node).second) {
        for (const std::string& input : node->input()) {
          const graph::Node* const maker = graph.producer(input);
          if (maker && !seen.contains(maker)) open.push_back(maker);
        }
      } else {
        done.insert(node);
        order.push_back(node);
        open.pop_back();
      }
    }
  }
  return order;
}

size_t indexOf(Dim symbol) { return static_cast<size_t>(kFirstSymbol - symbol); }

}  // namespace

SymbolicShapes::SymbolicShapes(const graph::Graph& graph) {
  addInputs(graph);
  for (const graph::Node* node : makersFirst(graph)) {
    for (const std::string& input : node->input()) {
      if (!input.empty()) factsOf(graph, input);
    }
    if (!graph.isConstant(node->output_size() > 0 ? node->output(0) : "")) SymbolicStep(graph, *this, *node).run();
  }
}

void SymbolicShapes::addInputs(const graph::Graph& graph) {
  for (const auto& port : graph.model().graphProto().input()) {
    if (graph.isConstant(port.name()) || !port.type().has_tensor_type() || !port.type().tensor_type().has_shape()) {
      continue;
    }
    SymbolicDims dims;
    for (const auto& dim : port.type().tensor_type().shape().dim()) {
      if (dim.has_dim_value() && dim.dim_value() >= 0) {
        dims.push_back(dim.dim_value());
      } else if (dim.has_dim_param() && !dim.dim_param().empty()) {
        const auto [it, isNew] = m_dimNames.try_emplace(dim.dim_param(), 0);
        if (isNew) it->second = fresh();
        dims.push_back(it->second);
      } else {
        dims.push_back(fresh());
      }
    }
    m_facts[port.name()].dims = std::move(dims);
  }
}

const SymbolicShapes::Facts& SymbolicShapes::factsOf(const graph::Graph& graph, const std::string& tensor) {
  const auto [it, isNew] = m_facts.try_emplace(tensor);
  Facts& facts = it->second;
  if (!isNew || !graph.isConstant(tensor)) return facts;
  if (const auto dims = graph.constantDims(tensor)) facts.dims = *dims;
  const auto type = graph.constantType(tensor);
  const bool isShape = type == graph::DataType::Int64 || type == graph::DataType::Int32;
  if (isShape && facts.dims && facts.dims->size() <= 1 && graph::elementCount(*facts.dims) <= kMostShapeElements) {
    if (const auto value = graph.constant(tensor)) facts.integers = value->toInts();
  }
  facts.number = graph.scalarConstant(tensor);
  return facts;
}

const SymbolicShapes::Facts* SymbolicShapes::find(std::string_view tensor) const {
  const auto it = m_facts.find(tensor);
  return it == m_facts.end() ? nullptr : &it->second;
}

std::optional<SymbolicDims> SymbolicShapes::dims(std::string_view tensor) const {
  const Facts* facts = find(tensor);
  if (!facts || !facts->dims) return std::nullopt;
  return resolve(*facts->dims);
}

std::optional<SymbolicDims> SymbolicShapes::integers(std::string_view tensor) const {
  const Facts* facts = find(tensor);
  if (!facts || !facts->integers) return std::nullopt;
  return resolve(*facts->integers);
}

Dim SymbolicShapes::wanted(Dim dim) const {
  const auto it = m_wanted.find(resolve(dim));
  return it == m_wanted.end() ? resolve(dim) : resolve(it->second);
}

std::optional<double> SymbolicShapes::number(std::string_view tensor) const {
  const Facts* facts = find(tensor);
  return facts ? facts->number : std::nullopt;
}

Dim SymbolicShapes::fresh() {
  const Dim symbol = kFirstSymbol - static_cast<Dim>(m_parent.size());
  m_parent.push_back(symbol);
  return symbol;
}

Dim SymbolicShapes::resolve(Dim dim) const {
  while (isSymbol(dim)) {
    const Dim parent = m_parent[indexOf(dim)];
    if (parent == dim) break;
    dim = parent;
  }
  return dim;
}

SymbolicDims SymbolicShapes::resolve(SymbolicDims dims) const {
  for (Dim& dim : dims) dim = resolve(dim);
  return dims;
}

void SymbolicShapes::unify(Dim a, Dim b) {
  a = resolve(a);
  b = resolve(b);
  if (a == b) return;
  if (!isNumber(a)) {
    m_parent[indexOf(a)] = b;
  } else if (!isNumber(b)) {
    m_parent[indexOf(b)] = a;
  }
}

Dim SymbolicShapes::broadcast(Dim a, Dim b) {
  a = resolve(a);
  b = resolve(b);
  if (a == b || b == 1) return a;
  if (a == 1) return b;
  // A symbol against a number other than 1 is 1 or that number: the result is the number either way.
  if (isNumber(a)) return a;
  if (isNumber(b)) return b;
  return fresh();
}

bool SymbolicShapes::isSize(Dim value) const { return isNumber(value) ? value >= 0 : !m_computed.contains(value); }

bool SymbolicShapes::areSmall(Dim a, Dim b) {
  constexpr Dim kSmall = Dim{1} << 30;
  return isNumber(a) && isNumber(b) && std::abs(a) < kSmall && std::abs(b) < kSmall;
}

Dim SymbolicShapes::product(Dim a, Dim b) {
  a = resolve(a);
  b = resolve(b);
  if (a == 1 && isSize(b)) return b;
  if (b == 1 && isSize(a)) return a;
  return areSmall(a, b) && a >= 0 && b >= 0 ? a * b : fresh();
}

// The same symbol whoever adds the two. Of two sizes it is one.
Dim SymbolicShapes::sum(Dim a, Dim b) {
  const auto [low, high] = std::minmax({resolve(a), resolve(b)});
  if (areSmall(low, high) || low == 0 || high == 0) return low + high;
  const auto [known, isNew] = m_sums.try_emplace({low, high}, 0);
  if (isNew) {
    known->second = fresh();
    if (!isSize(low) || !isSize(high)) m_computed.insert(known->second);
  }
  return known->second;
}

std::optional<SymbolicDims> SymbolicShapes::broadcast(const std::optional<SymbolicDims>& a,
                                                      const std::optional<SymbolicDims>& b) {
  if (!a || !b) return std::nullopt;
  SymbolicDims result(std::max(a->size(), b->size()));
  for (size_t i = 0; i < result.size(); ++i) {  // from the last dim
    const Dim da = i < a->size() ? (*a)[a->size() - 1 - i] : 1;
    const Dim db = i < b->size() ? (*b)[b->size() - 1 - i] : 1;
    result[result.size() - 1 - i] = broadcast(da, db);
  }
  return result;
}

}  // namespace ridgeline::advisor
