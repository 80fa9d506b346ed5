#include "advisor/rules/quantization/products.h"

#include "advisor/rules/constant_behind.h"

namespace ridgeline::advisor::quantization {
namespace {

using graph::Graph;
using graph::Node;

struct Weight {
  std::string name;
  bool transposed = false;
};

// The constant that a tensor is, or is a plain Transpose or Identity of, as left by exporters for tied embeddings.
std::optional<Weight> constantMatrix(const Graph& graph, const std::string& tensor) {
  Weight weight{tensor, false};
  for (int hops = 0; hops < 4; ++hops) {
    if (graph.isConstant(weight.name)) {
      const auto dims = graph.constantDims(weight.name);
      return dims && dims->size() == 2 ? std::optional(weight) : std::nullopt;
    }
    const Node* node = graph.producer(weight.name);
    if (!node || node->input_size() < 1) return std::nullopt;
    if (graph::isOp(*node, "Transpose")) {
      const auto perm = graph::intsAttribute(*node, "perm");
      if (!perm.empty() && perm != std::vector<int64_t>{1, 0}) return std::nullopt;
      weight.transposed = !weight.transposed;
    } else if (!graph::isOp(*node, "Identity")) {
      return std::nullopt;
    }
    weight.name = node->input(0);
  }
  return std::nullopt;
}

// A float constant that adds one value to each of N columns (or the same to all) and does not raise the rank.
bool isColumnBias(const Graph& graph, const std::string& tensor, int64_t n, size_t rank) {
  const auto dims = graph.constantDims(tensor);
  if (!dims || graph.constantType(tensor) != graph::DataType::Float || dims->size() > rank) return false;
  const int64_t count = graph::elementCount(*dims);
  return count == 1 || (count == n && dims->back() == n);
}

void takeBiasAdd(const Graph& graph, Product& product, size_t rank) {
  Node* add = graph.onlyConsumer(product.output);
  if (!add || !graph::isOp(*add, "Add") || add->input_size() != 2) return;
  const std::string bias = constantBehind(graph, add->input(add->input(0) == product.output ? 1 : 0));
  if (bias.empty() || !isColumnBias(graph, bias, product.n, rank)) return;
  product.biasAdd = add;
  product.bias = bias;
  product.output = add->output(0);
}

bool takeGemmBias(const Graph& graph, const Node& node, Product& product, std::string& why) {
  product.alpha = graph::floatAttribute(node, "alpha", 1);
  product.beta = graph::floatAttribute(node, "beta", 1);
  if (node.input_size() < 3 || node.input(2).empty()) return true;
  product.bias = constantBehind(graph, node.input(2));
  if (!product.bias.empty() && isColumnBias(graph, product.bias, product.n, 2)) return true;
  why = "the third operand is not a constant with a value for each column";
  return false;
}

}  // namespace

std::vector<Node*> Product::nodes() const { return biasAdd ? std::vector{node, biasAdd} : std::vector{node}; }

std::string Product::weightKey() const { return fmt::format("{}|{}|{}", weight, transposed, alpha); }

std::optional<Product> asProduct(const Graph& graph, Node& node, const engine::ShapeMap& shapes, std::string* why) {
  std::string ignored;
  std::string& reason = why ? *why : ignored;
  const bool gemm = graph::isOp(node, "Gemm");
  if ((!gemm && !graph::isOp(node, "MatMul")) || node.input_size() < 2 || node.output_size() != 1) return std::nullopt;
  const auto weight = constantMatrix(graph, node.input(1));
  if (!weight) {
    if (!constantBehind(graph, node.input(1)).empty()) reason = "the constant operand is not a matrix";
    if (!constantBehind(graph, node.input(0)).empty()) reason = "the constant is the first operand";
    return std::nullopt;  // a product of two activations is no near miss
  }
  if (graph.constantType(weight->name) != graph::DataType::Float) {
    reason = "the weight is not float32";
    return std::nullopt;
  }
  if (gemm && graph::intAttribute(node, "transA", 0) != 0) {
    reason = "the first operand is transposed";
    return std::nullopt;
  }
  Product product;
  product.node = &node;
  product.input = node.input(0);
  product.weight = weight->name;
  product.transposed = weight->transposed != (gemm && graph::intAttribute(node, "transB", 0) != 0);
  const auto dims = *graph.constantDims(weight->name);
  product.k = dims[product.transposed ? 1 : 0];
  product.n = dims[product.transposed ? 0 : 1];
  product.output = node.output(0);
  if (product.k <= 0 || product.n <= 0) return std::nullopt;
  if (gemm) {
    if (!takeGemmBias(graph, node, product, reason)) return std::nullopt;
  } else if (const auto facts = shapes.find(product.input); facts != shapes.end()) {
    if (facts->second.dims.size() < 2) {
      reason = "the first operand is a vector";
      return std::nullopt;
    }
    takeBiasAdd(graph, product, facts->second.dims.size());
  }
  return product;
}

std::vector<Product> allProducts(const Graph& graph, const Subject& subject, const std::string& rule,
                                 std::vector<NearMiss>* nearMisses) {
  std::vector<Product> products;
  for (Node* node : graph.nodes()) {
    std::string why;
    if (auto product = asProduct(graph, *node, subject.shapes, &why)) {
      products.push_back(std::move(*product));
    } else if (!why.empty() && nearMisses) {
      nearMisses->push_back({rule, graph::idOf(*node), fmt::format("{}: {}", node->op_type(), why)});
    }
  }
  return products;
}

int64_t rowsOf(const Product& product, const Subject& subject) {
  const auto* facts = subject.shape(product.input);
  if (!facts || facts->dims.empty() || facts->dims.back() != product.k) return 0;
  return graph::elementCount(facts->dims) / product.k;
}

std::optional<graph::Tensor> weightOf(const Graph& graph, const Product& product) {
  auto weight = graph.constant(product.weight);
  if (!weight || product.alpha == 1) return weight;
  for (float& v : weight->as<float>()) v *= product.alpha;
  return weight;
}

std::optional<graph::Tensor> biasOf(const Graph& graph, const Product& product) {
  if (product.bias.empty()) return std::nullopt;
  const auto constant = graph.constant(product.bias);
  if (!constant) return std::nullopt;
  const auto given = constant->as<float>();
  graph::Tensor bias(graph::DataType::Float, {product.n});
  auto values = bias.as<float>();
  for (size_t i = 0; i < values.size(); ++i) values[i] = product.beta * given[given.size() == 1 ? 0 : i];
  return bias;
}

}  // namespace ridgeline::advisor::quantization
