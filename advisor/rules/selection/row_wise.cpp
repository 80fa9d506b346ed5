#include "advisor/rules/selection/row_wise.h"

#include "advisor/rules/axis_use.h"
#include "advisor/rules/symbolic_reshape.h"

#include <algorithm>

namespace ridgeline::advisor {
namespace {

using graph::Graph;
using graph::Node;

// Sizes and how many of each: equal for two lists of dims that hold equally many elements in every run.
SymbolicDims elementsOf(const SymbolicDims& dims, size_t count) {
  SymbolicDims factors{1};  // the numbers' product, then symbols
  for (size_t i = 0; i < count; ++i) {
    if (isNumber(dims[i])) {
      factors[0] *= dims[i];
    } else {
      factors.push_back(dims[i]);
    }
  }
  std::sort(factors.begin() + 1, factors.end());
  return factors;
}

class Reader {
 public:
  Reader(const Graph& graph, const SymbolicShapes& shapes, const Node& node, size_t axis)
      : m_graph(graph), m_shapes(shapes), m_node(node), m_axis(axis) {
    m_result.axes.resize(static_cast<size_t>(node.input_size()));
  }

  std::optional<RowWise> read() {
    if (m_node.output_size() == 0 || !graph::hasInput(m_node, 0)) return std::nullopt;
    const auto dims = m_shapes.dims(m_node.output(0));
    if (!dims || m_axis >= dims->size()) return std::nullopt;
    m_dims = *dims;
    return follow() ? std::optional(m_result) : std::nullopt;
  }

 private:
  bool follow() {
    if (const auto use = axisUseOf(m_node)) return byAxisUse(*use);
    const std::string& op = m_node.op_type();
    if (m_node.domain() == "com.microsoft") {
      if (op == "FastGelu" || op == "BiasGelu" || op == "QuickGelu" || op == "Gelu") return beforeLast();
      if (op == "MatMulNBits" || op == "SkipLayerNormalization") return op == "MatMulNBits" ? rows() : skipNorm();
      return false;
    }
    if (!m_node.domain().empty() && m_node.domain() != "ai.onnx") return false;
    if (op == "Dropout") return m_node.input_size() < 3 && first(m_axis);  // else it may be training
    if (op == "MatMul" || op == "MatMulInteger") return product();
    if (op == "Gemm") return gemm();
    if (op == "LayerNormalization" || op == "SimplifiedLayerNormalization" || op == "RMSNormalization") {
      return axisBefore(graph::intAttribute(m_node, "axis", -1));
    }
    if (op == "Transpose") return transpose();
    if (op == "Reshape") return reshape();
    if (op == "Unsqueeze") return unsqueeze();
    if (op == "Squeeze") return squeeze();
    if (op == "Gather") return gather();
    return false;
  }

  bool byAxisUse(AxisUse use) {
    const int64_t opset = m_graph.model().opset();
    switch (use) {
      case AxisUse::Unary:
        return first(m_axis);
      case AxisUse::Broadcast:
        return opset >= 7 && broadcast(0, m_node.input_size(), 0);
      case AxisUse::Concat:
        if (isAxis(graph::intAttribute(m_node, "axis", 1))) return false;
        for (auto& axis : m_result.axes) axis = m_axis;
        return true;
      case AxisUse::Quantize:
        return graph::hasInput(m_node, 1) && first(m_axis) &&
               (m_graph.constantDims(m_node.input(1)) == graph::Dims{} ||
                m_graph.constantDims(m_node.input(1)) == graph::Dims{1});
      case AxisUse::Axis:
        return alongAxis();
      case AxisUse::Reduce: {
        const auto axes = integers(1, "axes");
        return axes && !axes->empty() && reduced(*axes);
      }
      case AxisUse::Slice:
        return slice();
      case AxisUse::PerAxis:
        return false;
    }
    return false;
  }

  bool first(size_t axis) {
    m_result.axes[0] = axis;
    return true;
  }

