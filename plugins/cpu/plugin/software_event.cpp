#include "plugins/cpu/plugin/software_event.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>

namespace ridgeline::cpu {

Result<SoftwareEvent> SoftwareEvent::open(std::string_view name) {
  static const std::map<std::string_view, uint64_t> events = {
      {"perf::TASK-CLOCK", PERF_COUNT_SW_TASK_CLOCK},
      {"perf::PAGE-FAULTS", PERF_COUNT_SW_PAGE_FAULTS},
      {"perf::CONTEXT-SWITCHES", PERF_COUNT_SW_CONTEXT_SWITCHES},
      {"perf::CPU-MIGRATIONS", PERF_COUNT_SW_CPU_MIGRATIONS}};
  const auto event = events.find(name);
  if (event == events.end()) return unavailable(fmt::format("{} is no event of the kernel's own", name));
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = event->second;
  // Context switches happen in the kernel; where users may not count there, the others still count.
  for (const bool kernelToo : {true, false}) {
    attributes.exclude_kernel = attributes.exclude_hv = !kernelToo;
    const long fd = ::syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (fd >= 0) return SoftwareEvent(static_cast<int>(fd));
  }
  return unavailable(fmt::format("{}: {}", name, std::strerror(errno)));
}

SoftwareEvent::~SoftwareEvent() {
  if (m_fd >= 0) ::close(m_fd);
}

long long SoftwareEvent::read() const {
  long long value = 0;
  return ::read(m_fd, &value, sizeof value) == static_cast<ssize_t>(sizeof value) ? value : 0;
}

}  // namespace ridgeline::cpu
