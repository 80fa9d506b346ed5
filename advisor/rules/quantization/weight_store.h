// Quantized weights of one rewrite, each made once however many operators share it.
#pragma once

#include "advisor/rules/quantization/integer_products.h"
#include "advisor/rules/quantization/products.h"

#include <map>
#include <optional>
#include <string>

namespace ridgeline::advisor::quantization {

class WeightStore {
 public:
  explicit WeightStore(graph::Graph& graph) : m_graph(graph) {}

  struct Names {
    std::string values, scales;  // initializers
  };
  // A product's weight as int8 [K, N] with a scale for each column. nullopt when it cannot be quantized.
  std::optional<Names> perColumn(const Product& product);
  // The same as MatMulNBits reads it.
  std::optional<Names> inBlocks(const Product& product, int bits, int64_t block);
  std::optional<Names> inBlocks(const IntegerProduct& product, int bits, int64_t block);
  // The name of an initializer that holds the product's bias; empty: none.
  std::string bias(const Product& product);

 private:
  std::optional<Names> addBlocks(const Product& product, const std::optional<graph::Tensor>& weight, int bits,
                                 int64_t block);

  graph::Graph& m_graph;
  std::map<std::string, std::optional<Names>> m_made;
};

// Puts a node in the place of a product (and its bias Add), under the same output name.
void replaceProduct(graph::Graph& graph, const Product& product, graph::NodeSpec spec);

}  // namespace ridgeline::advisor::quantization
