#include "base/files.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>

namespace ridgeline {
namespace fs = std::filesystem;
namespace {

std::string errnoText() { return std::strerror(errno); }

Status writeAll(int fd, std::string_view content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      return unavailable(fmt::format("cannot write {}: {}", path.string(), errnoText()));
    }
    content.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

Status syncFile(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return unavailable(fmt::format("cannot open {}: {}", path.string(), errnoText()));
  const int rc = ::fsync(fd);
  ::close(fd);
  if (rc != 0) return unavailable(fmt::format("cannot sync {}: {}", path.string(), errnoText()));
  return {};
}

}  // namespace

Result<std::string> readFile(const fs::path& path) {
  std::error_code ec;
  const auto status = fs::status(path, ec);
  if (!fs::exists(status)) return badInput(fmt::format("{}: no such file", path.string()));
  if (fs::is_directory(status)) return badInput(fmt::format("{}: is a directory, not a file", path.string()));
  std::ifstream in(path, std::ios::binary);
  if (!in) return badInput(fmt::format("{}: cannot be read: {}", path.string(), errnoText()));
  std::string content;
  const auto size = fs::file_size(path, ec);
  if (!ec && size > 0) {
    content.resize(size);
    in.read(content.data(), static_cast<std::streamsize>(size));
    content.resize(static_cast<size_t>(in.gcount()));
  } else {
    content.assign(std::istreambuf_iterator<char>(in), {});
  }
  if (in.bad()) return badInput(fmt::format("{}: cannot be read: {}", path.string(), errnoText()));
  return content;
}

Status writeFileAtomically(const fs::path& path, std::string_view content) {
  auto pending = PendingFile::create(path);
  if (!pending) return passOn(pending);
  const int fd = ::open(pending->temporary().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return unavailable(fmt::format("cannot write {}: {}", path.string(), errnoText()));
  auto written = writeAll(fd, content, path);
  ::close(fd);
  if (!written) return written;
  return pending->commit();
}

namespace {

// Another machine, or another container, may be writing the same file into a shared folder: its processes look dead
// from here. Nobody writes for this long without a change to the file.
constexpr auto kSurelyLeft = std::chrono::hours(24);

// The number that `text` starts with, which is taken off it; nullopt where it starts with none.
std::optional<pid_t> takeProcess(std::string_view& text) {
  pid_t owner = 0;
  const auto number = std::from_chars(text.data(), text.data() + text.size(), owner);
  if (number.ec != std::errc() || owner <= 0) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(number.ptr - text.data()));
  return owner;
}

bool isLeftBy(pid_t owner, const fs::path& path) {
  std::error_code ec;
  const auto changed = fs::last_write_time(path, ec);
  if (ec || fs::file_time_type::clock::now() - changed < kSurelyLeft) return false;
  return ::kill(owner, 0) != 0 && errno == ESRCH;
}

// What a process that was killed left of the same file: ".NAME.PID.part", and what a database keeps beside it.
void removeLeftovers(const fs::path& folder, const std::string& name) {
  std::error_code ec, ignored;
  const auto prefix = fmt::format(".{}.", name);
  for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec)) {
    const auto file = it->path().filename().string();
    if (!file.starts_with(prefix)) continue;
    auto rest = std::string_view(file).substr(prefix.size());
    const auto owner = takeProcess(rest);
    if (owner && rest.starts_with(".part") && isLeftBy(*owner, it->path())) fs::remove(it->path(), ignored);
  }
}

constexpr std::string_view kFolderPrefix = "ridgeline-";

// Folders of processes that were killed: "ridgeline-PURPOSE-PID-...". They can hold the weights of a large model.
void removeLeftFolders(const fs::path& base) {
  std::error_code ec, ignored;
  for (fs::directory_iterator it(base, ec), end; !ec && it != end; it.increment(ec)) {
    const auto name = it->path().filename().string();
    const auto random = name.rfind('-');
    if (!name.starts_with(kFolderPrefix) || random < kFolderPrefix.size()) continue;
    auto rest = std::string_view(name).substr(name.rfind('-', random - 1) + 1);
    const auto owner = takeProcess(rest);
    if (owner && rest.starts_with('-') && isLeftBy(*owner, it->path())) fs::remove_all(it->path(), ignored);
  }
}

}  // namespace

