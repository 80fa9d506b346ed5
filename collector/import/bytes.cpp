#include "collector/import/bytes.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <vector>

namespace ridgeline::collector::import {
namespace fs = std::filesystem;
namespace {

constexpr size_t kInputChunk = 256 << 10;
// zlib reaches 1032 : 1 on zeros. Traces of every exporter stay below 60 : 1.
constexpr uint64_t kLargestRatio = 200;
constexpr uint64_t kRatioFreeBytes = 64 << 20;

class FileBytes final : public ByteSource {
 public:
  FileBytes(std::ifstream in, uint64_t size, std::string name)
      : m_in(std::move(in)), m_size(size), m_name(std::move(name)) {}
  Result<size_t> read(char* buffer, size_t size) override {
    m_in.read(buffer, static_cast<std::streamsize>(size));
    if (m_in.bad()) return badInput(fmt::format("{} cannot be read", m_name), "copy it again");
    const auto count = static_cast<size_t>(m_in.gcount());
    m_read += count;
    return count;
  }
  double progress() const override {
    return m_size == 0 ? 1 : std::min(1.0, static_cast<double>(m_read) / static_cast<double>(m_size));
  }

 private:
  std::ifstream m_in;
  uint64_t m_size, m_read = 0;
  std::string m_name;
};

class MemoryBytes final : public ByteSource {
 public:
  explicit MemoryBytes(std::string content) : m_content(std::move(content)) {}
  Result<size_t> read(char* buffer, size_t size) override {
    const size_t count = std::min(size, m_content.size() - m_at);
    std::memcpy(buffer, m_content.data() + m_at, count);
    m_at += count;
    return count;
  }
  double progress() const override {
    return m_content.empty() ? 1 : static_cast<double>(m_at) / static_cast<double>(m_content.size());
  }

 private:
  std::string m_content;
  size_t m_at = 0;
};

class GzipBytes final : public ByteSource {
 public:
  GzipBytes(std::unique_ptr<ByteSource> in, std::string name) : m_in(std::move(in)), m_name(std::move(name)) {
    m_input.resize(kInputChunk);
    m_ready = inflateInit2(&m_stream, 15 + 16) == Z_OK;
  }
  ~GzipBytes() override {
    if (m_ready) inflateEnd(&m_stream);
  }
  GzipBytes(const GzipBytes&) = delete;
  GzipBytes& operator=(const GzipBytes&) = delete;

  Result<size_t> read(char* buffer, size_t size) override {
    if (!m_ready) return unavailable("not enough memory to unpack " + m_name);
    m_stream.next_out = reinterpret_cast<Bytef*>(buffer);
    m_stream.avail_out = static_cast<uInt>(std::min<size_t>(size, 1U << 30));
    const uInt wanted = m_stream.avail_out;
    while (m_stream.avail_out > 0 && !m_ended) {
      if (auto s = step(); !s) return passOn(s);
    }
    const size_t produced = wanted - m_stream.avail_out;
    m_out += produced;
    if (m_out > kRatioFreeBytes && m_out / kLargestRatio > m_taken) {
      return badInput(fmt::format("{} unpacks to more than {} times its size", m_name, kLargestRatio),
                      "no recording compresses that well; unpack it yourself if you trust it");
    }
    return produced;
  }
  double progress() const override { return m_in->progress(); }

 private:
  Status refill() {
    if (m_stream.avail_in > 0) return {};
    auto count = m_in->read(m_input.data(), m_input.size());
    if (!count) return passOn(count);
    m_taken += *count;
    m_stream.next_in = reinterpret_cast<Bytef*>(m_input.data());
    m_stream.avail_in = static_cast<uInt>(*count);
    return {};
  }

  Status step() {
    if (auto s = refill(); !s) return s;
    if (m_stream.avail_in == 0) {
      if (m_betweenMembers) {
        m_ended = true;
        return {};
      }
      return badInput(fmt::format("{} is cut short: its gzip data has no end", m_name), "copy it again");
    }
    if (m_betweenMembers) {  // gzip files may follow each other; zeros and the like after the last are padding
      if (*m_stream.next_in != 0x1f) {
        m_ended = true;
        return {};
      }
      inflateReset(&m_stream);
      m_betweenMembers = false;
    }
    const int rc = inflate(&m_stream, Z_NO_FLUSH);
    if (rc == Z_STREAM_END) {
      m_betweenMembers = true;
    } else if (rc != Z_OK && rc != Z_BUF_ERROR) {
      return badInput(fmt::format("{} is damaged: its gzip data cannot be unpacked", m_name), "copy it again");
    }
    return {};
  }

  std::unique_ptr<ByteSource> m_in;
  std::string m_name;
  std::vector<char> m_input;
  z_stream m_stream{};
  uint64_t m_taken = 0, m_out = 0;
  bool m_ready = false, m_betweenMembers = false, m_ended = false;
};

// A source whose first bytes were looked at.
class Prefixed final : public ByteSource {
 public:
  Prefixed(std::string prefix, std::unique_ptr<ByteSource> rest)
      : m_prefix(std::move(prefix)), m_rest(std::move(rest)) {}
  Result<size_t> read(char* buffer, size_t size) override {
    if (m_at == m_prefix.size()) return m_rest->read(buffer, size);
    const size_t count = std::min(size, m_prefix.size() - m_at);
    std::memcpy(buffer, m_prefix.data() + m_at, count);
    m_at += count;
    return count;
  }
  double progress() const override { return m_rest->progress(); }

 private:
  std::string m_prefix;
  size_t m_at = 0;
  std::unique_ptr<ByteSource> m_rest;
};

Result<std::unique_ptr<ByteSource>> unpacked(std::unique_ptr<ByteSource> raw, const std::string& name) {
  std::string magic(2, '\0');
  auto count = raw->read(magic.data(), magic.size());
  if (!count) return passOn(count);
  magic.resize(*count);
  const bool gzip = magic == "\x1f\x8b";
  std::unique_ptr<ByteSource> whole = std::make_unique<Prefixed>(std::move(magic), std::move(raw));
  if (!gzip) return whole;
  return std::make_unique<GzipBytes>(std::move(whole), name);
}

}  // namespace

Result<std::unique_ptr<ByteSource>> openBytes(const fs::path& path) {
  std::error_code ec;
  const auto status = fs::status(path, ec);
  if (!fs::exists(status)) return badInput(fmt::format("{}: no such file", path.string()));
  if (fs::is_directory(status))
    return badInput(fmt::format("{} is a directory", path.string()), "name the files in it");
  std::ifstream in(path, std::ios::binary);
  if (!in) return badInput(fmt::format("{} cannot be read", path.string()), "check its permissions");
  const auto size = fs::file_size(path, ec);
  return unpacked(std::make_unique<FileBytes>(std::move(in), ec ? 0 : size, path.string()), path.string());
}

Result<std::string> peek(std::unique_ptr<ByteSource>& source, size_t size) {
  std::string head(size, '\0');
  size_t have = 0;
  while (have < size) {
    auto count = source->read(head.data() + have, size - have);
    if (!count) return passOn(count);
    if (*count == 0) break;
    have += *count;
  }
  head.resize(have);
  source = std::make_unique<Prefixed>(head, std::move(source));
  return head;
}

Result<std::unique_ptr<ByteSource>> bytesOf(std::string content, std::string name) {
  return unpacked(std::make_unique<MemoryBytes>(std::move(content)), name);
}

}  // namespace ridgeline::collector::import
