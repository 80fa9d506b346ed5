// Matrix products whose second operand is a weight: MatMul and Gemm in the spellings of exporters.
#pragma once

#include "advisor/rule.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ridgeline::advisor::quantization {

// input [..., K] times weight [K, N], plus bias [N]. Gemm's alpha and beta are in `alpha` and `beta`.
struct Product {
  graph::Node* node = nullptr;
  graph::Node* biasAdd = nullptr;  // an Add behind a MatMul that the product takes over
  std::string input;
  std::string weight;       // the constant itself, behind an Identity or Transpose of it
  bool transposed = false;  // the constant is [N, K]
  std::string bias;         // a constant of N elements or one; empty: none
  float alpha = 1, beta = 1;
  int64_t k = 0, n = 0;
  std::string output;

  std::vector<graph::Node*> nodes() const;
  std::string weightKey() const;  // equal for products that can share quantized weights
};

// nullopt when the node is no such product; `why` is then told what stood in the way, for MatMul and Gemm.
std::optional<Product> asProduct(const graph::Graph& graph, graph::Node& node, const engine::ShapeMap& shapes,
                                 std::string* why = nullptr);

// All products of the graph, in its order.
std::vector<Product> allProducts(const graph::Graph& graph, const Subject& subject, const std::string& rule,
                                 std::vector<NearMiss>* nearMisses);

// Rows of the input as it was run; 0 when its shape is not known.
int64_t rowsOf(const Product& product, const Subject& subject);

// alpha times the weight.
std::optional<graph::Tensor> weightOf(const graph::Graph& graph, const Product& product);
// beta times the bias, as N values; nullopt when there is none.
std::optional<graph::Tensor> biasOf(const graph::Graph& graph, const Product& product);

}  // namespace ridgeline::advisor::quantization
