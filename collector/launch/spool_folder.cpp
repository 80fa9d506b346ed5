#include "collector/launch/spool_folder.h"

#include <sys/wait.h>

#include <algorithm>
#include <fstream>
#include <set>

namespace ridgeline::collector {
namespace fs = std::filesystem;
namespace {

std::vector<fs::path> spoolPaths(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(folder, ec)) {
    if (entry.path().extension() == RIDGELINE_SPOOL_SUFFIX && entry.is_regular_file(ec)) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// The state is the first word behind the name, which stands in parentheses and may hold any character.
bool isAlive(int64_t process) {
  std::ifstream in(fmt::format("/proc/{}/stat", process));
  std::string line;
  if (!std::getline(in, line)) return false;
  const auto close = line.rfind(')');
  return close != std::string::npos && close + 2 < line.size() && line[close + 2] != 'Z' && line[close + 2] != 'X';
}

}  // namespace

SpoolFolder listSpools(const fs::path& folder) {
  SpoolFolder out;
  for (const auto& path : spoolPaths(folder)) {
    auto info = plugins::readSpoolInfo(path);
    if (info) {
      out.spools.push_back({path, std::move(*info)});
    } else {
      out.problems.push_back(info.error().text());
    }
  }
  std::stable_sort(out.spools.begin(), out.spools.end(), [](const SpoolFile& a, const SpoolFile& b) {
    return std::tie(a.info.realtimeNs, a.info.process) < std::tie(b.info.realtimeNs, b.info.process);
  });
  return out;
}

bool spoolersAtWork(const fs::path& folder) {
  std::set<int64_t> processes;
  for (const auto& path : spoolPaths(folder)) {
    if (const auto info = plugins::readSpoolInfo(path)) processes.insert(info->process);
  }
  bool any = false;
  for (const int64_t process : processes) {
    ::waitpid(static_cast<pid_t>(process), nullptr, WNOHANG);
    any = any || isAlive(process);
  }
  return any;
}

}  // namespace ridgeline::collector
