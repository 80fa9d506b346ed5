// Memory for bandwidth measurements, in pages as any program gets them: a roof should be within reach of the programs
// under it. Huge pages, where they have to be asked for, would lift DRAM's by a tenth and more.
#pragma once

#include "base/result.h"

#include <cstddef>

namespace ridgeline::cpu {

class MappedBuffer {
 public:
  // Address space only: pages come where, and when, a thread first writes. Unavailable when there is not enough.
  static Result<MappedBuffer> create(size_t bytes);
  MappedBuffer(MappedBuffer&& other) noexcept;
  MappedBuffer& operator=(MappedBuffer&& other) noexcept;
  ~MappedBuffer();

  std::byte* data() const { return m_data; }
  size_t size() const { return m_bytes; }

 private:
  MappedBuffer() = default;
  void release();
  std::byte* m_data = nullptr;
  size_t m_bytes = 0;
};

}  // namespace ridgeline::cpu
