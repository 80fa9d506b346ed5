#include "advisor/check/energy.h"

#include "base/files.h"

#include <charconv>

namespace ridgeline::advisor {
namespace fs = std::filesystem;
namespace {

std::optional<int64_t> numberIn(const fs::path& file) {
  auto text = readFile(file);
  if (!text) return std::nullopt;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  return error == std::errc() && value >= 0 ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<EnergyMeter> EnergyMeter::open(const fs::path& root) {
  EnergyMeter meter;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(root, ec)) {
    // "intel-rapl:0" is a package; "intel-rapl:0:1" a part of it that the package counts already. AMD's go by the same
    // name.
    const auto name = entry.path().filename().string();
    if (name.rfind("intel-rapl:", 0) != 0 || name.find(':') != name.rfind(':')) continue;
    auto zoneName = readFile(entry.path() / "name");
    if (!zoneName || zoneName->rfind("package", 0) != 0) continue;
    const auto now = numberIn(entry.path() / "energy_uj"), range = numberIn(entry.path() / "max_energy_range_uj");
    if (!now) continue;
    meter.m_zones.push_back({entry.path() / "energy_uj", *now, range.value_or(0)});
  }
  if (meter.m_zones.empty()) return std::nullopt;
  return meter;
}

double EnergyMeter::joules() {
  double sum = 0;
  for (auto& zone : m_zones) {
    const auto now = numberIn(zone.counter);
    if (!now) continue;
    int64_t used = *now - zone.last;
    if (used < 0) used += zone.range;
    if (used > 0) sum += static_cast<double>(used) * 1e-6;
    zone.last = *now;
  }
  return sum;
}

}  // namespace ridgeline::advisor
