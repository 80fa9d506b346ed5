// Puts QuantizeLinear and DequantizeLinear around the operators of a plan, in the arrangement that ONNX Runtime turns
// into integer kernels (QLinearConv, QLinearAdd...) without a conversion left between them.
#pragma once

#include "advisor/rules/quantization/activations.h"
#include "advisor/rules/quantization/hard_sigmoid.h"
#include "advisor/rules/quantization/static_plan.h"
#include "advisor/rules/quantization/weight_store.h"

#include <map>
#include <string>
#include <utility>

namespace ridgeline::advisor::quantization {

class QdqWriter {
 public:
  // `ranges` holds every tensor of rangesNeeded(plan).
  QdqWriter(graph::Graph& graph, const StaticPlan& plan, const std::map<std::string, Range>& ranges, bool isSigned);
  // Returns how many anchors were rewritten: those whose weights cannot be quantized stay as they are.
  int write();

 private:
  struct Names {
    std::string quantized, dequantized, scale, zeroPoint;
    float scaleValue = 1;
  };
  void quantizeTensor(const StaticPlan::QuantizedTensor& tensor);
  std::pair<std::string, std::string> parametersOf(const std::string& hint, const ActivationScale& scale);
  void quantizeStep(const StepByRounding& step, const std::string& source, const std::string& output);
  void spellHardSwish(graph::Node* node);
  ActivationScale scaleOf(const StaticPlan::QuantizedTensor& tensor) const;
  const Names& inputOf(const graph::Node* node) const;
  void spellTanh(graph::Node* node, const std::string& source, const std::string& output);
  bool rewrite(const Convolution& convolution);
  bool rewrite(const Product& product);
  std::string dequantize(const std::string& hint, const graph::Tensor& values, const graph::Tensor& scales);
  std::string dequantizedWeight(const Convolution& convolution, float inputScale, graph::Tensor& scales);
  graph::Node* addLinear(const char* opType, std::vector<std::string> inputs, const std::string& output,
                         bool perChannel);

  graph::Graph& m_graph;
  const StaticPlan& m_plan;
  const std::map<std::string, Range>& m_ranges;
  bool m_signed;
  std::string m_domain;  // of QuantizeLinear and DequantizeLinear
  WeightStore m_weights;
  std::map<std::string, Names> m_tensors;                                   // by name
  std::map<std::string, std::pair<std::string, std::string>> m_parameters;  // by the tensor whose range gives them
  struct SharedWeight {
    std::string dequantized;
    graph::Tensor scales;
  };
  std::map<std::string, SharedWeight> m_convolutionWeights;
};

}  // namespace ridgeline::advisor::quantization
