// LSTM layers whose weights can be quantized.
#pragma once

#include "advisor/preflight.h"
#include "advisor/rule.h"

#include <optional>
#include <string>
#include <vector>

namespace ridgeline::advisor::quantization {

// Weights as ONNX has them: of the input [directions, 4 x hidden, features], of the state [directions, 4 x hidden,
// hidden]; constants, behind an Identity of them.
struct Lstm {
  graph::Node* node = nullptr;
  std::string inputWeight, stateWeight;
};

// nullopt when the node is none that the engine's integer kernel can take the place of; `why` is told what stood in the
// way of a recurrent layer.
std::optional<Lstm> asLstm(const graph::Graph& graph, graph::Node& node, std::string* why = nullptr);

// As it ran: the node's attributes, and the dims of its operands.
struct LstmShape {
  graph::Dims input;  // [steps, batch, features]
  graph::Dims inputWeight, stateWeight;
  graph::Node attributes;    // names left out
  std::string text() const;  // "100x1x80, 2 directions of 512"
};
// nullopt when the shape of its input is not known.
std::optional<LstmShape> shapeOf(const graph::Graph& graph, const Lstm& lstm, const Subject& subject);

// How many weights share a scale: all of a direction, or those of one gate of one unit, which is closer and some
// percent slower.
enum class LstmScales { PerDirection, PerUnit };

KernelForm floatLstm(const LstmShape& shape);
KernelForm dynamicLstm(const LstmShape& shape, LstmScales scales);

// Puts com.microsoft.DynamicQuantizeLSTM in the layer's place, its weights as INT8. False when they cannot be
// quantized.
bool quantizeLstm(graph::Graph& graph, const Lstm& lstm, LstmScales scales);

}  // namespace ridgeline::advisor::quantization
