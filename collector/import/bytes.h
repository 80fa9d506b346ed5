// The bytes of a recording, front to back, gzip taken off.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace ridgeline::collector::import {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Up to `size` bytes; 0 at the end. BadInput when the file cannot be read, is cut short or damaged.
  virtual Result<size_t> read(char* buffer, size_t size) = 0;
  // 0..1 of the file as it lies on disk.
  virtual double progress() const = 0;
};

// gzip is recognized by its first bytes, whatever the name is. A file that inflates beyond all reason (more than 200
// times, beyond the first 64 MB) is refused.
Result<std::unique_ptr<ByteSource>> openBytes(const std::filesystem::path& path);

// The first bytes of a source, up to `size`; the source gives them again.
Result<std::string> peek(std::unique_ptr<ByteSource>& source, size_t size);

// Bytes in memory, for tests and fuzzers. `name` stands in messages.
Result<std::unique_ptr<ByteSource>> bytesOf(std::string content, std::string name);

}  // namespace ridgeline::collector::import
