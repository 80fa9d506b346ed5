// Files that appear whole or not at all, and folders that go away by themselves.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace ridgeline {

// Reads a whole file. BadInput when it is missing, a directory, or unreadable.
Result<std::string> readFile(const std::filesystem::path& path);

// Writes to a temporary name beside `path`, syncs, and renames: readers see the old file or the new one, never a part.
Status writeFileAtomically(const std::filesystem::path& path, std::string_view content);

// A file under construction: write to `temporary()`, then commit() renames it to the final name. Destroyed without a
// commit, the temporary file is removed. Also removed when the process ends by a signal that Ridgeline handles.
class PendingFile {
 public:
  // Fails (Unavailable) when the folder is missing or not writable, before any work is put into it.
  static Result<PendingFile> create(const std::filesystem::path& finalPath);
  PendingFile(PendingFile&&) noexcept;
  PendingFile& operator=(PendingFile&&) noexcept;
  ~PendingFile();

  const std::filesystem::path& temporary() const { return m_temporary; }
  const std::filesystem::path& finalPath() const { return m_final; }
  Status commit();

 private:
  PendingFile() = default;
  void discard();
  std::filesystem::path m_final, m_temporary;
};

// A fresh folder under $TMPDIR, removed with everything in it at the end of its life; where the process was killed, by
// a later one that makes a folder there, after a day.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> create(std::string_view purpose);
  TemporaryFolder(TemporaryFolder&&) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&&) noexcept;
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return m_path; }

 private:
  TemporaryFolder() = default;
  std::filesystem::path m_path;
};

// Where what was learned about this machine is kept: $RIDGELINE_CACHE_DIR, else $XDG_CACHE_HOME/ridgeline, else
// ~/.cache/ridgeline. Created on demand; Unavailable when it cannot be.
Result<std::filesystem::path> cacheFolder();

}  // namespace ridgeline
