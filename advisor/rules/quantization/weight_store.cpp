#include "advisor/rules/quantization/weight_store.h"

#include "advisor/rules/quantization/weights.h"
#include "graph/permutation.h"

namespace ridgeline::advisor::quantization {

std::optional<WeightStore::Names> WeightStore::perColumn(const Product& product) {
  const auto [it, isNew] = m_made.try_emplace(product.weightKey());
  if (!isNew) return it->second;
  auto weight = weightOf(m_graph, product);
  if (weight && product.transposed) weight = graph::transposed(*weight, {1, 0});
  if (!weight) return std::nullopt;
  const auto quantized = quantizePerChannel(*weight, 1, int8WeightLimit());
  if (!quantized) return std::nullopt;
  it->second = Names{m_graph.addInitializer(product.weight + "_int8", quantized->values),
                     m_graph.addInitializer(product.weight + "_scales", quantized->scales)};
  return it->second;
}

std::optional<WeightStore::Names> WeightStore::inBlocks(const Product& product, int bits, int64_t block) {
  const auto made = m_made.find(product.weightKey());
  return made != m_made.end() ? made->second : addBlocks(product, weightOf(m_graph, product), bits, block);
}

std::optional<WeightStore::Names> WeightStore::inBlocks(const IntegerProduct& product, int bits, int64_t block) {
  const auto made = m_made.find(product.product.weightKey());
  return made != m_made.end() ? made->second : addBlocks(product.product, weightOf(m_graph, product), bits, block);
}

std::optional<WeightStore::Names> WeightStore::addBlocks(const Product& product,
                                                         const std::optional<graph::Tensor>& weight, int bits,
                                                         int64_t block) {
  auto& names = m_made[product.weightKey()];
  const auto quantized = weight ? quantizeBlocks(*weight, product.transposed, bits, block) : std::nullopt;
  if (!quantized) return std::nullopt;
  names = Names{m_graph.addInitializer(fmt::format("{}_int{}", product.weight, bits), quantized->values),
                m_graph.addInitializer(product.weight + "_scales", quantized->scales)};
  return names;
}

std::string WeightStore::bias(const Product& product) {
  if (product.bias.empty()) return {};
  const auto dims = m_graph.constantDims(product.bias);
  if (product.beta == 1 && dims == graph::Dims{product.n}) return product.bias;
  const auto values = biasOf(m_graph, product);
  return values ? m_graph.addInitializer(product.bias, *values) : std::string();
}

void replaceProduct(graph::Graph& graph, const Product& product, graph::NodeSpec spec) {
  if (spec.name.empty()) spec.name = product.node->name() + "_quantized";
  spec.outputs = {product.output};
  for (graph::Node* node : product.nodes()) graph.removeNode(node);
  graph.addNode(std::move(spec));
}

}  // namespace ridgeline::advisor::quantization
