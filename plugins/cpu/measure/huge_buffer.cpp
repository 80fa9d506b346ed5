#include "plugins/cpu/measure/huge_buffer.h"

#include <sys/mman.h>

#include <cstdint>
#include <utility>

namespace ridgeline::cpu {

Result<HugeBuffer> HugeBuffer::create(size_t bytes) {
  constexpr size_t kHugePage = size_t{2} << 20;
  HugeBuffer buffer;
  buffer.m_mapped = (bytes + kHugePage - 1) / kHugePage * kHugePage + kHugePage;
  void* mapping = ::mmap(nullptr, buffer.m_mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) {
    return unavailable(fmt::format("cannot get {} MiB of memory to measure bandwidth with", bytes >> 20));
  }
  buffer.m_mapping = mapping;
  const auto address = (reinterpret_cast<uintptr_t>(mapping) + kHugePage - 1) / kHugePage * kHugePage;
  buffer.m_data = reinterpret_cast<std::byte*>(address);
  buffer.m_bytes = bytes;
  (void)::madvise(mapping, buffer.m_mapped, MADV_HUGEPAGE);  // refused where huge pages are off: small ones work too
  return buffer;
}

HugeBuffer::HugeBuffer(HugeBuffer&& other) noexcept
    : m_mapping(std::exchange(other.m_mapping, nullptr)),
      m_mapped(std::exchange(other.m_mapped, 0)),
      m_data(std::exchange(other.m_data, nullptr)),
      m_bytes(std::exchange(other.m_bytes, 0)) {}

HugeBuffer& HugeBuffer::operator=(HugeBuffer&& other) noexcept {
  if (this != &other) {
    release();
    m_mapping = std::exchange(other.m_mapping, nullptr);
    m_mapped = std::exchange(other.m_mapped, 0);
    m_data = std::exchange(other.m_data, nullptr);
    m_bytes = std::exchange(other.m_bytes, 0);
  }
  return *this;
}

HugeBuffer::~HugeBuffer() { release(); }

void HugeBuffer::release() {
  if (m_mapping) ::munmap(m_mapping, m_mapped);
  m_mapping = nullptr;
}

}  // namespace ridgeline::cpu
