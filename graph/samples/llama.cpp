#include "graph/samples/builder.h"
#include "graph/samples/networks.h"

#include <cmath>
#include <limits>

namespace ridgeline::graph::networks {

namespace {

using Ints = std::vector<int64_t>;

std::string linear(const Scope& scope, const std::string& x, int64_t in, int64_t out, const std::string& name,
                   std::string_view output = {}) {
  const Init init = uniform(1 / std::sqrt(static_cast<float>(in)));
  return scope.op("MatMul", {x, scope.builder().weight(name + ".weight", {in, out}, init)}, {}, output);
}

std::string rmsNorm(const Scope& scope, const std::string& x, const std::string& weight) {
  const std::string squares = scope.op("Pow", {x, scope.scalar(2)});
  const std::string mean = scope.op("ReduceMean", {squares}, {{"axes", Ints{-1}}, {"keepdims", int64_t{1}}});
  const std::string root = scope.op("Sqrt", {scope.op("Add", {mean, scope.scalar(1e-5f)})});
  const std::string normal = scope.op("Mul", {x, scope.op("Div", {scope.scalar(1), root})});
  return scope.op("Mul", {weight, normal});
}

// Cosines and sines of the positions' angles, 1 x 1 x 1 x head size (Su et al., RoFormer, 2021).
struct Rotation {
  std::string cosine, sine;
};

Rotation rotation(const Scope& root, int64_t headSize) {
  std::vector<float> frequencies;
  for (int64_t i = 0; i < headSize; i += 2) {
    frequencies.push_back(1 / std::pow(10000.0f, static_cast<float>(i) / static_cast<float>(headSize)));
  }
  const std::string position = root.op("Unsqueeze", {"position_ids", root.list({2})});
  const std::string real = root.op("Cast", {position}, {{"to", static_cast<int64_t>(DataType::Float)}});
  const std::string angle = root.op(
      "Mul", {real, root.constant(Tensor::of<float>({1, 1, headSize / 2}, std::span<const float>(frequencies)))});
  const std::string both = root.op("Concat", {angle, angle}, {{"axis", int64_t{-1}}});
  Rotation r;
  r.cosine = root.op("Unsqueeze", {root.op("Cos", {both}), root.list({1})});
  r.sine = root.op("Unsqueeze", {root.op("Sin", {both}), root.list({1})});
  return r;
}

std::string slice(const Scope& scope, const std::string& x, int64_t begin, int64_t end) {
  const std::string axis = scope.list({3}), from = scope.list({begin}), to = scope.list({end}), step = scope.list({1});
  return scope.op("Slice", {x, from, to, axis, step});
}

std::string rotate(const Scope& scope, const std::string& x, const Rotation& by, int64_t headSize) {
  const std::string front = slice(scope, x, 0, headSize / 2);
  const std::string back = slice(scope, x, headSize / 2, std::numeric_limits<int64_t>::max());
  const std::string straight = scope.op("Mul", {x, by.cosine});
  const std::string turned = scope.op("Concat", {scope.op("Neg", {back}), front}, {{"axis", int64_t{-1}}});
  return scope.op("Add", {straight, scope.op("Mul", {turned, by.sine})});
}

std::string attention(const Scope& scope, const std::string& x, const Rotation& by, const LlamaShape& shape,
                      int layer) {
  const std::string number = std::to_string(layer), name = "b." + number + ".";
  const int64_t size = shape.width / shape.heads;
  const auto transpose = [&](const std::string& t, const Ints& perm) {
    return scope.op("Transpose", {t}, {{"perm", perm}});
  };
  const auto heads = [&](const char* which) {
    const std::string y = linear(scope.in(which), x, shape.width, shape.width, name + which);
    const std::string split =
        scope.op("Reshape", {y, scope.list({1, 1, shape.heads, size})}, {{"allowzero", int64_t{0}}});
    return transpose(split, {0, 2, 1, 3});
  };
  const auto append = [&](const char* which, const std::string& now) {
    return scope.op("Concat", {"past_" + number + which, now}, {{"axis", int64_t{2}}}, "present_" + number + which);
  };
  const std::string query = rotate(scope, heads("q"), by, size);
  const std::string newKey = rotate(scope, heads("k"), by, size);
  const std::string newValue = heads("v");
  const std::string keys = append("_key", newKey), values = append("_value", newValue);

  const std::string products = scope.op("MatMul", {query, transpose(keys, {0, 1, 3, 2})});
  const std::string scaled = scope.op("Div", {products, scope.scalar(std::sqrt(static_cast<float>(size)))});
  const std::string weights = scope.op("Softmax", {scaled}, {{"axis", int64_t{-1}}});
  const std::string mixed = transpose(scope.op("MatMul", {weights, values}), {0, 2, 1, 3});
  const std::string flat = scope.op("Reshape", {mixed, scope.list({1, 1, shape.width})}, {{"allowzero", int64_t{0}}});
  return linear(scope.in("o"), flat, shape.width, shape.width, name + "o");
}

std::string feedForward(const Scope& scope, const std::string& x, const LlamaShape& shape, const std::string& name) {
  const std::string gate = linear(scope.in("g"), x, shape.width, shape.hidden, name + ".g");
  const std::string silu = scope.op("Mul", {gate, scope.op("Sigmoid", {gate})});
  const std::string up = linear(scope.in("u"), x, shape.width, shape.hidden, name + ".u");
  return linear(scope.in("dn"), scope.op("Mul", {silu, up}), shape.hidden, shape.width, name + ".dn");
}

void addPorts(Builder& builder, const LlamaShape& shape) {
  const int64_t size = shape.width / shape.heads;
  builder.input("input_ids", DataType::Int64, {1, 1});
  builder.input("position_ids", DataType::Int64, {1, 1});
  builder.output("logits", DataType::Float, {1, 1, shape.vocabulary});
  for (int i = 0; i < shape.layers; ++i) {
    for (const char* which : {"_key", "_value"}) {
      const std::string name = std::to_string(i) + which;
      builder.input("past_" + name, DataType::Float, {1, shape.heads, "past", size});
      builder.output("present_" + name, DataType::Float, {1, shape.heads, "total", size});
    }
  }
}

}  // namespace

Model makeLlamaDecode(const LlamaShape& shape, uint64_t seed) {
  Builder builder("llama_decode", seed);
  addPorts(builder, shape);
  const Scope root = builder.root();

  const Rotation turns = rotation(root, shape.width / shape.heads);
  const std::string words = builder.weight("e.weight", {shape.vocabulary, shape.width}, normal(1));
  std::string x = root.in("e").op("Gather", {words, "input_ids"});

  const std::string first = builder.weight("b.0.n1.w", {shape.width}, filled(1));
  for (int i = 0; i < shape.layers; ++i) {
    const std::string name = "b." + std::to_string(i);
    const Scope scope = root.in(name);
    const std::string before = i == 0 ? first : builder.alias(name + ".n1.w", first);
    const std::string attended = attention(scope, rmsNorm(scope.in("n1"), x, before), turns, shape, i);
    x = scope.op("Add", {x, attended});
    const std::string between = builder.alias(name + ".n2.w", first);
    x = scope.op("Add", {x, feedForward(scope, rmsNorm(scope.in("n2"), x, between), shape, name)});
  }
  const std::string last = rmsNorm(root.in("n"), x, builder.alias("n.w", first));
  linear(root.in("c"), last, shape.width, shape.vocabulary, "c", "logits");
  return std::move(builder).finish();
}

}  // namespace ridgeline::graph::networks
