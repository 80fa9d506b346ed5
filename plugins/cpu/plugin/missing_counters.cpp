#include "plugins/cpu/plugin/missing_counters.h"

#include "plugins/cpu/detect/system_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace ridgeline::cpu {
namespace fs = std::filesystem;
namespace {

// The kernel lists a processor's own counters under one of these names, or several of them on hybrid processors.
bool hasPmu(const fs::path& root) {
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(root / "sys/bus/event_source/devices", ec)) {
    const auto name = entry.path().filename().string();
    if (name == "cpu" || name.starts_with("cpu_") || name.starts_with("armv8")) return true;
  }
  return false;
}

std::vector<fs::path> packages(const fs::path& root) {
  std::vector<fs::path> out;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(root / "sys/class/powercap", ec)) {
    // "intel-rapl:0" is a package; "intel-rapl:0:0" a part of it.
    const auto name = entry.path().filename().string();
    if (std::count(name.begin(), name.end(), ':') == 1 && fs::exists(entry.path() / "energy_uj", ec)) {
      out.push_back(entry.path() / "energy_uj");
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool isReadable(const fs::path& file) { return std::ifstream(file).peek() != std::ifstream::traits_type::eof(); }

}  // namespace

WhyNot whyNotCounted(const fs::path& root, const std::string& papi) {
  if (!hasPmu(root)) {
    return {"this machine shows no hardware counters, as most virtual machines do not",
            "run on the machine itself, or give the virtual machine its PMU"};
  }
  const auto paranoid = readLine(root / "proc/sys/kernel/perf_event_paranoid");
  if (!paranoid.empty() && std::atoi(paranoid.c_str()) > 2) {
    return {fmt::format("the kernel forbids it to users (perf_event_paranoid is {})", paranoid),
            "sysctl kernel.perf_event_paranoid=2, or CAP_PERFMON"};
  }
  return {papi, ""};
}

std::vector<fs::path> energyFiles(const fs::path& root) {
  auto files = packages(root);
  if (!std::all_of(files.begin(), files.end(), isReadable)) files.clear();
  return files;
}

WhyNot whyNoEnergy(const fs::path& root) {
  if (packages(root).empty()) {
    return {"this machine shows no energy counters (/sys/class/powercap)", "run on the machine itself"};
  }
  return {"its energy counters may be read by root only", "chmod a+r /sys/class/powercap/*/energy_uj"};
}

std::optional<double> readEnergy(const std::vector<fs::path>& files) {
  double joules = 0;
  for (const auto& file : files) {
    const auto text = readLine(file);
    if (text.empty()) return std::nullopt;
    joules += std::strtod(text.c_str(), nullptr) * 1e-6;
  }
  return joules;
}

}  // namespace ridgeline::cpu
