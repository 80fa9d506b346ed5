// Inputs from a folder.
#include "base/files.h"
#include "engine/inputs.h"
#include "engine/inputs/model_inputs.h"
#include "engine/inputs/npy.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace ridgeline::engine {
namespace fs = std::filesystem;
namespace {

// "input_12" -> 12.
std::optional<size_t> inputNumber(const std::string& stem) {
  static constexpr std::string_view kPrefix = "input_";
  size_t number = 0;
  if (!stem.starts_with(kPrefix)) return std::nullopt;
  const auto parsed = std::from_chars(stem.data() + kPrefix.size(), stem.data() + stem.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != stem.data() + stem.size()) return std::nullopt;
  return number;
}

// Names such as "a/b:0" cannot be file names; '_' stands for what cannot.
std::string fileNameOf(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '/' || c == ':' || c == '\\'; }, '_');
  return name;
}

const PortInfo* portFor(const std::vector<PortInfo>& ports, const std::string& stem) {
  if (const auto* exact = findPort(ports, stem)) return exact;
  const auto found =
      std::find_if(ports.begin(), ports.end(), [&](const PortInfo& p) { return fileNameOf(p.name) == stem; });
  return found == ports.end() ? nullptr : &*found;
}

// test_data_set_2 before test_data_set_10.
bool byNumber(const fs::path& a, const fs::path& b) {
  const auto number = [](const fs::path& path) {
    const auto text = path.filename().string();
    const auto digits = text.find_last_not_of("0123456789") + 1;
    int64_t value = -1;
    std::from_chars(text.data() + digits, text.data() + text.size(), value);
    return std::pair{text.substr(0, digits), value};
  };
  const auto left = number(a), right = number(b);
  return left != right ? left < right : a < b;
}

class FolderReader {
 public:
  explicit FolderReader(std::vector<PortInfo> ports) : m_ports(std::move(ports)) {}

  Result<InputSet> read(const fs::path& folder) {
    std::error_code ec;
    if (!fs::exists(folder, ec)) return badInput(fmt::format("{}: no such folder", folder.string()));
    if (!fs::is_directory(folder, ec)) return badInput(fmt::format("{}: not a folder", folder.string()));
    std::vector<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(folder, ec)) {
      if (entry.is_directory(ec)) folders.push_back(entry.path());
    }
    if (ec) return badInput(fmt::format("{}: cannot be read: {}", folder.string(), ec.message()));
    std::sort(folders.begin(), folders.end(), byNumber);
    folders.insert(folders.begin(), folder);
    for (const auto& one : folders) {
      if (auto ok = readSamples(one); !ok) return passOn(ok);
    }
    if (m_set.samples.empty()) {
      return badInput(
          fmt::format("{}: holds no inputs", folder.string()),
          "expected test_data_set_0/input_0.pb, NAME.npy or .npz files; the inputs are " + describe(m_ports));
    }
    m_set.synthetic = false;
    return std::move(m_set);
  }

 private:
  // A folder's loose .pb and .npy files are one sample, each of its .npz files another.
  Status readSamples(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(folder, ec)) {
      if (entry.is_regular_file(ec)) files.push_back(entry.path());
    }
    if (ec) return badInput(fmt::format("{}: cannot be read: {}", folder.string(), ec.message()));
    std::sort(files.begin(), files.end(), byNumber);
    NamedTensors loose;
    for (const auto& file : files) {
      if (auto ok = readFileInto(file, loose); !ok) return ok;
    }
    if (loose.empty()) return {};
    return keep(std::move(loose), folder);
  }

  Status readFileInto(const fs::path& file, NamedTensors& loose) {
    const auto extension = file.extension().string();
    const auto stem = file.stem().string();
    if (extension == ".pb" && inputNumber(stem)) return readProto(file, *inputNumber(stem), loose);
    if (extension == ".npy") {
      const auto* port = portFor(m_ports, stem);
      if (!port) return unknownName(file, stem);
      auto bytes = readFile(file);
      if (!bytes) return passOn(bytes);
      auto tensor = parseNpy(*bytes, file.string());
      if (!tensor) return passOn(tensor);
      return put(*port, std::move(*tensor), file, loose);
    }
    if (extension != ".npz") return {};
    auto arrays = readNpz(file);
    if (!arrays) return passOn(arrays);
    NamedTensors sample;
    for (auto& [name, tensor] : *arrays) {
      const auto* port = portFor(m_ports, name);
      if (!port) return unknownName(file, name);
      if (auto ok = put(*port, std::move(tensor), file, sample); !ok) return ok;
    }
    return keep(std::move(sample), file);
  }

  Status readProto(const fs::path& file, size_t number, NamedTensors& loose) {
    auto bytes = readFile(file);
    if (!bytes) return passOn(bytes);
    onnx::TensorProto proto;
    if (!proto.ParseFromString(*bytes)) return badInput(fmt::format("{}: not an ONNX tensor", file.string()));
    // Sequences and optionals are written as messages of their own, which read as a tensor without a type.
    if (proto.data_type() == onnx::TensorProto::UNDEFINED) {
      return badInput(fmt::format("{}: holds no tensor; sequences and optionals cannot be given", file.string()));
    }
    const auto* port = findPort(m_ports, proto.name());
    if (!port && number < m_ports.size()) port = &m_ports[number];
    if (!port) {
      return badInput(fmt::format("{}: the model has {} inputs", file.string(), m_ports.size()));
    }
    auto tensor = graph::fromProto(proto);
    if (!tensor) return badInput(fmt::format("{}: {}", file.string(), tensor.error().message));
    return put(*port, std::move(*tensor), file, loose);
  }

  tl::unexpected<Error> unknownName(const fs::path& file, const std::string& name) const {
    return badInput(fmt::format("{}: the model has no input {}", file.string(), name),
                    "the inputs are " + describe(m_ports));
  }

  static Status put(const PortInfo& port, graph::Tensor tensor, const fs::path& file, NamedTensors& sample) {
    if (tensor.type() != port.type) {
      return badInput(fmt::format("{}: holds {}, but input {} is {}", file.string(), graph::nameOf(tensor.type()),
                                  port.name, graph::nameOf(port.type)));
    }
    bool fits = !port.ranked || tensor.dims().size() == port.dims.size();
    for (size_t i = 0; fits && i < port.dims.size(); ++i) {
      fits = port.dims[i] < 0 || port.dims[i] == tensor.dims()[i];
    }
    if (!fits) {
      return badInput(fmt::format("{}: has shape {}, but the model wants {}", file.string(),
                                  graph::formatDims(tensor.dims()), describe({port})));
    }
    sample[port.name] = std::move(tensor);
    return {};
  }

  Status keep(NamedTensors sample, const fs::path& where) {
    for (const auto& port : m_ports) {
      if (!sample.contains(port.name)) {
        return badInput(fmt::format("{}: input {} is missing", where.string(), port.name));
      }
    }
    m_set.samples.push_back(std::move(sample));
    return {};
  }

  std::vector<PortInfo> m_ports;
  InputSet m_set;
};

}  // namespace

Result<InputSet> readInputs(const fs::path& folder, const graph::Model& model) {
  auto ports = modelInputs(model);
  if (auto ok = checkInputKinds(ports); !ok) return passOn(ok);
  return FolderReader(std::move(ports)).read(folder);
}

}  // namespace ridgeline::engine
