// Why a processor's counters do not count, and what would make them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ridgeline::cpu {

struct WhyNot {
  std::string reason, remedy;
};

// What the machine says of hardware counters, under `root` ("/" but in tests): `papi` is what PAPI said of the event.
WhyNot whyNotCounted(const std::filesystem::path& root, const std::string& papi);

// The packages' energy counters in /sys/class/powercap; empty where there are none or they may not be read.
std::vector<std::filesystem::path> energyFiles(const std::filesystem::path& root);
WhyNot whyNoEnergy(const std::filesystem::path& root);
// Joules since some moment, over all files; nothing when one cannot be read.
std::optional<double> readEnergy(const std::vector<std::filesystem::path>& files);

}  // namespace ridgeline::cpu
