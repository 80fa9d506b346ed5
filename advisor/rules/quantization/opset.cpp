#include "advisor/rules/quantization/opset.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace ridgeline::advisor::quantization {
namespace {

constexpr int64_t kNeeded = 10;
// Raising a model is safe if no operator in it changed its meaning between: ONNX's change log has these from 7 to 10.
// Older sets differ in broadcasting, and are left alone.
constexpr int64_t kOldest = 7;
constexpr std::array<std::string_view, 4> kChanged{"Slice", "TopK", "Upsample", "Scan"};

bool keepsItsMeaning(const onnx::NodeProto& node, int64_t opset) {
  if (std::ranges::any_of(node.attribute(), [](const auto& a) { return a.has_g() || a.graphs_size() > 0; }))
    return false;
  if (!node.domain().empty() && node.domain() != "ai.onnx") return true;
  if (node.op_type() == "BatchNormalization") return opset >= 9;    // lost an attribute
  if (node.op_type() == "Dropout") return node.output_size() == 1;  // the mask became boolean
  return std::ranges::count(kChanged, node.op_type()) == 0;
}

}  // namespace

bool mayConvolveIntegers(const graph::Model& model) {
  const int64_t opset = model.opset();
  return opset >= kNeeded ||
         (opset >= kOldest && model.proto().functions_size() == 0 &&
          std::ranges::all_of(model.graphProto().node(), [&](const auto& n) { return keepsItsMeaning(n, opset); }));
}

void raiseForIntegerConvolutions(graph::Model& model) {
  if (model.opset() < kNeeded) model.requireOpset("", kNeeded);
}

}  // namespace ridgeline::advisor::quantization
