#include "engine/inputs/npy.h"

#include <zip.h>

#include <memory>

namespace ridgeline::engine {
namespace {

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseEntry {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

// The claimed size only bounds the reading; memory grows with what really comes out.
Result<std::string> readEntry(zip_t* archive, zip_int64_t index, const std::string& where) {
  const std::unique_ptr<zip_file_t, CloseEntry> file(zip_fopen_index(archive, static_cast<zip_uint64_t>(index), 0));
  if (!file) return badInput(fmt::format("{}: cannot be read: {}", where, zip_strerror(archive)));
  std::string content;
  std::string buffer(size_t{1} << 20, '\0');
  while (true) {
    const auto got = zip_fread(file.get(), buffer.data(), buffer.size());
    if (got < 0) return badInput(fmt::format("{}: is damaged: {}", where, zip_file_strerror(file.get())));
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<size_t>(got));
  }
}

}  // namespace

Result<NamedTensors> readNpz(const std::filesystem::path& path) {
  int code = 0;
  const std::unique_ptr<zip_t, CloseArchive> archive(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (!archive) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    const std::string why = zip_error_strerror(&error);
    zip_error_fini(&error);
    return badInput(fmt::format("{}: not an .npz archive: {}", path.string(), why));
  }
  NamedTensors tensors;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive.get(), 0); ++i) {
    const char* entry = zip_get_name(archive.get(), static_cast<zip_uint64_t>(i), 0);
    std::string name = entry ? entry : "";
    if (!name.ends_with(".npy")) continue;
    const auto where = fmt::format("{} ({})", path.string(), name);
    name.resize(name.size() - 4);
    auto bytes = readEntry(archive.get(), i, where);
    if (!bytes) return passOn(bytes);
    auto tensor = parseNpy(*bytes, where);
    if (!tensor) return passOn(tensor);
    tensors[name] = std::move(*tensor);
  }
  return tensors;
}

}  // namespace ridgeline::engine
