// The operators that move or rename elements, and those that compute shapes.
#include "advisor/rules/axis_use.h"
#include "advisor/rules/symbolic_step.h"

#include <algorithm>

namespace ridgeline::advisor {

namespace {

constexpr Dim kMostAxes = 16;

}  // namespace

void SymbolicStep::transpose() {
  const Dims dims = dimsOf(0);
  if (!dims) return;
  std::vector<int64_t> perm = graph::intsAttribute(m_node, "perm");
  if (perm.empty()) {
    for (size_t i = dims->size(); i-- > 0;) perm.push_back(static_cast<int64_t>(i));
  }
  if (perm.size() != dims->size()) return;
  SymbolicDims result;
  for (const int64_t axis : perm) {
    if (axis < 0 || axis >= static_cast<int64_t>(dims->size())) return;
    result.push_back((*dims)[static_cast<size_t>(axis)]);
  }
  setDims(result);
}

void SymbolicStep::reshape() {
  const Dims from = dimsOf(0), shape = intsOf(1);
  setInts(intsOf(0));
  if (!shape) {
    const Dims rank = dimsOf(1);
    if (rank && rank->size() == 1 && isNumber(rank->front()) && rank->front() < kMostAxes) {
      setDims(freshDims(static_cast<size_t>(rank->front())));
    }
    return;
  }
  const bool zeroCopies = graph::intAttribute(m_node, "allowzero", 0) == 0;
  SymbolicDims to = *shape;
  for (size_t i = 0; i < to.size(); ++i) {
    if (to[i] == 0 && zeroCopies) to[i] = from && i < from->size() ? (*from)[i] : m_shapes.fresh();
    if (isSymbol(to[i]) && m_shapes.m_computed.contains(to[i])) to[i] = m_shapes.fresh();
  }
  const auto open = std::ranges::find(to, -1);
  if (open != to.end()) *open = from ? inferredDim(*from, to) : m_shapes.fresh();
  setDims(to);
}

// The dim that -1 stands for: the product of the dims of `from` over that of the others of `to`.
Dim SymbolicStep::inferredDim(const SymbolicDims& from, const SymbolicDims& to) {
  Dim above = 1, below = 1;
  SymbolicDims symbols;
  constexpr Dim kTooMuch = Dim{1} << 40;
  for (const Dim dim : from) {
    if (isSymbol(dim)) symbols.push_back(dim);
    if (isNumber(dim) && (above *= dim) > kTooMuch) return m_shapes.fresh();
  }
  for (const Dim dim : to) {
    if (dim == -1) continue;
    if (isNumber(dim) && ((below *= dim) > kTooMuch || below <= 0)) return m_shapes.fresh();
    if (isNumber(dim)) continue;
    const auto same = std::ranges::find(symbols, dim);
    if (same == symbols.end()) return m_shapes.fresh();
    symbols.erase(same);
  }
  if (above % below != 0) return m_shapes.fresh();
  if (symbols.empty()) return above / below;
  return symbols.size() == 1 && above == below ? symbols.front() : m_shapes.fresh();
}

void SymbolicStep::unsqueeze() {
  const Dims dims = dimsOf(0), axes = constantInts(1, "axes");
  setInts(intsOf(0));
  if (!dims || !axes) return;
  const size_t rank = dims->size() + axes->size();
  std::vector<bool> isNew(rank, false);
  for (const Dim axis : *axes) {
    const auto a = axisOf(axis, rank);
    if (!a) return;
    isNew[*a] = true;
  }
  SymbolicDims result;
  size_t next = 0;
  for (size_t i = 0; i < rank; ++i) {
    if (!isNew[i] && next == dims->size()) return;
    result.push_back(isNew[i] ? 1 : (*dims)[next++]);
  }
  setDims(result);
}

void SymbolicStep::squeeze() {
  const Dims dims = dimsOf(0), axes = constantInts(1, "axes");
  setInts(intsOf(0));
  // Without axes, every 1 goes: not decidable where a dim is a symbol.
  if (!dims || !axes) {
    if (dims && dims->size() == 1 && (*dims)[0] == 1) setDims(SymbolicDims{});
    return;
  }
  std::vector<bool> gone(dims->size(), false);
  for (const Dim axis : *axes) {
    const auto a = axisOf(axis, dims->size());
    if (!a) return;
    gone[*a] = true;
  }
  SymbolicDims result;
  for (size_t i = 0; i < dims->size(); ++i) {
    if (!gone[i]) result.push_back((*dims)[i]);
  }
  setDims(result);
}

void SymbolicStep::concat() {
  SymbolicDims integers;
  bool known = true;
  for (int i = 0; i < m_node.input_size(); ++i) {
    const Dims part = intsOf(i);
    known = known && part;
    if (part) integers.insert(integers.end(), part->begin(), part->end());
  }
  if (known) setInts(integers);

  Dims result = dimsOf(0);
  if (!result) return;
  const auto axis = axisOf(graph::intAttribute(m_node, "axis", 0), result->size());
  if (!axis) return;
  for (int i = 1; i < m_node.input_size(); ++i) {
    const Dims dims = dimsOf(i);
    if (!dims || dims->size() != result->size()) return;
    for (size_t d = 0; d < dims->size(); ++d) {
      Dim& sum = (*result)[d];
      if (d != *axis) {
        m_shapes.unify(sum, (*dims)[d]);
      } else {
        sum = m_shapes.sum(sum, (*dims)[d]);
      }
    }
  }
  setDims(m_shapes.resolve(*result));
}

// The length of `size` elements from `start` to `end`, one by one.
Dim SymbolicStep::slicedLength(Dim size, Dim start, Dim end) {
  const bool toTheEnd = isNumber(end) && end >= (Dim{1} << 31) - 1;
  // Of a dim of 1, all or nothing is taken: nothing at all fits beside nothing.
  if (start == 0 && (size == 1 || toTheEnd || end == size)) return size;
  if (start == -1 && toTheEnd) return 1;
  if (isNumber(size) && isNumber(start) && isNumber(end)) {
    const Dim from = std::clamp<Dim>(start < 0 ? start + size : start, 0, size);
    const Dim to = std::clamp<Dim>(end < 0 ? end + size : end, 0, size);
    return std::max<Dim>(to - from, 0);
  }
  const Dim length = m_shapes.fresh();
  const auto difference = m_shapes.m_differences.find(start);
  if (start == 0 && isSymbol(end)) m_shapes.m_wanted[length] = end;
  if (difference != m_shapes.m_differences.end() && m_shapes.resolve(difference->second.first) == end) {
    m_shapes.m_wanted[length] = difference->second.second;
  }
  return length;
}

void SymbolicStep::slice() {
  const bool byInputs = m_node.input_size() > 1;
  const Dims dims = dimsOf(0);
  const Dims starts = byInputs ? intsOf(1) : Dims(graph::intsAttribute(m_node, "starts"));
  const Dims ends = byInputs ? intsOf(2) : Dims(graph::intsAttribute(m_node, "ends"));
  if (!dims) return;
  Dims axes = constantInts(3, "axes");
  const bool hasAxes = byInputs ? graph::hasInput(m_node, 3) : axes.has_value();
  if (!hasAxes) {
    axes.emplace();
    for (size_t i = 0; i < starts.value_or(*dims).size(); ++i) axes->push_back(static_cast<Dim>(i));
  }
  const bool hasSteps = graph::hasInput(m_node, 4);
  const Dims steps = constantInts(4, "steps");
  if (!axes) return setDims(freshDims(dims->size()));

  SymbolicDims result = *dims;
  for (size_t i = 0; i < axes->size(); ++i) {
    const auto axis = axisOf((*axes)[i], dims->size());
    if (!axis) return;
    const auto at = [&](const Dims& list) { return list && i < list->size() ? (*list)[i] : m_shapes.fresh(); };
    const bool everyOne = !hasSteps || at(steps) == 1;
    result[*axis] = everyOne ? slicedLength((*dims)[*axis], at(starts), at(ends)) : m_shapes.fresh();
  }
  setDims(result);
  if (starts && ends && starts->size() == 1 && ends->size() == 1 && (!hasSteps || steps == SymbolicDims{1})) {
    sliceInts(starts->front(), ends->front());
  }
}

void SymbolicStep::sliceInts(Dim start, Dim end) {
  const Dims integers = intsOf(0);
  if (!integers || isSymbol(start) || isSymbol(end)) return;
  const auto count = static_cast<Dim>(integers->size());
  const Dim from = std::clamp<Dim>(start < 0 ? start + count : start, 0, count);
  const Dim to = std::clamp<Dim>(end < 0 ? end + count : end, from, count);
  setInts(SymbolicDims(integers->begin() + from, integers->begin() + to));
}

void SymbolicStep::split() {
  const Dims dims = dimsOf(0), parts = constantInts(1, "split");
  if (!dims) return;
  const auto axis = axisOf(graph::intAttribute(m_node, "axis", 0), dims->size());
  if (!axis) return;
  const Dim whole = (*dims)[*axis];
  const bool given = parts && parts->size() == static_cast<size_t>(m_node.output_size());
  const bool even = !parts && isNumber(whole) && whole % m_node.output_size() == 0 &&
                    (m_node.input_size() < 2 || m_node.input(1).empty());
  for (int i = 0; i < m_node.output_size(); ++i) {
    SymbolicDims part = *dims;
    part[*axis] = given ? (*parts)[static_cast<size_t>(i)] : even ? whole / m_node.output_size() : m_shapes.fresh();
    setDims(part, i);
  }
}

void SymbolicStep::gather() {
  const Dims data = dimsOf(0), indices = dimsOf(1);
  const int64_t axisAttribute = graph::intAttribute(m_node, "axis", 0);
  const Dims integers = intsOf(0), wanted = intsOf(1);
  if (integers && wanted && std::ranges::none_of(*wanted, isSymbol)) {
    SymbolicDims picked;
    for (const Dim index : *wanted) {
      const auto at = axisOf(index, integers->size());
      if (!at) return;
      picked.push_back((*integers)[*at]);
    }
    setInts(picked);
  }
  if (!data || !indices) return;
  const auto axis = axisOf(axisAttribute, data->size());
  if (!axis) return;
  SymbolicDims result(data->begin(), data->begin() + static_cast<std::ptrdiff_t>(*axis));
  result.insert(result.end(), indices->begin(), indices->end());
  result.insert(result.end(), data->begin() + static_cast<std::ptrdiff_t>(*axis) + 1, data->end());
  setDims(result);
}

void SymbolicStep::expand() {
  const bool isExpand = m_node.op_type() == "Expand";
  Dims shape = intsOf(isExpand ? 1 : 0);
  if (!shape) {
    // Of what it is expanded to only the rank is known: a dim that is no 1 stays.
    const Dims rank = dimsOf(isExpand ? 1 : 0);
    if (!rank || rank->size() != 1 || !isNumber(rank->front()) || rank->front() >= kMostAxes) return;
    shape = freshDims(static_cast<size_t>(rank->front()));
  }
  for (Dim& dim : *shape) {
    if (!m_shapes.isSize(dim)) dim = m_shapes.fresh();
  }
  setDims(isExpand ? m_shapes.broadcast(dimsOf(0), shape) : shape);
  if (isExpand || shape->size() != 1 || !isNumber(shape->front()) || shape->front() > kMostAxes) return;
  const auto* filling = graph::findAttribute(m_node, "value");
  const auto value = filling ? graph::fromProto(filling->t()) : Result<graph::Tensor>(graph::Tensor::scalar(0));
  const auto type = value ? value->type() : graph::DataType::Undefined;
  if (type != graph::DataType::Int64 || value->size() != 1) return;
  setInts(SymbolicDims(static_cast<size_t>(shape->front()), value->toInts().front()));
}

void SymbolicStep::tile() {
  Dims dims = dimsOf(0);
  const Dims times = intsOf(1);
  if (!dims) return;
  if (!times || times->size() != dims->size()) return setDims(freshDims(dims->size()));
  for (size_t i = 0; i < dims->size(); ++i) (*dims)[i] = m_shapes.product((*dims)[i], (*times)[i]);
  setDims(dims);
}

// From nothing up, one by one, there are as many as the limit says.
void SymbolicStep::range() {
  const Dims from = intsOf(0), limit = intsOf(1), step = intsOf(2);
  const bool counts = from == SymbolicDims{0} && step == SymbolicDims{1} && limit && limit->size() == 1;
  setDims(counts && m_shapes.isSize(limit->front()) ? *limit : freshDims(1));
}

void SymbolicStep::shapeOf() {
  const Dims dims = dimsOf(0);
  if (!dims) return;
  const auto rank = static_cast<int64_t>(dims->size());
  const auto clamped = [&](const char* name, int64_t otherwise) {
    const int64_t at = graph::intAttribute(m_node, name, otherwise);
    return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  const int64_t start = clamped("start", 0), end = std::max(clamped("end", rank), start);
  setInts(SymbolicDims(dims->begin() + start, dims->begin() + end));
  setDims(SymbolicDims{end - start});
}

}  // namespace ridgeline::advisor
