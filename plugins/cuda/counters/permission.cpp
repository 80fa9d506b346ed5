#include "plugins/cuda/counters/permission.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace ridgeline::cuda {
namespace {

std::string contentOf(const char* file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// What stands behind "KEY:" at the beginning of a line.
std::string valueOf(const std::string& text, const std::string& key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(key + ":", 0) != 0) continue;
    const auto from = line.find_first_not_of(" \t", key.size() + 1);
    return from == std::string::npos ? "" : line.substr(from);
  }
  return {};
}

}  // namespace

std::string whyNotPermitted(const std::string& driverParams, const std::string& processStatus) {
  constexpr unsigned long long kSysAdmin = 1ull << 21;  // CAP_SYS_ADMIN
  if (valueOf(driverParams, "RmProfilingAdminOnly") != "1") return {};
  const auto effective = std::strtoull(valueOf(processStatus, "CapEff").c_str(), nullptr, 16);
  return effective & kSysAdmin ? "" : "the driver lets only administrators count";
}

std::string whyNotPermittedHere() {
  return whyNotPermitted(contentOf("/proc/driver/nvidia/params"), contentOf("/proc/self/status"));
}

}  // namespace ridgeline::cuda
