#include "export/file_writer.h"

#include <cerrno>
#include <cstring>

namespace ridgeline::exporting {

Result<FileWriter> FileWriter::create(const std::filesystem::path& path) {
  auto pending = PendingFile::create(path);
  if (!pending) return passOn(pending);
  std::FILE* file = std::fopen(pending->temporary().c_str(), "wb");
  if (file == nullptr) return unavailable(fmt::format("cannot write {}: {}", path.string(), std::strerror(errno)));
  return FileWriter(std::move(*pending), file);
}

void FileWriter::write(std::string_view bytes) {
  if (m_error == 0 && std::fwrite(bytes.data(), 1, bytes.size(), m_file.get()) != bytes.size()) m_error = errno;
}

Status FileWriter::commit() {
  if (m_error == 0 && std::fflush(m_file.get()) != 0) m_error = errno;
  m_file.reset();
  if (m_error != 0) {
    return unavailable(fmt::format("cannot write {}: {}", m_pending.finalPath().string(), std::strerror(m_error)),
                       "is the disk full?");
  }
  return m_pending.commit();
}

}  // namespace ridgeline::exporting
