#include "plugins/cpu/detect/cgroup.h"
#include "plugins/cpu/detect/isa.h"
#include "plugins/cpu/detect/system_files.h"
#include "plugins/cpu/detect/topology.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

namespace ridgeline::cpu {
namespace {

// /proc/meminfo counts in KiB ("24102388 kB").
int64_t memoryField(const std::filesystem::path& root, const char* key) {
  const auto values = parseKeyValues(readLine(root / "proc/meminfo"));
  const auto found = values.find(key);
  return found == values.end() ? 0 : std::strtoll(found->second.c_str(), nullptr, 10) * 1024;
}

int64_t within(int64_t bytes, const std::optional<int64_t>& limit) {
  return limit && (bytes == 0 || *limit < bytes) ? *limit : bytes;
}

// FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/: the same on every build, unlike std::hash.
uint64_t fnv1a(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const unsigned char c : text) hash = (hash ^ c) * 0x100000001b3u;
  return hash;
}

}  // namespace

std::string Processor::fingerprint() const {
  // Memory in whole GiB: the kernel's own reservations move the exact number from boot to boot.
  const double gib = std::round(static_cast<double>(memoryBytes) / (1 << 30));
  std::string text = fmt::format("{}|{}|{}|{}|{}", model, architecture, logicalProcessors, physicalCores, gib);
  for (const auto& name : isa) text += "|" + name;
  for (const auto& cache : caches) text += fmt::format("|{}:{}:{}", cache.name, cache.bytes, cache.sharedBy);
  return fmt::format("{:016x}", fnv1a(text));
}

Processor detectProcessor(const std::filesystem::path& root, const std::vector<int>& allowed,
                          const std::string& architecture) {
  const auto cpuinfo = parseKeyValues(readLine(root / "proc/cpuinfo"));
  const auto limits = readCgroupLimits(root);
  const auto order = placementOrder(root, allowed);

  Processor processor;
  processor.model = modelNameOf(cpuinfo);
  processor.architecture = architecture;
  processor.isa = isaOf(architecture, cpuinfo);
  processor.caches = readCaches(root, allowed.empty() ? 0 : allowed.front());
  processor.logicalProcessors = std::max(1, static_cast<int>(allowed.size()));
  // A quota of 2.5 processors runs 2 threads without being throttled.
  if (limits.processors) {
    processor.logicalProcessors = std::clamp(static_cast<int>(*limits.processors), 1, processor.logicalProcessors);
  }
  std::set<int> cores;
  for (const auto& logical : order) cores.insert(logical.core);
  processor.physicalCores = std::max(1, static_cast<int>(cores.size()));
  processor.memoryBytes = within(memoryField(root, "MemTotal"), limits.memoryBytes);
  return processor;
}

Processor detectProcessor() {
  utsname names{};
  const std::string architecture = ::uname(&names) == 0 ? names.machine : "unknown";
  return detectProcessor("/", allowedProcessors(), architecture);
}

int64_t availableMemory(const std::filesystem::path& root) {
  return within(memoryField(root, "MemAvailable"), readCgroupLimits(root).memoryBytes);
}

}  // namespace ridgeline::cpu