Result<PendingFile> PendingFile::create(const fs::path& finalPath) {
  std::error_code ec;
  if (finalPath.empty()) return fail(ErrorCode::Usage, "the output has no name");
  if (fs::is_directory(finalPath, ec)) {
    return unavailable(fmt::format("cannot write {}: it is a directory", finalPath.string()), "name a file");
  }
  // A device or a pipe (/dev/stdout, /dev/full) cannot be renamed onto.
  if (fs::exists(finalPath, ec) && !fs::is_regular_file(finalPath, ec)) {
    return unavailable(fmt::format("cannot write {}: it is not a regular file", finalPath.string()), "name a file");
  }
  const auto folder = finalPath.has_parent_path() ? finalPath.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, ec)) {
    return unavailable(
        fmt::format("cannot write {}: the folder {} does not exist", finalPath.string(), folder.string()),
        "create it first");
  }
  removeLeftovers(folder, finalPath.filename().string());
  PendingFile pending;
  pending.m_final = finalPath;
  pending.m_temporary = folder / fmt::format(".{}.{}.part", finalPath.filename().string(), ::getpid());
  const int fd = ::open(pending.m_temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return unavailable(fmt::format("cannot write {}: {}", finalPath.string(), errnoText()));
  ::close(fd);
  return pending;
}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : m_final(std::move(other.m_final)), m_temporary(std::exchange(other.m_temporary, {})) {}

PendingFile& PendingFile::operator=(PendingFile&& other) noexcept {
  if (this != &other) {
    discard();
    m_final = std::move(other.m_final);
    m_temporary = std::exchange(other.m_temporary, {});
  }
  return *this;
}

PendingFile::~PendingFile() { discard(); }

void PendingFile::discard() {
  if (m_temporary.empty()) return;
  std::error_code ec;
  fs::remove(m_temporary, ec);
  m_temporary.clear();
}

Status PendingFile::commit() {
  if (auto synced = syncFile(m_temporary); !synced) return synced;
  std::error_code ec;
  fs::rename(m_temporary, m_final, ec);
  if (ec) return unavailable(fmt::format("cannot write {}: {}", m_final.string(), ec.message()));
  m_temporary.clear();
  return {};
}

Result<TemporaryFolder> TemporaryFolder::create(std::string_view purpose) {
  std::error_code ec;
  auto base = fs::temp_directory_path(ec);
  if (ec) return unavailable("no folder for temporary files", "set TMPDIR to a writable folder");
  removeLeftFolders(base);
  auto pattern = (base / fmt::format("{}{}-{}-XXXXXX", kFolderPrefix, purpose, ::getpid())).string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return unavailable(fmt::format("cannot create a folder in {}: {}", base.string(), errnoText()),
                       "set TMPDIR to a writable folder");
  }
  TemporaryFolder folder;
  folder.m_path = pattern;
  return folder;
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept : m_path(std::exchange(other.m_path, {})) {}

TemporaryFolder& TemporaryFolder::operator=(TemporaryFolder&& other) noexcept {
  std::swap(m_path, other.m_path);
  return *this;
}

TemporaryFolder::~TemporaryFolder() {
  if (m_path.empty()) return;
  std::error_code ec;
  fs::remove_all(m_path, ec);
}

Result<fs::path> cacheFolder() {
  fs::path folder;
  if (const char* own = std::getenv("RIDGELINE_CACHE_DIR"); own && *own) {
    folder = own;
  } else if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg && *xdg) {
    folder = fs::path(xdg) / "ridgeline";
  } else if (const char* home = std::getenv("HOME"); home && *home) {
    folder = fs::path(home) / ".cache" / "ridgeline";
  } else {
    return unavailable("no cache folder", "set RIDGELINE_CACHE_DIR");
  }
  std::error_code ec;
  fs::create_directories(folder, ec);
  if (ec)
    return unavailable(fmt::format("cannot create {}: {}", folder.string(), ec.message()), "set RIDGELINE_CACHE_DIR");
  return folder;
}

}  // namespace ridgeline
