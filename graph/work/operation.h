// What the formulas are written with: one operator and its shapes, and the table that names its formula.
//
// Conventions, for all families:
// - A multiply-add counts two. An add, compare, multiply, division, root, exponential, error function or hyperbolic
// tangent
//   counts one each, though hardware spends more on some: operations are counted, not cycles.
// - Bytes are those a perfect implementation moves: every input read once, every output written once.
// - Counts are doubles: dims come from files, and their products may pass 2^63.
#pragma once

#include "graph/work/work.h"

#include <optional>
#include <span>
#include <string_view>

namespace ridgeline::graph::work {

struct Operation {
  const Node& node;
  std::span<const TensorShape> inputs;
  std::span<const TensorShape> outputs;

  // Null when absent or of unknown shape.
  const TensorShape* input(size_t index) const;
  const TensorShape* output(size_t index) const;
  // False when the node names an input (output) whose shape was not given: its bytes are then not known.
  bool inputsKnown() const;
  bool outputsKnown() const;
};

using Formula = std::optional<Work> (*)(const Operation&);

struct Entry {
  std::string_view domain;  // "" for ONNX's own
  std::string_view opType;
  Formula formula;
};

inline constexpr std::string_view kOnnx = "";
inline constexpr std::string_view kMicrosoft = "com.microsoft";    // ONNX Runtime's fusions
inline constexpr std::string_view kNchwc = "com.microsoft.nchwc";  // its blocked layout for CPUs
inline constexpr std::string_view kNhwc = "com.ms.internal.nhwc";  // its channels-last layout

// The families; registry.cpp lists them all.
std::span<const Entry> elementwiseEntries();
std::span<const Entry> reductionEntries();
std::span<const Entry> normalizationEntries();
std::span<const Entry> matrixEntries();
std::span<const Entry> convolutionEntries();
std::span<const Entry> poolingEntries();
std::span<const Entry> attentionEntries();
std::span<const Entry> recurrentEntries();
std::span<const Entry> quantizedEntries();
std::span<const Entry> movementEntries();
std::span<const Entry> indexingEntries();

// Null for an operator without an entry.
Formula findFormula(const Node& node);

double elements(const TensorShape& shape);
double elements(std::span<const int64_t> dims);
double byteCount(const TensorShape& shape);
// Bytes of `count` elements of the type.
double byteCount(DataType type, double count);

// Counts arithmetic on this type: as flops for floating-point types, else as integer operations.
void addArithmetic(Work& work, DataType type, double operations);

// All inputs read, all outputs written, nothing computed; nullopt when the first output or a named tensor is unknown.
std::optional<Work> traffic(const Operation& op);
// traffic(), and arithmetic on this type.
std::optional<Work> trafficWith(const Operation& op, DataType type, double operations);
// The same, with integer operations for the INT8 roof.
std::optional<Work> trafficWithInt8(const Operation& op, double operations);

// Operations an activation costs per element, by ONNX's name for it; nullopt for one not known.
std::optional<double> activationCost(std::string_view name);

// What the `activation` attribute of a fused operator costs per element: 0 when there is none.
std::optional<double> fusedActivationCost(const Node& node);

// Operations of a Softmax per element: compare (for the maximum), subtract, exponential, add, divide.
inline constexpr double kSoftmaxCost = 5;
// Rotating a pair by an angle is four multiplications and two additions (Su et al., RoFormer, eq. 34): per element,
// three.
inline constexpr double kRotaryCost = 3;

}  // namespace ridgeline::graph::work
