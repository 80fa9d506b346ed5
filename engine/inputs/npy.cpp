// The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#include "engine/inputs/npy.h"

#include <charconv>
#include <cstring>
#include <limits>
#include <map>
#include <optional>

namespace ridgeline::engine {
namespace {

using graph::DataType;

struct Header {
  DataType type = DataType::Undefined;
  bool fortran = false;
  graph::Dims dims;
};

std::optional<DataType> typeOf(std::string_view descr) {
  static const std::map<std::string_view, DataType> types = {
      {"f2", DataType::Float16}, {"f4", DataType::Float},  {"f8", DataType::Double}, {"i1", DataType::Int8},
      {"i2", DataType::Int16},   {"i4", DataType::Int32},  {"i8", DataType::Int64},  {"u1", DataType::Uint8},
      {"u2", DataType::Uint16},  {"u4", DataType::Uint32}, {"u8", DataType::Uint64}, {"b1", DataType::Bool}};
  if (descr.size() != 3) return std::nullopt;
  // '|' is for types of one byte, which have no order; '=' is the writer's own, which this machine cannot know.
  const bool ordered = descr[0] == '<' || (descr[0] == '|' && descr[2] == '1');
  const auto found = types.find(descr.substr(1));
  if (!ordered || found == types.end()) return std::nullopt;
  return found->second;
}

// The text after "'key':" in the header's dictionary, spaces skipped; empty when the key is missing.
std::string_view valueOf(std::string_view dictionary, std::string_view key) {
  for (const char quote : {'\'', '"'}) {
    const auto at = dictionary.find(fmt::format("{0}{1}{0}", quote, key));
    if (at == std::string_view::npos) continue;
    auto rest = dictionary.substr(at + key.size() + 2);
    rest.remove_prefix(std::min(rest.find_first_not_of(" :"), rest.size()));
    return rest;
  }
  return {};
}

std::optional<std::string_view> quoted(std::string_view text) {
  if (text.empty() || (text[0] != '\'' && text[0] != '"')) return std::nullopt;
  const auto end = text.find(text[0], 1);
  if (end == std::string_view::npos) return std::nullopt;
  return text.substr(1, end - 1);
}

// "(3, 4)", "(3,)", "()".
std::optional<graph::Dims> tupleOf(std::string_view text) {
  if (text.empty() || text[0] != '(') return std::nullopt;
  text.remove_prefix(1);
  graph::Dims dims;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(" ,"), text.size()));
    if (text.empty()) return std::nullopt;
    if (text[0] == ')') return dims;
    int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || value < 0) return std::nullopt;
    dims.push_back(value);
    text.remove_prefix(static_cast<size_t>(parsed.ptr - text.data()));
    if (text.starts_with('L')) text.remove_prefix(1);  // Python 2 wrote long integers so
  }
}

Result<Header> parseHeader(std::string_view dictionary, const std::string& where) {
  Header header;
  const auto descr = quoted(valueOf(dictionary, "descr"));
  if (!descr) return badInput(fmt::format("{}: its header names no plain element type", where));
  const auto type = typeOf(*descr);
  if (!type) {
    return badInput(fmt::format("{}: element type {} cannot be read", where, *descr),
                    "save it as a little-endian number or boolean");
  }
  header.type = *type;
  const auto order = valueOf(dictionary, "fortran_order");
  if (!order.starts_with("True") && !order.starts_with("False")) {
    return badInput(fmt::format("{}: its header does not say fortran_order", where));
  }
  header.fortran = order.starts_with("True");
  const auto dims = tupleOf(valueOf(dictionary, "shape"));
  if (!dims) return badInput(fmt::format("{}: its header has no shape", where));
  header.dims = *dims;
  return header;
}

// Elements in Fortran order (first index fastest) to ours (last index fastest).
void reorder(std::string_view data, size_t elementSize, graph::Tensor& tensor) {
  const auto& dims = tensor.dims();
  std::vector<size_t> strides(dims.size());  // in the file, in elements
  size_t stride = 1;
  for (size_t i = 0; i < dims.size(); ++i) {
    strides[i] = stride;
    stride *= static_cast<size_t>(dims[i]);
  }
  std::vector<int64_t> index(dims.size(), 0);
  size_t from = 0;
  auto* out = reinterpret_cast<char*>(tensor.bytes().data());
  for (int64_t n = 0; n < tensor.size(); ++n, out += elementSize) {
    std::memcpy(out, data.data() + from * elementSize, elementSize);
    for (size_t axis = dims.size(); axis-- > 0;) {
      from += strides[axis];
      if (++index[axis] < dims[axis]) break;
      from -= strides[axis] * static_cast<size_t>(dims[axis]);
      index[axis] = 0;
    }
  }
}

uint32_t littleEndian(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

Result<graph::Tensor> parseNpy(std::string_view bytes, const std::string& where) {
  static constexpr std::string_view kMagic = "\x93NUMPY";
  if (!bytes.starts_with(kMagic) || bytes.size() < 12) return badInput(fmt::format("{}: not a NumPy array", where));
  const int version = bytes[6];
  if (version < 1 || version > 3) {
    return badInput(fmt::format("{}: version {} of NumPy's format is not known", where, version));
  }
  const size_t lengthSize = version == 1 ? 2 : 4;
  const size_t headerSize = littleEndian(bytes.substr(8, lengthSize));
  bytes.remove_prefix(8 + lengthSize);
  if (headerSize > bytes.size()) return badInput(fmt::format("{}: ends in the middle of its header", where));
  auto header = parseHeader(bytes.substr(0, headerSize), where);
  if (!header) return passOn(header);
  bytes.remove_prefix(headerSize);

  const auto elementSize = static_cast<size_t>(graph::bitsOf(header->type)) / 8;
  const int64_t count = graph::elementCount(header->dims);
  if (count > std::numeric_limits<int64_t>::max() / 8 || static_cast<size_t>(count) * elementSize != bytes.size()) {
    return badInput(fmt::format("{}: holds {} bytes of data, which is not what shape {} needs", where, bytes.size(),
                                graph::formatDims(header->dims)));
  }
  graph::Tensor tensor(header->type, header->dims);
  if (header->fortran && header->dims.size() > 1) {
    reorder(bytes, elementSize, tensor);
  } else if (!bytes.empty()) {
    std::memcpy(tensor.bytes().data(), bytes.data(), bytes.size());
  }
  return tensor;
}

}  // namespace ridgeline::engine
