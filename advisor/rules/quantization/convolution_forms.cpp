#include "advisor/rules/quantization/form_model.h"
#include "advisor/rules/quantization/forms.h"

#include <algorithm>

namespace ridgeline::advisor::quantization {

using graph::DataType;

std::string ConvolutionShape::text() const {
  return fmt::format("{} by {}", graph::formatDims(input), graph::formatDims(weight));
}

namespace {

constexpr float kScale = 1.0f / 64;

graph::Tensor constant(int64_t count, float value) {
  graph::Tensor tensor(DataType::Float, {count});
  std::ranges::fill(tensor.as<float>(), value);
  return tensor;
}

}  // namespace

graph::Model convolutionModel(const ConvolutionLayer& layer, ConvolutionForm form) {
  const bool quantized = form != ConvolutionForm::Float;
  const auto type = form == ConvolutionForm::Uint8 ? DataType::Uint8 : DataType::Int8;
  FormModel model("convolution", quantized ? type : DataType::Float, layer.shape.input);
  const int64_t channels = layer.shape.weight[layer.opType == "ConvTranspose" ? 1 : 0];
  // ReLU disappears into the quantization only if nothing below zero can be represented.
  const auto scale = model.scalar(kScale),
             zero = model.zeroPoint(type, quantized && type == DataType::Uint8 ? 0 : -128);
  const auto pair = [&](const std::string& t) { return model.dequantize(model.quantize(t, scale, zero), scale, zero); };
  const auto x = quantized ? model.dequantize("x", scale, zero) : std::string("x");
  for (int i = 0; i < kConvolutionCopies; ++i) {
    graph::NodeSpec conv{layer.opType, {x}, {}, {}, {}, {}};
    if (quantized) {
      // The engine takes the operator for an integer one only if the bias has the scale of the products.
      const auto zeros = [&](DataType t) { return model.constant(graph::Tensor(t, {channels})); };
      const auto scales = model.constant(constant(channels, kScale));
      const auto biasScales = model.constant(constant(channels, kScale * kScale));
      conv.inputs.push_back(model.dequantize(model.constant(filled(DataType::Int8, layer.shape.weight)), scales,
                                             zeros(DataType::Int8), 0));
      conv.inputs.push_back(model.dequantize(zeros(DataType::Int32), biasScales, zeros(DataType::Int32), 0));
    } else {
      conv.inputs.push_back(model.constant(filled(DataType::Float, layer.shape.weight)));
      conv.inputs.push_back(model.floats(channels));
    }
    auto y = model.addLike(layer.shape.attributes, std::move(conv));
    y = model.add({"Relu", {y}, {}, {}, {}, {}});
    if (quantized) {
      y = model.quantize(y, scale, zero);
      if (layer.moves) y = layer.moves(model, y);
      y = model.dequantize(y, scale, zero);
    }
    y = model.add({"GlobalAveragePool", {y}, {}, {}, {}, {}});
    model.output(quantized ? pair(y) : y);
  }
  return std::move(model).take();
}

KernelForm convolution(const ConvolutionShape& shape, ConvolutionForm form) {
  constexpr std::string_view names[] = {"float32", "u8s8", "s8s8"};
  auto key = fmt::format("Conv {} {} W{} {}", names[static_cast<size_t>(form)], graph::formatDims(shape.input),
                         graph::formatDims(shape.weight), attributesKey(shape.attributes));
  return {std::move(key), [shape, form] { return convolutionModel({"Conv", shape, {}}, form); }, kConvolutionCopies};
}

}  // namespace ridgeline::advisor::quantization