  // Inputs [from, to), which meet in the output's dims without the last `fixed` ones.
  bool broadcast(int from, int to, size_t fixed) {
    for (int i = from; i < to; ++i) {
      if (!graph::hasInput(m_node, i)) continue;
      const auto dims = m_shapes.dims(m_node.input(i));
      if (!dims || dims->size() > m_dims.size() || dims->size() < fixed) return false;
      const size_t missing = m_dims.size() - dims->size();
      if (m_axis < missing || m_axis + fixed >= m_dims.size()) continue;
      const Dim dim = (*dims)[m_axis - missing];
      if (dim == 1) continue;  // the same for all entries
      if (dim != m_dims[m_axis] && m_shapes.wanted(dim) != m_dims[m_axis]) return false;
      m_result.axes[static_cast<size_t>(i)] = m_axis - missing;
    }
    return std::ranges::any_of(m_result.axes, [](const auto& axis) { return axis.has_value(); });
  }

  bool alongAxis() {
    const std::string& op = m_node.op_type();
    if (op == "Split") return false;
    const int64_t axis = graph::intAttribute(m_node, "axis", defaultAxis(m_node));
    if (op.starts_with("Arg")) return reduced({axis});
    // Before version 13 these saw their input as a matrix, cut at the axis, which was the second one by default.
    if (m_graph.model().opset() < 13 && op != "LpNormalization") {
      return axisBefore(graph::intAttribute(m_node, "axis", 1));
    }
    return !isAxis(axis) && first(m_axis);
  }

  // Each matrix before the axis is worked on by itself.
  bool axisBefore(int64_t axis) {
    if (axis < 0) axis += static_cast<int64_t>(m_dims.size());
    return static_cast<int64_t>(m_axis) < axis && first(m_axis);
  }

  bool isAxis(int64_t axis) const {
    return static_cast<int64_t>(m_axis) == (axis < 0 ? axis + static_cast<int64_t>(m_dims.size()) : axis);
  }

  bool beforeLast() { return m_axis + 1 < m_dims.size() && first(m_axis); }

  bool rows() {
    // A zero point for each row would have to be selected from too.
    for (int i = 2; i < m_node.input_size() && m_node.op_type() == "MatMulInteger"; ++i) {
      if (!graph::hasInput(m_node, i)) continue;
      const auto dims = m_graph.constantDims(m_node.input(i));
      if (!dims || (i == 2 && graph::elementCount(*dims) != 1)) return false;
    }
    return beforeLast();
  }

  bool skipNorm() {
    return graph::hasInput(m_node, 1) && beforeLast() && m_shapes.dims(m_node.input(1)) == m_dims &&
           (m_result.axes[1] = m_axis, true);
  }

  bool product() {
    if (!graph::hasInput(m_node, 1)) return false;
    const auto a = m_shapes.dims(m_node.input(0)), b = m_shapes.dims(m_node.input(1));
    if (!a || !b || a->size() < 2 || b->size() < 2) return false;
    if (m_axis + 2 == m_dims.size()) return rows() && first(a->size() - 2);
    return m_node.op_type() == "MatMul" && m_axis + 2 < m_dims.size() && broadcast(0, 2, 2);
  }

  bool gemm() {
    if (m_axis != 0 || graph::intAttribute(m_node, "transA", 0) != 0 || m_dims.size() != 2) return false;
    if (graph::hasInput(m_node, 2)) {
      const auto c = m_shapes.dims(m_node.input(2));
      if (!c) return false;
      const bool inRows = c->size() == 2 && c->front() != 1;
      if (inRows && c->front() != m_dims.front()) return false;
      if (inRows) m_result.axes[2] = 0;
    }
    return first(0);
  }

  bool transpose() {
    const auto perm = graph::intsAttribute(m_node, "perm");
    if (perm.empty()) return first(m_dims.size() - 1 - m_axis);
    return perm.size() == m_dims.size() && first(static_cast<size_t>(perm[m_axis]));
  }

  // The axis stays whole when it is found again behind equally many elements.
  bool reshape() {
    const auto from = m_shapes.dims(m_node.input(0));
    if (!from || m_node.input_size() < 2) return false;
    for (size_t axis = 0; axis < from->size(); ++axis) {
      if ((*from)[axis] != m_dims[m_axis] || elementsOf(*from, axis) != elementsOf(m_dims, m_axis)) continue;
      auto target = reshapeTarget(*from, m_dims, std::pair{axis, m_axis});
      if (!target) return false;
      m_result.shape = std::move(*target);
      return first(axis);
    }
    return false;
  }

