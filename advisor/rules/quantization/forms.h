// Small models of one operator in the forms it could take, for timing (advisor/preflight.h). They hold several copies
// of the operator with weights of their own, so that weights come from where they come from in a whole network: not
// from a core's own cache.
#pragma once

#include "advisor/preflight.h"
#include "advisor/rules/quantization/products.h"

#include <functional>
#include <string>
#include <vector>

namespace ridgeline::advisor::quantization {

struct ProductShape {
  int64_t m = 0, k = 0, n = 0;
  bool bias = false;
  auto operator<=>(const ProductShape&) const = default;
  std::string text() const;  // "128x768x3072"
};
ProductShape shapeOf(const Product& product, const Subject& subject);

KernelForm floatProduct(const ProductShape& shape);
KernelForm dynamicProduct(const ProductShape& shape);
KernelForm staticProduct(const ProductShape& shape, bool isSigned);
KernelForm blockProduct(const ProductShape& shape, int bits, int64_t block);

// A convolution as it ran: the node's attributes, the weight's dims, the dims of its input.
struct ConvolutionShape {
  graph::Dims input, weight;
  graph::Node attributes;    // names left out
  std::string text() const;  // "1x64x56x56 by 64x64x3x3"
};
enum class ConvolutionForm { Float, Uint8, Int8 };  // of the activations; weights are INT8 in the latter two
KernelForm convolution(const ConvolutionShape& shape, ConvolutionForm form);
// In integers only, with weights whose zero point is not 0.
KernelForm loweredConvolution(const ConvolutionShape& shape, ConvolutionForm form);

class FormModel;
constexpr int kConvolutionCopies = 3;
struct ConvolutionLayer {
  std::string opType = "Conv";  // or "ConvTranspose", in float32 only
  ConvolutionShape shape;
  // In integers only: convolutions of these weights, each of a slice of the input's channels, side by side, instead of
  // the one that `shape` says.
  std::vector<graph::Dims> slices;
  // In integers only: moves what the layer makes about, and gives the name of what that makes.
  std::function<std::string(FormModel&, const std::string& integers)> moves;
  int copies = kConvolutionCopies;
  int weightZero = 0;  // in integers only
};
// x -> Conv -> Relu -> GlobalAveragePool. Pooling keeps the output in the engine's own layout: as in a network, nothing
// but a few values is reordered to the file's layout.
graph::Model convolutionModel(const ConvolutionLayer& layer, ConvolutionForm form);

}  // namespace ridgeline::advisor::quantization
