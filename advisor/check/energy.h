// What the processor draws, where Linux tells (powercap: RAPL).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace ridgeline::advisor {

// Adds up the energy of all processor packages from one reading to the next.
class EnergyMeter {
 public:
  // nullopt where there is no counter, or it may not be read. `root` is for tests.
  static std::optional<EnergyMeter> open(const std::filesystem::path& root = "/sys/class/powercap");

  // Joules since the last call, or since open(). Counters wrap; call it more often than they do (a minute or more).
  double joules();

 private:
  struct Zone {
    std::filesystem::path counter;
    int64_t last = 0, range = 0;  // microjoules
  };
  std::vector<Zone> m_zones;
};

}  // namespace ridgeline::advisor
