// A file written piece by piece that appears under its name when it is whole.
#pragma once

#include "base/files.h"

#include <cstdio>
#include <memory>
#include <string_view>

namespace ridgeline::exporting {

class FileWriter {
 public:
  static Result<FileWriter> create(const std::filesystem::path& path);

  void write(std::string_view bytes);
  // Unavailable when any write failed.
  Status commit();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  FileWriter(PendingFile pending, std::FILE* file) : m_pending(std::move(pending)), m_file(file) {}
  PendingFile m_pending;
  std::unique_ptr<std::FILE, Close> m_file;
  int m_error = 0;
};

}  // namespace ridgeline::exporting
