#include "advisor/rules/quantization/qdq_writer.h"

#include "advisor/rules/quantization/weights.h"

#include <algorithm>
#include <string_view>

namespace ridgeline::advisor::quantization {

using graph::DataType;
using graph::Tensor;

QdqWriter::QdqWriter(graph::Graph& graph, const StaticPlan& plan, const std::map<std::string, Range>& ranges,
                     bool isSigned)
    : m_graph(graph),
      m_plan(plan),
      m_ranges(ranges),
      m_signed(isSigned),
      // ONNX's own DequantizeLinear knows scales per channel since opset 13; the engine's own always did.
      m_domain(graph.model().opset() < 13 ? "com.microsoft" : ""),
      m_weights(graph) {}

namespace {

// Between a dequantized value and its being quantized in other steps, the engine makes a table of 256 bytes of a
// LeakyRelu; with a slope of 1 it does nothing else.
void becomeIdentity(graph::Node& node) {
  node.set_op_type("LeakyRelu");
  node.clear_attribute();
  graph::setAttribute(node, "alpha", 1.0F);
}

void becomeGlobalPool(graph::Graph& graph, graph::Node* node) {
  node->set_op_type("GlobalAveragePool");
  node->clear_attribute();
  if (node->input_size() == 1) return;
  graph.setInput(node, 1, "");  // the axes
  node->mutable_input()->RemoveLast();
}

bool isMadeBy(const StaticPlan::QuantizedTensor& tensor, std::string_view opType) {
  return tensor.producer && graph::isOp(*tensor.producer, opType);
}

}  // namespace

int QdqWriter::write() {
  for (const auto& tensor : m_plan.tensors) quantizeTensor(tensor);
  for (const auto& tensor : m_plan.tensors) {
    if (isMadeBy(tensor, "HardSwish")) spellHardSwish(tensor.producer);
    if (isMadeBy(tensor, "ReduceMean")) becomeGlobalPool(m_graph, tensor.producer);
  }
  int count = 0;
  for (const auto& c : m_plan.convolutions) count += rewrite(c);
  for (const auto& p : m_plan.products) count += rewrite(p);
  if (!m_plan.products.empty() || !m_domain.empty()) m_graph.model().requireOpset("com.microsoft", 1);
  return count;
}

graph::Node* QdqWriter::addLinear(const char* opType, std::vector<std::string> inputs, const std::string& output,
                                  bool perChannel) {
  graph::NodeSpec spec{opType, std::move(inputs), {output}, {}, m_domain, {}};
  if (perChannel) spec.attributes.emplace_back("axis", int64_t{0});
  return m_graph.addNode(std::move(spec));
}

std::pair<std::string, std::string> QdqWriter::parametersOf(const std::string& hint, const ActivationScale& scale) {
  return {m_graph.addInitializer(hint + "_scale", scale.scaleTensor()),
          m_graph.addInitializer(hint + "_zero_point", scale.zeroPointTensor())};
}

void QdqWriter::quantizeTensor(const StaticPlan::QuantizedTensor& tensor) {
  const auto activation = scaleOf(tensor);
  auto& parameters = m_parameters[tensor.rangeOf];
  if (parameters.first.empty()) parameters = parametersOf(tensor.rangeOf, activation);
  Names names{m_graph.uniqueName(tensor.name + "_quantized"), tensor.name, parameters.first, parameters.second,
              activation.scale};
  std::string source = tensor.name;
  if (tensor.producer) {
    // The name goes to the dequantized value: whoever reads it, a graph output too, needs no change.
    source = m_graph.uniqueName(tensor.name + "_float");
    const auto& outputs = tensor.producer->output();
    const auto slot = std::ranges::find(outputs, tensor.name) - outputs.begin();
    m_graph.setOutput(tensor.producer, static_cast<int>(slot), source);
  } else {
    names.dequantized = m_graph.uniqueName(tensor.name + "_dequantized");
  }
  if (isMadeBy(tensor, "Tanh")) {
    spellTanh(tensor.producer, source, names.quantized);
  } else if (isMadeBy(tensor, "HardSigmoid")) {
    const auto step = *StepByRounding::of(*tensor.producer);
    becomeIdentity(*tensor.producer);
    quantizeStep(step, source, names.quantized);
  } else {
    addLinear("QuantizeLinear", {source, names.scale, names.zeroPoint}, names.quantized, false);
  }
  if (tensor.producer || !tensor.readers.empty()) {
    addLinear("DequantizeLinear", {names.quantized, names.scale, names.zeroPoint}, names.dequantized, false);
  }
  if (!tensor.producer) {
    for (graph::Node* reader : tensor.readers) {
      for (int i = 0; i < reader->input_size(); ++i) {
        if (reader->input(i) == tensor.name) m_graph.setInput(reader, i, names.dequantized);
      }
    }
  }
  m_tensors[tensor.name] = std::move(names);
}

ActivationScale QdqWriter::scaleOf(const StaticPlan::QuantizedTensor& tensor) const {
  if (isMadeBy(tensor, "Tanh")) return {1.0F / 128, 128, false};
  return scaleFor(isMadeBy(tensor, "HardSigmoid") ? Range{0, 1} : m_ranges.at(tensor.rangeOf), m_signed);
}

// tanh(x) = 2 sigmoid(2 x) - 1, and the engine makes a table of a sigmoid: what is twice as large is read in steps
// twice as large. An integer that says 1/256 of a sigmoid says 1/128 of a tanh, 128 less.
void QdqWriter::spellTanh(graph::Node* node, const std::string& source, const std::string& output) {
  const auto& x = inputOf(node);
  const auto twice = m_graph.addInitializer(source + "_twice", Tensor::scalar(2 * x.scaleValue));
  const auto argument = m_graph.uniqueName(source + "_argument");
  addLinear("DequantizeLinear", {x.quantized, twice, x.zeroPoint}, argument, false);
  node->set_op_type("Sigmoid");
  m_graph.setInput(node, 0, argument);
  const auto [scale, zero] = parametersOf(source + "_sigmoid", {1.0F / 256, 0, false});
  addLinear("QuantizeLinear", {source, scale, zero}, output, false);
}

void QdqWriter::quantizeStep(const StepByRounding& step, const std::string& source, const std::string& output) {
  const auto [scale, zero] = parametersOf(source + "_step", {step.scale, step.zero, false});
  addLinear("QuantizeLinear", {source, scale, zero}, output, false);
}

// x * HardSigmoid(x). The node's output is quantized already.
void QdqWriter::spellHardSwish(graph::Node* node) {
  const auto step = *StepByRounding::of(*node);
  const std::string x = node->input(0);
  const auto same = m_graph.uniqueName(x + "_same"), share = m_graph.uniqueName(x + "_share");
  becomeIdentity(*m_graph.addNode({"LeakyRelu", {x}, {same}, {}, {}, {}}));
  const auto quantized = m_graph.uniqueName(share + "_quantized");
  quantizeStep(step, same, quantized);
  const auto [scale, zero] = parametersOf(share, scaleFor({0, 1}, false));
  addLinear("DequantizeLinear", {quantized, scale, zero}, share, false);
  node->set_op_type("Mul");
  node->clear_attribute();
  m_graph.setInput(node, 1, share);
}

std::string QdqWriter::dequantize(const std::string& hint, const Tensor& values, const Tensor& scales) {
  const Tensor zeroPoints(values.type(), scales.dims());
  const auto output = m_graph.uniqueName(hint + "_dequantized");
  addLinear("DequantizeLinear",
            {m_graph.addInitializer(hint + "_quantized", values), m_graph.addInitializer(hint + "_scales", scales),
             m_graph.addInitializer(hint + "_zero_points", zeroPoints)},
            output, true);
  return output;
}

// `scales` becomes the weight's. A weight that several convolutions share is quantized once, unless a bias needs larger
// scales than the others left it.
std::string QdqWriter::dequantizedWeight(const Convolution& convolution, float inputScale, Tensor& scales) {
  std::vector<float> floors;
  if (!convolution.bias.empty()) {
    const auto bias = *m_graph.constant(convolution.bias);
    for (const float b : bias.as<float>()) floors.push_back(smallestWeightScale(b, inputScale));
  }
  const auto fits = [&](const Tensor& t) {
    return floors.empty() || std::ranges::equal(t.as<float>(), floors, std::greater_equal<float>{});
  };
  if (const auto shared = m_convolutionWeights.find(convolution.weight);
      shared != m_convolutionWeights.end() && fits(shared->second.scales)) {
    scales = shared->second.scales;
    return shared->second.dequantized;
  }
  const auto weight = m_graph.constant(convolution.weight);
  const auto quantized = weight ? quantizePerChannel(*weight, 0, int8WeightLimit(), floors) : std::nullopt;
  if (!quantized) return {};
  scales = quantized->scales;
  auto name = dequantize(convolution.weight, quantized->values, scales);
  m_convolutionWeights[convolution.weight] = {name, scales};
  return name;
}

// The node may read it by another name by now: names are kept under the one it had.
const QdqWriter::Names& QdqWriter::inputOf(const graph::Node* node) const {
  const auto at = std::ranges::find_if(
      m_plan.tensors, [&](const auto& t) { return std::ranges::find(t.readers, node) != t.readers.end(); });
  return m_tensors.at(at->name);
}

bool QdqWriter::rewrite(const Convolution& convolution) {
  const float inputScale = inputOf(convolution.node).scaleValue;
  Tensor scales;
  const auto weight = dequantizedWeight(convolution, inputScale, scales);
  if (weight.empty()) return false;
  m_graph.setInput(convolution.node, 1, weight);
  if (!convolution.bias.empty()) {
    const auto bias = *m_graph.constant(convolution.bias);
    Tensor biasScales = scales;
    for (float& s : biasScales.as<float>()) s *= inputScale;
    const auto values = quantizeBias(bias.as<float>(), inputScale, scales.as<float>());
    m_graph.setInput(convolution.node, 2, dequantize(convolution.bias, values, biasScales));
  }
  return true;
}

bool QdqWriter::rewrite(const Product& product) {
  const auto weight = m_weights.perColumn(product);
  if (!weight) return false;
  const auto& input = m_tensors.at(product.input);
  std::vector<std::string> inputs{input.quantized, weight->values, input.scale, weight->scales, input.zeroPoint};
  if (const auto bias = m_weights.bias(product); !bias.empty()) inputs.insert(inputs.end(), {"", bias});
  replaceProduct(m_graph, product, {"MatMulIntegerToFloat", inputs, {}, {}, "com.microsoft", {}});
  return true;
}

}  // namespace ridgeline::advisor::quantization
