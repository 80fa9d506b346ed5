// Gathers and scatters. A gather reads its indices and as many elements as it yields, at most the whole table; a
// scatter makes a copy of its data with updates in it.
#include "graph/work/operation.h"

#include <algorithm>

namespace ridgeline::graph::work {
namespace {

std::optional<Work> gather(const Operation& op) {
  const TensorShape *data = op.input(0), *out = op.output(0);
  if (!data || !op.input(1) || !out) return std::nullopt;
  auto work = traffic(op);
  if (work) work->bytesRead -= std::max(0.0, byteCount(*data) - byteCount(data->type, elements(*out)));
  return work;
}

// Rows of 4- or 8-bit blocks with their scales, unpacked as they are read: (q - zero_point) * scale.
std::optional<Work> gatherBlockQuantized(const Operation& op) {
  const TensorShape *data = op.input(0), *indices = op.input(1), *scales = op.input(2), *out = op.output(0);
  if (!data || !indices || !scales || !out) return std::nullopt;
  const auto rank = static_cast<int64_t>(data->dims.size());
  int64_t axis = intAttribute(op.node, "gather_axis", 0);
  if (axis < -rank || axis >= rank) return std::nullopt;
  if (axis < 0) axis += rank;
  auto work = trafficWith(op, out->type, 2 * elements(*out));
  const auto rows = static_cast<double>(data->dims[static_cast<size_t>(axis)]);
  if (!work || rows <= 0) return std::nullopt;
  const double unread = 1 - std::min(1.0, elements(*indices) / rows);
  for (const size_t table : {size_t{0}, size_t{2}, size_t{3}}) {
    if (const TensorShape* shape = op.input(table)) work->bytesRead -= unread * byteCount(*shape);
  }
  return work;
}

// data, indices, updates. A reduction costs one operation per update.
std::optional<Work> scatter(const Operation& op) {
  const TensorShape *data = op.input(0), *updates = op.input(2);
  if (!data || !op.input(1) || !updates) return std::nullopt;
  const bool reduces = stringAttribute(op.node, "reduction", "none") != "none";
  return trafficWith(op, data->type, reduces ? elements(*updates) : 0);
}

// past_cache, update, write_indices (optional).
std::optional<Work> tensorScatter(const Operation& op) {
  if (!op.input(0) || !op.input(1)) return std::nullopt;
  return traffic(op);
}

constexpr Entry kEntries[] = {
    {kOnnx, "Gather", gather},
    {kOnnx, "GatherElements", gather},
    {kOnnx, "GatherND", gather},
    {kOnnx, "Scatter", scatter},
    {kOnnx, "ScatterElements", scatter},
    {kOnnx, "ScatterND", scatter},
    {kOnnx, "TensorScatter", tensorScatter},
    {kMicrosoft, "GatherND", gather},
    {kMicrosoft, "GatherBlockQuantized", gatherBlockQuantized},
};

}  // namespace

std::span<const Entry> indexingEntries() { return kEntries; }

}  // namespace ridgeline::graph::work