  bool unsqueeze() {
    const auto axes = integers(1, "axes");
    if (!axes) return false;
    size_t before = 0;
    for (const int64_t axis : *axes) {
      if (isAxis(axis)) return false;
      before += static_cast<size_t>(axis < 0 ? axis + static_cast<int64_t>(m_dims.size()) : axis) < m_axis;
    }
    return first(m_axis - before);
  }

  bool squeeze() {
    const auto axes = integers(1, "axes");
    return axes && !axes->empty() && dropped(*axes);
  }

  // Along these axes of the input nothing can be selected any more.
  bool reduced(const std::vector<int64_t>& axes) {
    if (graph::intAttribute(m_node, "keepdims", 1) == 0) return dropped(axes);
    return std::ranges::none_of(axes, [&](int64_t axis) { return isAxis(axis); }) && first(m_axis);
  }

  // The output's axes are those of the input without these.
  bool dropped(const std::vector<int64_t>& axes) {
    const auto from = m_shapes.dims(m_node.input(0));
    if (!from) return false;
    std::vector<bool> gone(from->size());
    for (const int64_t axis : axes) {
      const int64_t a = axis < 0 ? axis + static_cast<int64_t>(from->size()) : axis;
      if (a < 0 || a >= static_cast<int64_t>(from->size())) return false;
      gone[static_cast<size_t>(a)] = true;
    }
    size_t left = 0;
    for (size_t axis = 0; axis < from->size(); ++axis) {
      if (gone[axis]) continue;
      if (left++ == m_axis) return first(axis);
    }
    return false;
  }

  // Takes along the axes it names; of the others all.
  bool slice() {
    const bool byInputs = m_node.input_size() > 1;
    auto axes = integers(3, "axes");
    if (!axes) {
      if (byInputs && graph::hasInput(m_node, 3)) return false;
      const auto starts = byInputs ? m_shapes.dims(m_node.input(1)) : std::nullopt;
      const auto count = starts && starts->size() == 1
                             ? starts->front()
                             : static_cast<Dim>(graph::intsAttribute(m_node, "starts").size());
      if (count <= 0) return false;
      axes.emplace();
      for (Dim i = 0; i < count; ++i) axes->push_back(i);
    }
    return std::ranges::none_of(*axes, [&](int64_t axis) { return isAxis(axis); }) && first(m_axis);
  }

  bool gather() {
    if (!graph::hasInput(m_node, 1)) return false;
    const auto from = m_shapes.dims(m_node.input(0)), indices = m_shapes.dims(m_node.input(1));
    if (!from || !indices) return false;
    int64_t axis = graph::intAttribute(m_node, "axis", 0);
    if (axis < 0) axis += static_cast<int64_t>(from->size());
    const auto at = static_cast<size_t>(axis);
    if (m_axis < at) return first(m_axis);
    if (m_axis >= at + indices->size()) return first(m_axis - indices->size() + 1);
    m_result.axes[1] = m_axis - at;  // rows of a table, as an embedding has them
    return true;
  }

  // A list given by an input or, in older versions, an attribute; nullopt when absent or not known.
  std::optional<std::vector<int64_t>> integers(int input, const char* attribute) const {
    if (graph::hasInput(m_node, input)) {
      auto values = m_shapes.integers(m_node.input(input));
      if (!values || std::ranges::any_of(*values, isSymbol)) return std::nullopt;
      return values;
    }
    if (!graph::findAttribute(m_node, attribute)) return std::nullopt;
    return graph::intsAttribute(m_node, attribute);
  }

  const Graph& m_graph;
  const SymbolicShapes& m_shapes;
  const Node& m_node;
  const size_t m_axis;
  SymbolicDims m_dims;  // of output 0
  RowWise m_result;
};

}  // namespace

std::optional<RowWise> rowWise(const graph::Graph& graph, const SymbolicShapes& shapes, const graph::Node& node,
                               size_t axis) {
  return Reader(graph, shapes, node, axis).read();
}

}  // namespace ridgeline::advisor
