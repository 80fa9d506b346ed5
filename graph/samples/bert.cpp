#include "graph/samples/builder.h"
#include "graph/samples/networks.h"

#include <cmath>

namespace ridgeline::graph::networks {

namespace {

using Ints = std::vector<int64_t>;

// PyTorch's Linear on a tensor of more than two dimensions: the exporter transposes the weight and adds the bias apart.
std::string linear(const Scope& scope, const std::string& x, int64_t in, int64_t out, const std::string& name) {
  Builder& builder = scope.builder();
  const Init init = uniform(1 / std::sqrt(static_cast<float>(in)));
  const std::string product = scope.op("MatMul", {x, builder.weight(name + ".weight", {in, out}, init)});
  return scope.op("Add", {builder.weight(name + ".bias", {out}, init), product});
}

struct Norm {
  std::string weight, bias;
};

std::string layerNorm(const Scope& scope, const std::string& x, const Norm& norm) {
  const Attributes last{{"axes", Ints{-1}}};
  const std::string centred = scope.op("Sub", {x, scope.op("ReduceMean", {x}, last)});
  const std::string squares = scope.op("Pow", {centred, scope.scalar(2)});
  const std::string variance = scope.op("ReduceMean", {squares}, last);
  const std::string deviation = scope.op("Sqrt", {scope.op("Add", {variance, scope.scalar(1e-5f)})});
  const std::string normal = scope.op("Div", {centred, deviation});
  return scope.op("Add", {scope.op("Mul", {normal, norm.weight}), norm.bias});
}

// One entry of a tensor's shape at run time, as a vector of one.
std::string sizeOf(const Scope& scope, const std::string& x, int64_t axis) {
  const std::string shape = scope.op("Shape", {x});
  const std::string size = scope.op("Gather", {shape, scope.index(axis)}, {{"axis", int64_t{0}}});
  return scope.op("Unsqueeze", {size, scope.list({0})});
}

std::string reshape(const Scope& scope, const std::string& x, const std::string& like, const Ints& tail) {
  std::vector<std::string> dims{sizeOf(scope, like, 0), sizeOf(scope, like, 1)};
  for (const int64_t d : tail) dims.push_back(scope.list({d}));
  const std::string shape = scope.op("Concat", dims, {{"axis", int64_t{0}}});
  return scope.op("Reshape", {x, shape}, {{"allowzero", int64_t{0}}});
}

std::string attention(const Scope& scope, const std::string& x, const std::string& mask, const BertShape& shape,
                      const std::string& name) {
  const int64_t size = shape.width / shape.heads;
  const auto project = [&](const char* which) {
    const std::string y = linear(scope.in(which), x, shape.width, shape.width, name + "." + which);
    return reshape(scope, y, y, {shape.heads, size});
  };
  const auto transpose = [&](const std::string& t, const Ints& perm) {
    return scope.op("Transpose", {t}, {{"perm", perm}});
  };
  const std::string query = transpose(project("q"), {0, 2, 1, 3});
  const std::string key = project("k");
  const std::string value = transpose(project("v"), {0, 2, 1, 3});

  const std::string products = scope.op("MatMul", {query, transpose(key, {0, 2, 3, 1})});
  const std::string scaled = scope.op("Div", {products, scope.scalar(std::sqrt(static_cast<float>(size)))});
  const std::string weights = scope.op("Softmax", {scope.op("Add", {scaled, mask})}, {{"axis", int64_t{-1}}});
  const std::string mixed = transpose(scope.op("MatMul", {weights, value}), {0, 2, 1, 3});
  return linear(scope.in("o"), reshape(scope, mixed, x, {-1}), shape.width, shape.width, name + ".o");
}

// x / 2 * (1 + erf(x / sqrt(2))), in the exporter's order.
std::string gelu(const Scope& scope, const std::string& x) {
  const std::string erf = scope.op("Erf", {scope.op("Div", {x, scope.scalar(std::sqrt(2.0f))})});
  const std::string doubled = scope.op("Mul", {x, scope.op("Add", {erf, scope.scalar(1)})});
  return scope.op("Mul", {doubled, scope.scalar(0.5f)});
}

std::string encoderLayer(const Scope& scope, std::string x, const std::string& mask, const BertShape& shape,
                         const Norm& first, const std::string& name) {
  const auto norm = [&](const std::string& which) {
    Builder& builder = scope.builder();
    const std::string path = name + "." + which;
    return Norm{builder.alias(path + ".weight", first.weight), builder.alias(path + ".bias", first.bias)};
  };
  const std::string attended = attention(scope.in("a"), x, mask, shape, name + ".a");
  x = layerNorm(scope.in("n1"), scope.op("Add", {x, attended}), norm("n1"));
  const int64_t hidden = 4 * shape.width;
  const std::string inner = gelu(scope, linear(scope.in("f1"), x, shape.width, hidden, name + ".f1"));
  const std::string outer = linear(scope.in("f2"), inner, hidden, shape.width, name + ".f2");
  return layerNorm(scope.in("n2"), scope.op("Add", {x, outer}), norm("n2"));
}

// 0 where attention_mask is 1, -10000 where it is 0; broadcast over heads and queries.
std::string additiveMask(const Scope& root) {
  std::string mask = "attention_mask";
  for (const int64_t axis : {1, 2}) mask = root.op("Unsqueeze", {mask, root.list({axis})});
  mask = root.op("Cast", {mask}, {{"to", static_cast<int64_t>(DataType::Float)}});
  return root.op("Mul", {root.op("Sub", {root.scalar(1), mask}), root.scalar(-10000)});
}

std::string embeddings(const Scope& root, const BertShape& shape) {
  Builder& builder = root.builder();
  const std::string words = builder.weight("e.weight", {shape.vocabulary, shape.width}, normal(1));
  const std::string places = builder.weight("p.weight", {shape.positions, shape.width}, normal(1));
  const std::string word = root.in("e").op("Gather", {words, "input_ids"});
  const std::string length =
      root.op("Gather", {root.op("Shape", {"input_ids"}), root.index(1)}, {{"axis", int64_t{0}}});
  const std::string limit = root.op("Cast", {length}, {{"to", static_cast<int64_t>(DataType::Int64)}});
  const std::string range = root.op("Range", {root.index(0), limit, root.index(1)});
  const std::string place = root.in("p").op("Gather", {places, root.op("Unsqueeze", {range, root.list({0})})});
  return root.op("Add", {word, place});
}

}  // namespace

Model makeBert(const BertShape& shape, uint64_t seed) {
  Builder builder("bert", seed);
  builder.input("input_ids", DataType::Int64, {"N", "T"});
  builder.input("attention_mask", DataType::Int64, {"N", "T"});
  builder.output("logits", DataType::Float, {"Gemmlogits_dim_0", shape.classes});
  const Scope root = builder.root();

  const std::string mask = additiveMask(root);
  const Norm norm{builder.weight("n.weight", {shape.width}, filled(1)),
                  builder.weight("n.bias", {shape.width}, filled(0))};
  std::string x = layerNorm(root.in("n"), embeddings(root, shape), norm);
  for (int i = 0; i < shape.layers; ++i) {
    const std::string name = "b." + std::to_string(i);
    x = encoderLayer(root.in(name), x, mask, shape, norm, name);
  }

  const Init init = uniform(1 / std::sqrt(static_cast<float>(shape.width)));
  const std::string first = root.op("Gather", {x, root.index(0)}, {{"axis", int64_t{1}}});
  root.in("c").op("Gemm",
                  {first, builder.weight("c.weight", {shape.classes, shape.width}, init),
                   builder.weight("c.bias", {shape.classes}, init)},
                  {{"alpha", 1.0f}, {"beta", 1.0f}, {"transB", int64_t{1}}}, "logits");
  return std::move(builder).finish();
}

}  // namespace ridgeline::graph::networks
