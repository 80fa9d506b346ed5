#include "plugins/cpu/detect/cgroup.h"

#include "plugins/cpu/detect/system_files.h"

#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::cpu {
namespace fs = std::filesystem;
namespace {

bool listHas(std::string_view commaList, std::string_view wanted) {
  while (!commaList.empty()) {
    const auto end = commaList.find(',');
    if (commaList.substr(0, end) == wanted) return true;
    if (end == std::string_view::npos) return false;
    commaList.remove_prefix(end + 1);
  }
  return false;
}

// Folders that hold the limits of one controller: the process's own group first, the mount point last. `controller` is
// "" for the unified hierarchy of version 2.
struct Hierarchy {
  fs::path mount;   // as in mountinfo
  fs::path prefix;  // the part of the hierarchy that is mounted there
};

std::optional<Hierarchy> findMount(const std::string& mountinfo, std::string_view controller) {
  // 36 35 98:0 /prefix /mount rw,noatime shared:1 - cgroup cgroup rw,cpu,cpuacct
  std::istringstream lines(mountinfo);
  for (std::string line; std::getline(lines, line);) {
    const auto dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    std::istringstream left(line.substr(0, dash)), right(line.substr(dash + 3));
    std::string id, parent, device, prefix, mount, type, source, options;
    left >> id >> parent >> device >> prefix >> mount;
    right >> type >> source >> options;
    const bool fits = controller.empty() ? type == "cgroup2" : type == "cgroup" && listHas(options, controller);
    if (fits) return Hierarchy{mount, prefix};
  }
  return std::nullopt;
}

std::optional<fs::path> findGroup(const std::string& cgroup, std::string_view controller) {
  // 4:memory:/group for version 1, 0::/group for version 2
  std::istringstream lines(cgroup);
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find(':');
    const auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (controller.empty() ? controllers.empty() : listHas(controllers, controller)) return line.substr(second + 1);
  }
  return std::nullopt;
}

std::vector<fs::path> groupFolders(const fs::path& root, std::string_view controller) {
  const auto hierarchy = findMount(readLine(root / "proc/self/mountinfo"), controller);
  const auto group = findGroup(readLine(root / "proc/self/cgroup"), controller);
  if (!hierarchy || !group) return {};
  const auto mount = root / hierarchy->mount.relative_path();
  // In a container the group may lie outside what is mounted ("../.."): then the mount point itself is all there is.
  auto below = group->lexically_relative(hierarchy->prefix);
  if (below.empty() || below.native().starts_with("..")) below = ".";
  std::vector<fs::path> folders;
  for (auto path = below; !path.empty() && path != "."; path = path.parent_path()) folders.push_back(mount / path);
  folders.push_back(mount);
  return folders;
}

std::optional<double> readNumber(const fs::path& path) {
  const auto text = readLine(path);
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || end == text.c_str()) return std::nullopt;
  return value;
}

void tighten(std::optional<double>& limit, double value) {
  if (!limit || value < *limit) limit = value;
}

// A limit nobody set reads as a number near 2^63 in version 1.
void tightenMemory(CgroupLimits& limits, std::optional<double> bytes) {
  if (!bytes || *bytes <= 0 || *bytes > 1e18) return;
  const auto value = static_cast<int64_t>(*bytes);
  if (!limits.memoryBytes || value < *limits.memoryBytes) limits.memoryBytes = value;
}

}  // namespace

CgroupLimits readCgroupLimits(const fs::path& root) {
  CgroupLimits limits;
  for (const auto& folder : groupFolders(root, "")) {
    std::istringstream line(readLine(folder / "cpu.max"));  // "150000 100000" or "max 100000"
    double quota = 0, period = 0;
    if (line >> quota >> period && quota > 0 && period > 0) tighten(limits.processors, quota / period);
    tightenMemory(limits, readNumber(folder / "memory.max"));
  }
  for (const auto& folder : groupFolders(root, "cpu")) {
    const auto quota = readNumber(folder / "cpu.cfs_quota_us"), period = readNumber(folder / "cpu.cfs_period_us");
    if (quota && period && *quota > 0 && *period > 0) tighten(limits.processors, *quota / *period);
  }
  for (const auto& folder : groupFolders(root, "memory")) {
    tightenMemory(limits, readNumber(folder / "memory.limit_in_bytes"));
  }
  return limits;
}

}  // namespace ridgeline::cpu
