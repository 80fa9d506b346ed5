#include "graph/model.h"

#include "base/files.h"
#include "graph/check.h"
#include "graph/external_data.h"
#include "graph/file_kind.h"
#include "graph/subgraphs.h"

#include <fcntl.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

namespace ridgeline::graph {
namespace fs = std::filesystem;
namespace {

constexpr int64_t maxMessageBytes = std::numeric_limits<int32_t>::max();
constexpr std::string_view metadataPrefix = "ridgeline.";

bool isSameDomain(std::string_view a, std::string_view b) {
  const auto plain = [](std::string_view domain) { return domain == "ai.onnx" ? std::string_view{} : domain; };
  return plain(a) == plain(b);
}

// What a file can be refused for before it is read.
Status checkFile(const fs::path& path) {
  std::error_code ec;
  const auto status = fs::status(path, ec);
  if (!fs::exists(status)) return badInput(fmt::format("{}: no such file", path.string()));
  if (fs::is_directory(status)) {
    return badInput(fmt::format("{}: is a directory", path.string()), "name the .onnx file in it");
  }
  if (!fs::is_regular_file(status)) return badInput(fmt::format("{}: not a regular file", path.string()));
  const auto size = fs::file_size(path, ec);
  if (ec) return badInput(fmt::format("{}: cannot be read: {}", path.string(), ec.message()));
  if (size == 0) return badInput(fmt::format("{}: is empty", path.string()));
  if (size > static_cast<uintmax_t>(maxMessageBytes)) {
    return badInput(fmt::format("{}: is larger than 2 GB, which no ONNX file can be", path.string()),
                    "models past 2 GB keep their weights as external data in files beside them");
  }
  return {};
}

Result<std::unique_ptr<onnx::ModelProto>> readProto(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return badInput(fmt::format("{}: cannot be read: {}", path.string(), std::strerror(errno)));
  std::string head(4096, '\0');
  const ssize_t headSize = ::pread(fd, head.data(), head.size(), 0);
  head.resize(headSize > 0 ? static_cast<size_t>(headSize) : 0);

  // Read block by block, so that the weights are held once; a mapping would fault if the file were cut meanwhile.
  google::protobuf::io::FileInputStream stream(fd, 1 << 20);
  stream.SetCloseOnDelete(true);
  auto proto = std::make_unique<onnx::ModelProto>();
  const bool parsed = proto->ParseFromZeroCopyStream(&stream);
  if (stream.GetErrno() != 0) {
    return badInput(fmt::format("{}: cannot be read: {}", path.string(), std::strerror(stream.GetErrno())));
  }
  if (!parsed) return fail(ErrorCode::BadInput, fmt::format("{}: {}", path.string(), whyNoModel(head)), hintFor(head));
  return proto;
}

// The IR version in which an operator set appeared: files are readable by runtimes of that time.
int64_t irVersionFor(int64_t opset) {
  if (opset <= 18) return 8;
  if (opset <= 20) return 9;
  if (opset <= 22) return 10;
  return opset <= 23 ? 11 : 12;
}

}  // namespace

Model::Model() : m_proto(std::make_unique<onnx::ModelProto>()) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

Result<Model> Model::load(const fs::path& path) {
  if (auto checked = checkFile(path); !checked) return passOn(checked);
  auto proto = readProto(path);
  if (!proto) return passOn(proto);
  Model model;
  model.m_proto = std::move(*proto);
  model.m_folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  auto checked = checkModel(model.proto(), model.m_folder);
  if (checked) return model;
  return fail(checked.error().code, fmt::format("{}: {}", path.string(), checked.error().message),
              checked.error().hint);
}

Result<Model> Model::parse(std::string_view bytes, const fs::path& folder) {
  if (bytes.empty()) return badInput("the model is empty");
  if (bytes.size() > static_cast<size_t>(maxMessageBytes)) {
    return badInput("the model is larger than 2 GB, which no ONNX message can be");
  }
  Model model;
  model.m_folder = folder;
  if (!model.m_proto->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return fail(ErrorCode::BadInput, std::string(whyNoModel(bytes)), hintFor(bytes));
  }
  if (auto checked = checkModel(model.proto(), folder); !checked) return passOn(checked);
  return model;
}

Model Model::create(int64_t opset, std::string_view graphName) {
  Model model;
  model.m_proto->set_ir_version(irVersionFor(opset));
  model.m_proto->set_producer_name("ridgeline");
  model.m_proto->mutable_graph()->set_name(std::string(graphName));
  model.requireOpset("", opset);
  return model;
}

Model Model::clone() const {
  Model copy;
  copy.m_proto->CopyFrom(*m_proto);
  copy.m_folder = m_folder;
  copy.m_weights = m_weights;
  copy.m_remarks = m_remarks;
  return copy;
}

Result<Tensor> Model::tensor(const onnx::TensorProto& proto) const {
  if (!isExternal(proto)) return fromProto(proto);
  if (auto checked = checkData(proto); !checked) return passOn(checked);
  auto entry = externalEntry(proto, m_folder);
  if (!entry) return passOn(entry);
  // Before the memory is asked for: dims are only a claim.
  if (auto checked = checkExternalFile(proto, *entry); !checked) return passOn(checked);
  Tensor tensor(static_cast<DataType>(proto.data_type()), Dims(proto.dims().begin(), proto.dims().end()));
  if (auto read = readExternal(proto, *entry, tensor.bytes()); !read) return passOn(read);
  return tensor;
}

int64_t Model::opset(std::string_view domain) const {
  for (const auto& import : m_proto->opset_import()) {
    if (isSameDomain(import.domain(), domain)) return import.version();
  }
  return 0;
}

void Model::requireOpset(std::string_view domain, int64_t version) {
  for (auto& import : *m_proto->mutable_opset_import()) {
    if (!isSameDomain(import.domain(), domain)) continue;
    import.set_version(std::max(import.version(), version));
    return;
  }
  auto* import = m_proto->add_opset_import();
  import->set_domain(std::string(domain));
  import->set_version(version);
}

int64_t Model::byteSize() const {
  auto bytes = static_cast<int64_t>(m_proto->ByteSizeLong());
  forEachTensor(*m_proto, [&](const onnx::TensorProto& tensor, bool) {
    if (!isExternal(tensor)) return;
    if (auto entry = externalEntry(tensor, m_folder)) bytes += entry->bytes;
  });
  return bytes;
}

void Model::setMetadata(std::string_view key, std::string_view value) {
  const auto full = std::string(metadataPrefix).append(key);
  for (auto& entry : *m_proto->mutable_metadata_props()) {
    if (entry.key() == full) return entry.set_value(std::string(value));
  }
  auto* entry = m_proto->add_metadata_props();
  entry->set_key(full);
  entry->set_value(std::string(value));
}

std::optional<std::string> Model::metadata(std::string_view key) const {
  const auto full = std::string(metadataPrefix).append(key);
  for (const auto& entry : m_proto->metadata_props()) {
    if (entry.key() == full) return entry.value();
  }
  return std::nullopt;
}

void Model::removeMetadata(std::string_view key) {
  const auto full = std::string(metadataPrefix).append(key);
  auto& entries = *m_proto->mutable_metadata_props();
  for (int i = entries.size() - 1; i >= 0; --i) {
    if (entries[i].key() == full) entries.DeleteSubrange(i, 1);
  }
}

void Model::setRemark(std::string_view key, std::string_view value) { m_remarks[std::string(key)] = value; }

std::string_view Model::remark(std::string_view key) const {
  const auto found = m_remarks.find(key);
  return found == m_remarks.end() ? std::string_view() : found->second;
}

}  // namespace ridgeline::graph
