// Writing models: in one file, or with the weights in a second one beside it.
#include "base/files.h"
#include "graph/external_data.h"
#include "graph/model.h"
#include "graph/subgraphs.h"

#include <fcntl.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <vector>

namespace ridgeline::graph {
namespace fs = std::filesystem;
namespace {

constexpr int64_t maxMessageBytes = std::numeric_limits<int32_t>::max();
constexpr int64_t minExternalBytes = 1024;  // smaller weights stay in the model
constexpr int64_t alignment = 4096;         // so that readers can map each tensor
constexpr int64_t blockBytes = int64_t{4} << 20;

// A descriptor being written; errors name the file it will become.
class Output {
 public:
  explicit Output(const PendingFile& file)
      : m_name(file.finalPath().string()), m_fd(::open(file.temporary().c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC)) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() {
    if (m_fd >= 0) ::close(m_fd);
  }

  int fd() const { return m_fd; }
  bool isOpen() const { return m_fd >= 0; }
  Status failed(int error) const {
    return unavailable(fmt::format("cannot write {}: {}", m_name, std::strerror(error)),
                       error == ENOSPC ? "free some disk space, or write elsewhere" : "");
  }

  Status write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(m_fd, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return failed(errno);
      bytes = bytes.subspan(static_cast<size_t>(n));
      m_position += n;
    }
    return {};
  }

  // A hole up to the next multiple of the alignment.
  Status align() {
    const int64_t next = (m_position + alignment - 1) / alignment * alignment;
    if (::lseek(m_fd, next, SEEK_SET) < 0) return failed(errno);
    m_position = next;
    return {};
  }
  int64_t position() const { return m_position; }

  // So that a full disk shows here, before anything is renamed.
  Status sync() { return ::fsync(m_fd) == 0 ? Status() : failed(errno); }

 private:
  std::string m_name;
  int m_fd;
  int64_t m_position = 0;
};

Status writeMessage(const onnx::ModelProto& proto, const PendingFile& file) {
  if (static_cast<int64_t>(proto.ByteSizeLong()) > maxMessageBytes) {
    return badInput(fmt::format("cannot write {}: without its larger weights the model still exceeds 2 GB",
                                file.finalPath().string()));
  }
  Output out(file);
  if (!out.isOpen()) return out.failed(errno);
  google::protobuf::io::FileOutputStream stream(out.fd(), 1 << 20);
  const bool written = proto.SerializeToZeroCopyStream(&stream) && stream.Flush();
  if (!written) return out.failed(stream.GetErrno());
  return out.sync();
}

bool hasExternal(const onnx::ModelProto& proto) {
  bool found = false;
  forEachTensor(proto, [&](const onnx::TensorProto& tensor, bool) { found = found || isExternal(tensor); });
  return found;
}

// Copies the model's weights into its data file.
class DataWriter {
 public:
  DataWriter(const Model& model, const PendingFile& file)
      : m_model(model), m_location(file.finalPath().filename().string()), m_out(file) {}

  // Whether a weight of the model belongs into the data file.
  static bool wants(const onnx::TensorProto& tensor, bool isInitializer) {
    if (isExternal(tensor)) return true;
    return isInitializer && static_cast<int64_t>(tensor.raw_data().size()) >= minExternalBytes;
  }

  // Writes the tensor's data. The tensors must stay where they are until pointToFile().
  Status write(onnx::TensorProto& tensor) {
    if (!m_out.isOpen()) return m_out.failed(errno);
    if (auto aligned = m_out.align(); !aligned) return aligned;
    const int64_t offset = m_out.position();
    auto written = isExternal(tensor) ? copyExternal(tensor) : m_out.write(std::as_bytes(std::span(tensor.raw_data())));
    if (!written) return written;
    m_written.push_back({&tensor, offset, m_out.position() - offset});
    return {};
  }
  void pointToFile() const {
    for (const auto& w : m_written) setExternal(*w.tensor, m_location, w.offset, w.bytes);
  }
  Status sync() { return m_out.isOpen() ? m_out.sync() : m_out.failed(errno); }

 private:
  Status copyExternal(const onnx::TensorProto& tensor) {
    auto entry = externalEntry(tensor, m_model.folder());
    if (!entry) return passOn(entry);
    std::vector<std::byte> block(static_cast<size_t>(std::min(blockBytes, entry->bytes)));
    for (int64_t done = 0; done < entry->bytes;) {
      const auto part = std::span(block).first(static_cast<size_t>(std::min(blockBytes, entry->bytes - done)));
      ExternalEntry piece = *entry;
      piece.offset += done;
      if (auto read = readExternal(tensor, piece, part); !read) return read;
      if (auto written = m_out.write(part); !written) return written;
      done += static_cast<int64_t>(part.size());
    }
    return {};
  }

