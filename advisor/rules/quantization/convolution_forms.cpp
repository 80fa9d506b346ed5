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
  // ReLU disappears into the quantization only if nothing below zero can be represented.
  const auto scale = model.scalar(kScale),
             zero = model.zeroPoint(type, quantized && type == DataType::Uint8 ? 0 : -128);
  const auto convolve = [&](const std::string& input, const graph::Dims& weight) {
    const int64_t channels = weight[layer.opType == "ConvTranspose" ? 1 : 0];
    graph::NodeSpec conv{layer.opType, {input}, {}, {}, {}, {}};
    if (quantized) {
      // The engine takes the operator for an integer one only if the bias has the scale of the products.
      const auto int32Zeros = model.constant(graph::Tensor(DataType::Int32, {channels}));
      graph::Tensor weightZeros(DataType::Int8, {channels});
      std::ranges::fill(weightZeros.as<int8_t>(), static_cast<int8_t>(layer.weightZero));
      const auto scales = model.constant(constant(channels, kScale));
      const auto biasScales = model.constant(constant(channels, kScale * kScale));
      conv.inputs.push_back(
          model.dequantize(model.constant(filled(DataType::Int8, weight)), scales, model.constant(weightZeros), 0));
      conv.inputs.push_back(model.dequantize(int32Zeros, biasScales, int32Zeros, 0));
    } else {
      conv.inputs.push_back(model.constant(filled(DataType::Float, weight)));
      conv.inputs.push_back(model.floats(channels));
    }
    return model.add({"Relu", {model.addLike(layer.shape.attributes, std::move(conv))}, {}, {}, {}, {}});
  };
  // One for all copies: the engine then arranges the input once for all of them, too.
  const auto x = quantized && layer.slices.empty() ? model.dequantize("x", scale, zero) : std::string("x");
  const auto inSlices = [&] {
    std::vector<int64_t> sizes;
    for (const auto& weight : layer.slices) sizes.push_back(weight[1]);
    auto parts = layer.slices.size() == 1 ? std::vector<std::string>{"x"} : model.split("x", sizes, 1);
    for (size_t i = 0; i < parts.size(); ++i) {
      parts[i] = model.quantize(convolve(model.dequantize(parts[i], scale, zero), layer.slices[i]), scale, zero);
    }
    return parts.size() == 1 ? parts[0] : model.add({"Concat", parts, {}, {{"axis", int64_t{1}}}, {}, {}});
  };
  for (int i = 0; i < layer.copies; ++i) {
    if (!quantized) {
      model.output(model.add({"GlobalAveragePool", {convolve(x, layer.shape.weight)}, {}, {}, {}, {}}));
      continue;
    }
    auto y = layer.slices.empty() ? model.quantize(convolve(x, layer.shape.weight), scale, zero) : inSlices();
    if (layer.moves) y = layer.moves(model, y);
    y = model.add({"GlobalAveragePool", {model.dequantize(y, scale, zero)}, {}, {}, {}, {}});
    model.output(model.dequantize(model.quantize(y, scale, zero), scale, zero));
  }
  return std::move(model).take();
}

KernelForm convolution(const ConvolutionShape& shape, ConvolutionForm form) {
  constexpr std::string_view names[] = {"float32", "u8s8", "s8s8"};
  auto key = fmt::format("Conv {} {} W{} {}", names[static_cast<size_t>(form)], graph::formatDims(shape.input),
                         graph::formatDims(shape.weight), attributesKey(shape.attributes));
  return {std::move(key), [shape, form] { return convolutionModel({.shape = shape}, form); }, kConvolutionCopies};
}

KernelForm loweredConvolution(const ConvolutionShape& shape, ConvolutionForm form) {
  auto direct = convolution(shape, form);
  return {direct.key + " lowered", [shape, form] { return convolutionModel({.shape = shape, .weightZero = -1}, form); },
          direct.copies};
}

}  // namespace ridgeline::advisor::quantization
