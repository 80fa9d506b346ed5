#include "plugins/cpu/measure/mapped_buffer.h"

#include <sys/mman.h>

#include <utility>

namespace ridgeline::cpu {

Result<MappedBuffer> MappedBuffer::create(size_t bytes) {
  void* mapping = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) {
    return unavailable(fmt::format("cannot get {} MiB of memory to measure bandwidth with", bytes >> 20));
  }
  MappedBuffer buffer;
  buffer.m_data = static_cast<std::byte*>(mapping);
  buffer.m_bytes = bytes;
  return buffer;
}

MappedBuffer::MappedBuffer(MappedBuffer&& other) noexcept
    : m_data(std::exchange(other.m_data, nullptr)), m_bytes(std::exchange(other.m_bytes, 0)) {}

MappedBuffer& MappedBuffer::operator=(MappedBuffer&& other) noexcept {
  if (this != &other) {
    release();
    m_data = std::exchange(other.m_data, nullptr);
    m_bytes = std::exchange(other.m_bytes, 0);
  }
  return *this;
}

MappedBuffer::~MappedBuffer() { release(); }

void MappedBuffer::release() {
  if (m_data) ::munmap(m_data, m_bytes);
  m_data = nullptr;
}

}  // namespace ridgeline::cpu