  struct Written {
    onnx::TensorProto* tensor;
    int64_t offset, bytes;
  };
  const Model& m_model;
  std::string m_location;
  Output m_out;
  std::vector<Written> m_written;
};

// Writes the weights of `proto` to the data file; nothing is changed yet.
Status writeWeights(onnx::ModelProto& proto, DataWriter& data) {
  Status status;
  forEachTensor(proto, [&](onnx::TensorProto& tensor, bool isInitializer) {
    if (status && DataWriter::wants(tensor, isInitializer)) status = data.write(tensor);
  });
  return status ? data.sync() : status;
}

bool readsFrom(const Model& model, const fs::path& file) {
  bool reads = false;
  std::error_code ec;
  if (!fs::exists(file, ec)) return false;
  forEachTensor(model.proto(), [&](const onnx::TensorProto& tensor, bool) {
    if (reads || !isExternal(tensor)) return;
    const auto entry = externalEntry(tensor, model.folder());
    reads = entry && fs::equivalent(entry->file, file, ec);
  });
  return reads;
}

Result<onnx::ModelProto> inlineExternal(const Model& model) {
  onnx::ModelProto whole = model.proto();
  Status status;
  forEachTensor(whole, [&](onnx::TensorProto& tensor, bool) {
    if (!status || !isExternal(tensor)) return;
    auto value = model.tensor(tensor);
    if (value) toProto(*value, tensor);
    if (!value) status = passOn(value);
  });
  if (!status) return passOn(status);
  return whole;
}

Status saveInOneFile(const Model& model, PendingFile& file) {
  if (!hasExternal(model.proto())) {
    if (auto written = writeMessage(model.proto(), file); !written) return written;
    return file.commit();
  }
  auto whole = inlineExternal(model);
  if (!whole) return passOn(whole);
  if (auto written = writeMessage(*whole, file); !written) return written;
  return file.commit();
}

Status saveInTwoFiles(const Model& model, PendingFile& file) {
  fs::path dataPath = file.finalPath();
  dataPath += ".data";
  if (readsFrom(model, dataPath)) {
    return fail(ErrorCode::Usage,
                fmt::format("cannot write {}: the model still reads its weights from {}", file.finalPath().string(),
                            dataPath.string()),
                "choose another name");
  }
  auto dataFile = PendingFile::create(dataPath);
  if (!dataFile) return passOn(dataFile);
  {
    DataWriter data(model, *dataFile);
    onnx::ModelProto light = model.proto();
    if (auto weights = writeWeights(light, data); !weights) return weights;
    data.pointToFile();
    if (auto written = writeMessage(light, file); !written) return written;
  }
  // An older model must not be seen with the new data, not even for a moment: it goes first.
  std::error_code ec;
  if (fs::exists(dataPath, ec)) fs::remove(file.finalPath(), ec);
  if (auto committed = dataFile->commit(); !committed) return committed;
  return file.commit();
}

}  // namespace

Status Model::save(const fs::path& path, const SaveOptions& options) const {
  auto file = PendingFile::create(path);
  if (!file) return passOn(file);
  const bool fits = byteSize() <= std::min(options.maxFileBytes, maxMessageBytes);
  return fits ? saveInOneFile(*this, *file) : saveInTwoFiles(*this, *file);
}

void Model::setWeightsAside(int64_t fromBytes) {
  const auto bytes = m_proto->ByteSizeLong();
  if (static_cast<int64_t>(bytes) < fromBytes || hasExternal(*m_proto)) return;
  auto folder = TemporaryFolder::create("weights");
  if (!folder) return;
  std::error_code ec;
  const auto room = fs::space(folder->path(), ec).available;
  // A disk should not be filled to its end, and the profile or the result has yet to be written.
  if (ec || room < 2 * bytes) return;
  auto file = PendingFile::create(folder->path() / "weights.data");
  if (!file) return;
  DataWriter data(*this, *file);
  if (!writeWeights(*m_proto, data) || !file->commit()) return;
  data.pointToFile();
  m_folder = folder->path();
  m_weights = std::make_shared<const TemporaryFolder>(std::move(*folder));
}

Result<std::string> Model::serialize() const {
  if (byteSize() > maxMessageBytes) {
    return badInput("the model exceeds 2 GB and cannot be one message", "save it with its weights in a file beside it");
  }
  std::string bytes;
  if (!hasExternal(*m_proto)) {
    if (!m_proto->SerializeToString(&bytes)) return internalError("the model cannot be written as a message");
    return bytes;
  }
  auto whole = inlineExternal(*this);
  if (!whole) return passOn(whole);
  if (!whole->SerializeToString(&bytes)) return internalError("the model cannot be written as a message");
  return bytes;
}

}  // namespace ridgeline::graph
