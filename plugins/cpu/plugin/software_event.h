// The kernel's own events by its own interface, for processors that PAPI does not know: it then counts nothing at all.
#pragma once

#include "base/result.h"

#include <string_view>
#include <utility>

namespace ridgeline::cpu {

// One event of one thread. May be read by any thread.
class SoftwareEvent {
 public:
  // Of the calling thread, by PAPI's name ("perf::TASK-CLOCK"). Unavailable when the kernel refuses, or the name is
  // that of no software event.
  static Result<SoftwareEvent> open(std::string_view name);
  SoftwareEvent(SoftwareEvent&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
  SoftwareEvent& operator=(SoftwareEvent&& other) noexcept {
    std::swap(m_fd, other.m_fd);
    return *this;
  }
  ~SoftwareEvent();
  // Since it was opened; 0 when it cannot be read.
  long long read() const;

 private:
  explicit SoftwareEvent(int fd) : m_fd(fd) {}
  int m_fd;
};

}  // namespace ridgeline::cpu
