#include "plugins/cpu/detect/topology.h"

#include "plugins/cpu/detect/system_files.h"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace ridgeline::cpu {
namespace fs = std::filesystem;
namespace {

fs::path processorFolder(const fs::path& root, int id) {
  return root / "sys/devices/system/cpu" / ("cpu" + std::to_string(id));
}

int lowestOf(const fs::path& listFile, int otherwise) {
  const auto list = parseCpuList(readLine(listFile));
  return list.empty() ? otherwise : *std::min_element(list.begin(), list.end());
}

int coreOf(const fs::path& root, int id) {
  const auto topology = processorFolder(root, id) / "topology";
  // The older name of the same file, before Linux 5.
  return lowestOf(topology / "core_cpus_list", lowestOf(topology / "thread_siblings_list", id));
}

std::vector<fs::path> cacheFolders(const fs::path& root, int id) {
  std::vector<fs::path> folders;
  for (int index = 0; index < 16; ++index) {
    auto folder = processorFolder(root, id) / "cache" / ("index" + std::to_string(index));
    std::error_code ec;
    if (!fs::is_directory(folder, ec)) break;
    if (readLine(folder / "type") != "Instruction") folders.push_back(std::move(folder));
  }
  return folders;
}

// The lowest logical processor that shares this level, or `otherwise` where there is no such level.
int domainOf(const fs::path& root, int id, std::string_view level, int otherwise) {
  for (const auto& folder : cacheFolders(root, id)) {
    if (readLine(folder / "level") == level) return lowestOf(folder / "shared_cpu_list", otherwise);
  }
  return otherwise;
}

// What the C library knows, where sysfs does not describe the caches.
std::vector<CacheLevel> cachesFromLibrary() {
  std::vector<CacheLevel> caches;
  const auto add = [&](const char* name, int key) {
    if (const long bytes = ::sysconf(key); bytes > 0) caches.push_back({name, bytes, 1});
  };
  add("L1d", _SC_LEVEL1_DCACHE_SIZE);
  add("L2", _SC_LEVEL2_CACHE_SIZE);
  add("L3", _SC_LEVEL3_CACHE_SIZE);
  return caches;
}

}  // namespace

std::vector<int> allowedProcessors() {
  // Grown until the kernel's mask fits: more than 1024 processors exist.
  for (int count = 1024; count <= 1 << 16; count *= 2) {
    cpu_set_t* set = CPU_ALLOC(count);
    const size_t bytes = CPU_ALLOC_SIZE(count);
    CPU_ZERO_S(bytes, set);
    std::vector<int> ids;
    const bool known = ::sched_getaffinity(0, bytes, set) == 0;
    for (int id = 0; known && id < count; ++id) {
      if (CPU_ISSET_S(id, bytes, set)) ids.push_back(id);
    }
    CPU_FREE(set);
    if (known && !ids.empty()) return ids;
  }
  std::vector<int> ids(static_cast<size_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN))));
  for (size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<int>(i);
  return ids;
}

std::vector<LogicalProcessor> placementOrder(const fs::path& root, const std::vector<int>& allowed) {
  std::vector<LogicalProcessor> firsts, siblings;
  std::set<int> seen;
  for (const int id : allowed) {
    const int core = coreOf(root, id);
    const LogicalProcessor processor{id, core, domainOf(root, id, "2", core), domainOf(root, id, "3", 0)};
    (seen.insert(processor.core).second ? firsts : siblings).push_back(processor);
  }
  firsts.insert(firsts.end(), siblings.begin(), siblings.end());
  return firsts;
}

std::vector<CacheLevel> readCaches(const fs::path& root, int processor) {
  std::vector<CacheLevel> caches;
  for (const auto& folder : cacheFolders(root, processor)) {
    CacheLevel cache;
    const auto level = readLine(folder / "level");
    cache.name = fmt::format("L{}{}", level, readLine(folder / "type") == "Data" ? "d" : "");
    cache.bytes = parseCacheSize(readLine(folder / "size"));
    const auto sharers = parseCpuList(readLine(folder / "shared_cpu_list"));
    cache.sharedBy = std::max(1, static_cast<int>(sharers.size()));
    if (cache.bytes > 0 && !level.empty()) caches.push_back(std::move(cache));
  }
  if (caches.empty() && root == "/") caches = cachesFromLibrary();
  std::sort(caches.begin(), caches.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return caches;
}

}  // namespace ridgeline::cpu
