#include "advisor/rules/quantization/lstm.h"

#include "advisor/rules/constant_behind.h"
#include "advisor/rules/quantization/form_model.h"
#include "advisor/rules/quantization/weights.h"
#include "graph/permutation.h"

#include <algorithm>
#include <array>

namespace ridgeline::advisor::quantization {
namespace {

using graph::DataType;
using graph::Graph;
using graph::Node;
using graph::Tensor;

const std::string kMicrosoft = "com.microsoft";

Tensor withDims(const Tensor& tensor, graph::Dims dims) {
  Tensor reshaped(tensor.type(), std::move(dims));
  std::ranges::copy(tensor.bytes(), reshaped.bytes().begin());
  return reshaped;
}

struct QuantizedGates {
  Tensor values;  // int8 [directions, from, 4 x hidden]: the kernel wants them turned
  Tensor scales;  // [directions, 4 x hidden], or [directions]
};

graph::Dims scaleDims(const graph::Dims& weight, LstmScales scales) {
  return scales == LstmScales::PerUnit ? graph::Dims{weight[0], weight[1]} : graph::Dims{weight[0]};
}

std::optional<QuantizedGates> quantizeGates(const Tensor& weight, LstmScales scales) {
  const graph::Dims& dims = weight.dims();
  const bool perUnit = scales == LstmScales::PerUnit;
  const auto rows = perUnit ? withDims(weight, {dims[0] * dims[1], dims[2]}) : weight;
  const auto quantized = quantizePerChannel(rows, 0, int8WeightLimit());
  if (!quantized) return std::nullopt;
  return QuantizedGates{graph::transposed(withDims(quantized->values, dims), {0, 2, 1}),
                        withDims(quantized->scales, scaleDims(dims, scales))};
}

// x, W, R, B, sequence_lens, initial_h, initial_c, P; then scale and zero point of W, scale and zero point of R.
std::vector<std::string> operands(std::vector<std::string> given, const std::array<std::string, 4>& parameters) {
  given.resize(8);
  given.insert(given.end(), parameters.begin(), parameters.end());
  return given;
}

// Enough copies that their weights leave a core's cache, as those of the other layers make them do in a network.
int copiesOf(const LstmShape& shape) {
  const int64_t bytes = 4 * (graph::elementCount(shape.inputWeight) + graph::elementCount(shape.stateWeight));
  return static_cast<int>(std::clamp<int64_t>((int64_t{8} << 20) / std::max<int64_t>(bytes, 1), 1, 4));
}

template <class AddCopy>
KernelForm form(std::string_view name, const LstmShape& shape, AddCopy addCopy) {
  auto key = fmt::format("{} {} W{} R{} {}", name, graph::formatDims(shape.input), graph::formatDims(shape.inputWeight),
                         graph::formatDims(shape.stateWeight), attributesKey(shape.attributes));
  return {std::move(key),
          [shape, addCopy] {
            FormModel model("lstm", DataType::Float, shape.input);
            for (int i = 0; i < copiesOf(shape); ++i) model.output(addCopy(model, shape));
            return std::move(model).take();
          },
          copiesOf(shape)};
}

std::string bias(FormModel& model, const LstmShape& shape) {
  return model.constant(filled(DataType::Float, {shape.inputWeight[0], 2 * shape.inputWeight[1]}));
}

}  // namespace

std::optional<Lstm> asLstm(const Graph& graph, Node& node, std::string* why) {
  std::string ignored;
  std::string& reason = why ? *why : ignored;
  if (graph::isOp(node, "GRU") || graph::isOp(node, "RNN")) reason = "the engine has no integer kernel for it";
  if (!graph::isOp(node, "LSTM") || node.input_size() < 3 || node.output_size() == 0) return std::nullopt;
  if (graph::intAttribute(node, "layout", 0) != 0) {
    reason = "its batch comes first, and the engine's integer kernel wants the steps there";
    return std::nullopt;
  }
  Lstm lstm{&node, constantBehind(graph, node.input(1)), constantBehind(graph, node.input(2))};
  for (const auto& weight : {lstm.inputWeight, lstm.stateWeight}) {
    const auto dims = weight.empty() ? std::nullopt : graph.constantDims(weight);
    if (!dims || dims->size() != 3 || graph::elementCount(*dims) == 0) {
      reason = "its weights are not constants";
    } else if (graph.constantType(weight) != DataType::Float) {
      reason = "its weights are not float32";
    }
  }
  return reason.empty() ? std::optional(lstm) : std::nullopt;
}

std::string LstmShape::text() const {
  return fmt::format("{}, {} of {}", graph::formatDims(input),
                     inputWeight[0] == 1 ? "1 direction" : fmt::format("{} directions", inputWeight[0]),
                     stateWeight[2]);
}

std::optional<LstmShape> shapeOf(const Graph& graph, const Lstm& lstm, const Subject& subject) {
  const auto* facts = subject.shape(lstm.node->input(0));
  if (!facts || facts->dims.size() != 3) return std::nullopt;
  LstmShape shape{facts->dims, *graph.constantDims(lstm.inputWeight), *graph.constantDims(lstm.stateWeight), {}};
  *shape.attributes.mutable_attribute() = lstm.node->attribute();
  return shape;
}

KernelForm floatLstm(const LstmShape& shape) {
  return form("LSTM float32", shape, [](FormModel& model, const LstmShape& s) {
    const auto weight = [&](const graph::Dims& dims) { return model.constant(filled(DataType::Float, dims)); };
    return model.addLike(s.attributes,
                         {"LSTM", {"x", weight(s.inputWeight), weight(s.stateWeight), bias(model, s)}, {}, {}, {}, {}});
  });
}

KernelForm dynamicLstm(const LstmShape& shape, LstmScales kind) {
  const auto name = fmt::format("DynamicQuantizeLSTM{}", kind == LstmScales::PerUnit ? " per unit" : "");
  return form(name, shape, [kind](FormModel& model, const LstmShape& s) {
    const auto weight = [&](const graph::Dims& d) {
      return model.constant(filled(DataType::Int8, {d[0], d[2], d[1]}));
    };
    const auto gates = scaleDims(s.inputWeight, kind);
    const auto scales = model.constant(filled(DataType::Float, gates));
    const auto zeros = model.constant(Tensor(DataType::Int8, gates));
    const auto inputs =
        operands({"x", weight(s.inputWeight), weight(s.stateWeight), bias(model, s)}, {scales, zeros, scales, zeros});
    return model.addLike(s.attributes, {"DynamicQuantizeLSTM", inputs, {}, {}, kMicrosoft, {}});
  });
}

bool quantizeLstm(Graph& graph, const Lstm& lstm, LstmScales scales) {
  const auto inputWeight = graph.constant(lstm.inputWeight), stateWeight = graph.constant(lstm.stateWeight);
  const auto input = inputWeight ? quantizeGates(*inputWeight, scales) : std::nullopt;
  const auto state = stateWeight ? quantizeGates(*stateWeight, scales) : std::nullopt;
  if (!input || !state) return false;
  const Node before = *lstm.node;
  const auto add = [&](const std::string& name, const char* suffix, const Tensor& tensor) {
    return graph.addInitializer(name + suffix, tensor);
  };
  std::vector<std::string> inputs(before.input().begin(), before.input().end());
  inputs[1] = add(lstm.inputWeight, "_int8", input->values);
  inputs[2] = add(lstm.stateWeight, "_int8", state->values);
  const Tensor zeros(DataType::Int8, input->scales.dims());
  const auto inputZeros = add(lstm.inputWeight, "_zero_points", zeros);
  inputs = operands(inputs, {add(lstm.inputWeight, "_scales", input->scales), inputZeros,
                             add(lstm.stateWeight, "_scales", state->scales), inputZeros});
  graph.removeNode(lstm.node);
  Node* const made = graph.addNode({"DynamicQuantizeLSTM",
                                    inputs,
                                    {before.output().begin(), before.output().end()},
                                    {},
                                    kMicrosoft,
                                    before.name() + "_quantized"});
  *made->mutable_attribute() = before.attribute();
  graph::removeAttribute(*made, "layout");
  return true;
}

}  // namespace ridgeline::advisor::quantization
