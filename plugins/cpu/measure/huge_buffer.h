// Memory for bandwidth measurements: aligned for, and if the system allows made of, 2 MiB pages, so that what is
// measured is the cache or the DRAM and not the translation of addresses.
#pragma once

#include "base/result.h"

#include <cstddef>

namespace ridgeline::cpu {

class HugeBuffer {
 public:
  // Address space only: pages come where, and when, a thread first writes. Unavailable when there is not enough.
  static Result<HugeBuffer> create(size_t bytes);
  HugeBuffer(HugeBuffer&& other) noexcept;
  HugeBuffer& operator=(HugeBuffer&& other) noexcept;
  ~HugeBuffer();

  std::byte* data() const { return m_data; }
  size_t size() const { return m_bytes; }

 private:
  HugeBuffer() = default;
  void release();
  void* m_mapping = nullptr;
  size_t m_mapped = 0;
  std::byte* m_data = nullptr;
  size_t m_bytes = 0;
};

}  // namespace ridgeline::cpu
