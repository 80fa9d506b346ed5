#include "graph/external_data.h"

#include "graph/tensor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <limits>

namespace ridgeline::graph {
namespace fs = std::filesystem;
namespace {

Result<int64_t> parseCount(const onnx::TensorProto& tensor, const std::string& key, const std::string& text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) {
    return badInput(fmt::format("tensor '{}': external data has {} '{}', not a byte count", tensor.name(), key, text));
  }
  return value;
}

// As ONNX asks: relative, and not out of the model's folder.
bool staysInside(const fs::path& location) {
  if (location.empty() || location.is_absolute()) return false;
  const auto normal = location.lexically_normal();
  return *normal.begin() != ".." && normal != ".";
}

class Descriptor {
 public:
  explicit Descriptor(const fs::path& path) : m_fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (m_fd >= 0) ::close(m_fd);
  }
  int get() const { return m_fd; }

 private:
  int m_fd;
};

}  // namespace

Result<ExternalEntry> externalEntry(const onnx::TensorProto& tensor, const fs::path& folder) {
  if (folder.empty()) {
    return badInput(
        fmt::format("tensor '{}' has its data in another file, but the model comes from memory", tensor.name()),
        "load the model from its file");
  }
  ExternalEntry entry;
  const Dims dims(tensor.dims().begin(), tensor.dims().end());
  const auto type = static_cast<DataType>(tensor.data_type());
  if (bitsOf(type) == 0) {
    return badInput(fmt::format("tensor '{}': {} tensors cannot be external data", tensor.name(), nameOf(type)));
  }
  entry.bytes = byteCount(type, dims);
  std::string location;
  int64_t length = entry.bytes;
  for (const auto& property : tensor.external_data()) {
    const std::string& key = property.key();
    const std::string& value = property.value();
    if (key == "location") location = value;
    if (key != "offset" && key != "length") continue;
    auto count = parseCount(tensor, key, value);
    if (!count) return passOn(count);
    (key == "offset" ? entry.offset : length) = *count;
  }
  if (!staysInside(location) || location.find('\0') != std::string::npos) {
    return badInput(fmt::format("tensor '{}': external data in '{}', which is not inside the model's folder",
                                tensor.name(), location));
  }
  if (length != entry.bytes && length != 0) {  // 0 as ONNX Runtime takes it: not given
    return badInput(fmt::format("tensor '{}' ({} {}) needs {} bytes, but its external data has {}", tensor.name(),
                                nameOf(type), formatDims(dims), entry.bytes, length));
  }
  if (entry.offset > std::numeric_limits<int64_t>::max() - entry.bytes) {
    return badInput(fmt::format("tensor '{}': external data ends past any file", tensor.name()));
  }
  entry.file = folder / location;
  return entry;
}

Status checkExternalFile(const onnx::TensorProto& tensor, const ExternalEntry& entry) {
  std::error_code ec;
  const auto status = fs::status(entry.file, ec);
  if (!fs::is_regular_file(status)) {
    return badInput(fmt::format("{}: {}; it holds tensor '{}'", entry.file.string(),
                                fs::exists(status) ? "not a regular file" : "no such file", tensor.name()),
                    "put the model's external data beside it");
  }
  const auto size = fs::file_size(entry.file, ec);
  if (!ec && static_cast<int64_t>(size) >= entry.offset + entry.bytes) return {};
  return badInput(fmt::format("{}: too short for tensor '{}', which needs bytes {} to {} of {}", entry.file.string(),
                              tensor.name(), entry.offset, entry.offset + entry.bytes, ec ? 0 : size),
                  "the file is cut short, or belongs to another model");
}

Status readExternal(const onnx::TensorProto& tensor, const ExternalEntry& entry, std::span<std::byte> out) {
  if (out.empty()) return {};
  const Descriptor file(entry.file);
  const auto problem = [&](const char* what) {
    return badInput(fmt::format("{}: cannot read tensor '{}': {}", entry.file.string(), tensor.name(), what));
  };
  if (file.get() < 0) return problem(std::strerror(errno));
  int64_t offset = entry.offset;
  while (!out.empty()) {
    const ssize_t n = ::pread(file.get(), out.data(), out.size(), offset);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return problem(std::strerror(errno));
    if (n == 0) return problem("the file is too short");
    out = out.subspan(static_cast<size_t>(n));
    offset += n;
  }
  return {};
}

void setExternal(onnx::TensorProto& tensor, const std::string& location, int64_t offset, int64_t length) {
  delete tensor.release_raw_data();  // clearing would keep the memory
  tensor.clear_external_data();
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  const auto add = [&](const char* key, std::string value) {
    auto* entry = tensor.add_external_data();
    entry->set_key(key);
    entry->set_value(std::move(value));
  };
  add("location", location);
  add("offset", std::to_string(offset));
  add("length", std::to_string(length));
}

}  // namespace ridgeline::graph
