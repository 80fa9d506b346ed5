// Arithmetic on sizes, and on the numbers that are made of them.
#include "advisor/rules/symbolic_step.h"

#include <algorithm>
#include <cmath>

namespace ridgeline::advisor {

// Element by element; what is no plain number becomes a symbol.
void SymbolicStep::arithmetic() {
  constexpr size_t kMost = 16;
  std::vector<SymbolicDims> operands;
  size_t count = 0;
  for (int i = 0; i < m_node.input_size(); ++i) {
    auto operand = intsOf(i);
    if (!operand || operand->empty() || operand->size() > kMost) return;
    count = std::max(count, operand->size());
    operands.push_back(std::move(*operand));
  }
  if (std::ranges::any_of(operands, [&](const auto& o) { return o.size() != 1 && o.size() != count; })) return;
  SymbolicDims result;
  for (size_t i = 0; i < count; ++i) {
    const auto at = [&](size_t operand) { return operands[operand][operands[operand].size() == 1 ? 0 : i]; };
    if (operands.size() == 2) {
      result.push_back(calculated(at(0), at(1)));
    } else if (m_node.op_type() == "Where" && operands.size() == 3) {
      const Dim condition = at(0);
      result.push_back(isNumber(condition) ? at(condition != 0 ? 1 : 2) : unknownValue());
    } else {
      return;
    }
  }
  setInts(std::move(result));
}

Dim SymbolicStep::calculated(Dim x, Dim y) {
  const std::string& op = m_node.op_type();
  const bool numbers = SymbolicShapes::areSmall(x, y);
  if (op == "Add") return m_shapes.sum(x, y);
  if (op == "Equal" && x == y) return 1;
  if (op == "Equal" && (numbers || (m_shapes.isSize(x) && y < 0) || (m_shapes.isSize(y) && x < 0))) return 0;
  if (op == "Sub" && numbers) return x - y;
  if (op == "Mul" && numbers) return x * y;
  if (op == "Div" && numbers && y > 0 && x >= 0) return x / y;
  if (((op == "Mul" || op == "Div") && y == 1) || (op == "Sub" && y == 0)) return x;
  if (op == "Mul" && x == 1) return y;
  const Dim result = unknownValue();
  if (op == "Sub") m_shapes.m_differences[result] = {x, y};
  return result;
}

Dim SymbolicStep::unknownValue() {
  const Dim value = m_shapes.fresh();
  m_shapes.m_computed.insert(value);
  return value;
}

// Values of one-element floating-point results.
void SymbolicStep::numbers() {
  const auto value = [&](int i) { return i < m_node.input_size() ? m_shapes.number(m_node.input(i)) : std::nullopt; };
  const std::string& op = m_node.op_type();
  const auto a = value(0), b = value(1);
  std::optional<double> result;
  if (op == "Cast" || op == "Identity" || op == "Unsqueeze" || op == "Squeeze" || op == "Reshape") result = a;
  if (op == "Sqrt" && a && *a >= 0) result = std::sqrt(*a);
  if (op == "Reciprocal" && a && *a != 0) result = 1 / *a;
  if (op == "Mul" && a && b) result = *a * *b;
  if (op == "Add" && a && b) result = *a + *b;
  if (op == "Sub" && a && b) result = *a - *b;
  if (op == "Pow" && a && b && *a >= 0) result = std::pow(*a, *b);
  // Integers divide differently: left to arithmetic().
  if (op == "Div" && a && b && *b != 0 && !intsOf(0)) result = *a / *b;
  m_shapes.m_facts[m_node.output(0)].number = result;
}

}  // namespace ridgeline::advisor
