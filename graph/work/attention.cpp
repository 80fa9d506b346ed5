// Attention in its forms. Per head: scores 2 S T d, scaled (1) and masked (1 where there is a mask or bias), Softmax,
// weighted sum 2 S T v, with S queries, T keys and head sizes d and v (Vaswani et al., Attention Is All You Need, eq.
// 1). A causal or windowed mask takes nothing off: engines compute whole tiles, and the count stays one of the shapes
// alone.
#include "graph/work/operation.h"

#include <algorithm>

namespace ridgeline::graph::work {
namespace {

double coreOperations(double batch, double heads, double queries, double keys, double headSize, double valueSize,
                      bool biased) {
  const double perScore = 2 * headSize + 2 * valueSize + kSoftmaxCost + 1 + (biased ? 1 : 0);
  return batch * heads * queries * keys * perScore;
}

double at(const TensorShape& shape, size_t axis) { return static_cast<double>(shape.dims[axis]); }

bool hasRank(const TensorShape* shape, size_t rank) { return shape && shape->dims.size() == rank; }

// ONNX's own: [batch, heads, length, size], or [batch, length, heads * size] with the numbers of heads as attributes.
struct Side {
  double batch = 0, heads = 0, length = 0, size = 0;
};
std::optional<Side> sideOf(const TensorShape* shape, int64_t heads) {
  if (hasRank(shape, 4)) return Side{at(*shape, 0), at(*shape, 1), at(*shape, 2), at(*shape, 3)};
  if (!hasRank(shape, 3) || heads <= 0 || shape->dims[2] % heads != 0) return std::nullopt;
  return Side{at(*shape, 0), static_cast<double>(heads), at(*shape, 1), at(*shape, 2) / static_cast<double>(heads)};
}

// Q, K, V, attn_mask, past_key, past_value.
std::optional<Work> onnxAttention(const Operation& op) {
  const int64_t keyHeads = intAttribute(op.node, "kv_num_heads", 0);
  const auto q = sideOf(op.input(0), intAttribute(op.node, "q_num_heads", 0));
  const auto k = sideOf(op.input(1), keyHeads);
  const auto v = sideOf(op.input(2), keyHeads);
  if (!q || !k || !v || q->size != k->size || k->length != v->length) return std::nullopt;
  // How much of a padded cache is in use is data.
  if (op.input(6)) return std::nullopt;
  const TensorShape* past = op.input(4);
  if (past && !hasRank(past, 4)) return std::nullopt;
  const double keys = k->length + (past ? at(*past, 2) : 0);
  const bool masked = op.input(3) != nullptr;
  return trafficWith(op, op.input(0)->type,
                     coreOperations(q->batch, q->heads, q->length, keys, q->size, v->size, masked));
}

// com.microsoft Attention and QAttention: [batch, S, in] times one weight matrix [in, q + k + v], then the heads.
struct PackedProjection {
  double projection = 0;  // the product and its bias
  double core = 0;
};
std::optional<PackedProjection> packedProjection(const Operation& op, const TensorShape* past, bool masked) {
  const TensorShape *x = op.input(0), *w = op.input(1), *out = op.output(0);
  const auto heads = static_cast<double>(intAttribute(op.node, "num_heads", 0));
  if (!hasRank(x, 3) || !hasRank(w, 2) || !hasRank(out, 3) || heads <= 0 || x->dims[2] != w->dims[0])
    return std::nullopt;
  // A cache shared between past and present has room for more than it holds: how much is data.
  if (intAttribute(op.node, "past_present_share_buffer", 0) != 0 || (past && !hasRank(past, 5))) return std::nullopt;
  const double batch = at(*x, 0), queries = at(*x, 1), all = at(*w, 1), values = at(*out, 2);
  const double keys = queries + (past ? at(*past, 3) : 0);
  const double rows = batch * queries;
  const double keySize = (all - values) / 2 / heads;
  if (keySize < 0) return std::nullopt;
  return PackedProjection{2 * rows * at(*x, 2) * all + (op.input(2) ? rows * all : 0),
                          coreOperations(batch, heads, queries, keys, keySize, values / heads, masked)};
}

// input, weights, bias, mask_index, past, attention_bias.
std::optional<Work> packedAttention(const Operation& op) {
  const auto parts = packedProjection(op, op.input(4), op.input(3) || op.input(5));
  if (!parts) return std::nullopt;
  return trafficWith(op, op.input(0)->type, parts->projection + parts->core);
}

// input, weight, bias, input_scale, weight_scale, mask_index, zero points, past. The projection is an INT8 product, the
// heads compute in float; the type is that of the larger part.
std::optional<Work> quantizedAttention(const Operation& op) {
  const auto parts = packedProjection(op, op.input(8), op.input(5) != nullptr);
  if (!parts) return std::nullopt;
  auto work = traffic(op);
  if (!work) return std::nullopt;
  work->intOps = parts->projection;
  work->flops = parts->core;
  work->computeType = parts->projection >= parts->core ? DataType::Int8 : DataType::Float;
  return work;
}

// Length and width (all heads together) of a key or value: [batch, length, width], or [batch, heads, length, size] as
// cross-attention hands in a cache made earlier.
struct Extent {
  double length = 0, width = 0;
};
std::optional<Extent> extentOf(const TensorShape* shape) {
  if (hasRank(shape, 3)) return Extent{at(*shape, 1), at(*shape, 2)};
  if (hasRank(shape, 4)) return Extent{at(*shape, 2), at(*shape, 1) * at(*shape, 3)};
  return std::nullopt;
}

// query, key, value, bias, key_padding_mask, attention_bias, past_key, past_value, past_sequence_length. Also packed:
// query [batch, S, heads, 3, size] alone, or query and key [batch, T, heads, 2, size].
std::optional<Work> multiHeadAttention(const Operation& op) {
  const TensorShape *query = op.input(0), *key = op.input(1), *past = op.input(6);
  const auto heads = static_cast<double>(intAttribute(op.node, "num_heads", 0));
  if (!query || heads <= 0 || op.input(8) || (past && !hasRank(past, 4))) return std::nullopt;
  double queries = 0, width = 0;
  std::optional<Extent> k, v;
  if (hasRank(query, 5)) {
    queries = at(*query, 1);
    width = at(*query, 2) * at(*query, 4);
    k = v = Extent{queries, width};
  } else if (hasRank(query, 3)) {
    queries = at(*query, 1);
    width = at(*query, 2);
    const bool packed = hasRank(key, 5);
    k = packed ? Extent{at(*key, 1), at(*key, 2) * at(*key, 4)} : extentOf(key);
    v = packed ? k : extentOf(op.input(2));
  }
  if (!k || !v || k->width != width) return std::nullopt;
  const double keys = k->length + (past ? at(*past, 2) : 0);
  const bool masked = op.input(4) || op.input(5);
  double operations = coreOperations(at(*query, 0), heads, queries, keys, width / heads, v->width / heads, masked);
  if (op.input(3)) operations += at(*query, 0) * (queries * width + k->length * (k->width + v->width));
  return trafficWith(op, query->type, operations);
}

// query, key, value, past_key, past_value, seqlens_k, total_sequence_length, cos_cache, sin_cache, position_ids,
// attention_bias; query holds all three when key is absent. Outputs: result, present_key, present_value.
std::optional<Work> groupQueryAttention(const Operation& op) {
  const TensorShape *query = op.input(0), *past = op.input(3), *out = op.output(0), *present = op.output(1);
  const auto heads = static_cast<double>(intAttribute(op.node, "num_heads", 0));
  const auto keyHeads = static_cast<double>(intAttribute(op.node, "kv_num_heads", 0));
  if (!hasRank(query, 3) || !hasRank(out, 3) || heads <= 0 || keyHeads <= 0) return std::nullopt;
  if ((past && !hasRank(past, 4)) || (present && !hasRank(present, 4))) return std::nullopt;
  const double batch = at(*query, 0), queries = at(*query, 1), width = at(*out, 2), size = width / heads;
  const double keys = queries + (past ? at(*past, 2) : 0);
  // Where the cache does not grow by what is added, it has spare room: how much of it is in use is data.
  if (past && at(*past, 2) > 0 && (!present || at(*present, 2) != keys)) return std::nullopt;
  double operations = coreOperations(batch, heads, queries, keys, size, size, op.input(10) != nullptr);
  if (intAttribute(op.node, "do_rotary", 0) != 0)
    operations += kRotaryCost * batch * queries * size * (heads + keyHeads);
  auto work = trafficWith(op, query->type, operations);
  for (const size_t cache : {size_t{7}, size_t{8}}) {  // one row per position
    const TensorShape* table = op.input(cache);
    if (!work || !hasRank(table, 2)) continue;
    const double rows = std::min(at(*table, 0), batch * queries);
    work->bytesRead -= byteCount(*table) - byteCount(table->type, rows * at(*table, 1));
  }
  return work;
}

// The caches' last dim is half of what is rotated in each head; the rest of the head is copied.
std::optional<Work> rotary(const Operation& op, size_t cosAt, size_t sinAt) {
  const TensorShape *x = op.input(0), *cosines = op.input(cosAt), *sines = op.input(sinAt);
  if (!x || !cosines || !sines || cosines->dims.empty() || (!hasRank(x, 3) && !hasRank(x, 4))) return std::nullopt;
  const double count = elements(*x);
  const double rotated = 2 * static_cast<double>(cosines->dims.back());
  double size = rotated;
  const auto heads = static_cast<double>(intAttribute(op.node, "num_heads", 0));
  if (hasRank(x, 4))
    size = at(*x, 3);
  else if (heads > 0)
    size = at(*x, 2) / heads;
  if (size <= 0 || rotated > size) return std::nullopt;
  auto work = trafficWith(op, x->type, kRotaryCost * count * rotated / size);
  const double positions = hasRank(x, 4) ? at(*x, 0) * at(*x, 2) : at(*x, 0) * at(*x, 1);
  for (const TensorShape* table : {cosines, sines}) {
    if (work) work->bytesRead -= std::max(0.0, byteCount(*table) - byteCount(table->type, positions * rotated / 2));
  }
  return work;
}
std::optional<Work> onnxRotary(const Operation& op) { return rotary(op, 1, 2); }
std::optional<Work> microsoftRotary(const Operation& op) { return rotary(op, 2, 3); }

constexpr Entry kEntries[] = {
    {kOnnx, "Attention", onnxAttention},
    {kOnnx, "RotaryEmbedding", onnxRotary},
    {kMicrosoft, "Attention", packedAttention},
    {kMicrosoft, "QAttention", quantizedAttention},
    {kMicrosoft, "MultiHeadAttention", multiHeadAttention},
    {kMicrosoft, "GroupQueryAttention", groupQueryAttention},
    {kMicrosoft, "RotaryEmbedding", microsoftRotary},
};

}  // namespace

std::span<const Entry> attentionEntries() { return kEntries; }

}  // namespace ridgeline::graph::work
