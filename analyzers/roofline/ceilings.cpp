#include "analyzers/roofline/ceilings.h"

#include "profile/device_properties.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace ridgeline::analyzers {
namespace {

using profile::Roof;
using profile::RoofKind;

// "L1d" (the cache) is "L1" (the level).
bool isCacheOf(std::string_view cache, std::string_view level) {
  return cache == level || (cache.size() == level.size() + 1 && cache.starts_with(level) && cache.back() == 'd');
}

// Bytes that `threads` threads have of a cache together. Each instance serves `sharedBy` of them when they are packed
// closely, which is the least they can have.
std::optional<double> capacityOf(std::string_view level, const profile::DeviceProperties& properties, int threads) {
  for (const auto& cache : properties.caches) {
    if (!isCacheOf(cache.name, level) || cache.bytes <= 0) continue;
    return static_cast<double>(cache.bytes) * std::max(1, threads / std::max(1, cache.sharedBy));
  }
  return std::nullopt;
}

bool isCacheLevel(std::string_view level) { return level.size() == 2 && level[0] == 'L'; }

int nearestThreadCount(const std::vector<const Roof*>& roofs, int threads) {
  int best = 0;
  for (const auto* roof : roofs) {
    if (best == 0 || std::abs(roof->threads - threads) < std::abs(best - threads)) best = roof->threads;
  }
  return best;
}

void addBandwidth(std::vector<MemoryLevel>& levels, const Roof& roof, double capacity) {
  auto it = std::find_if(levels.begin(), levels.end(), [&](const auto& l) { return l.name == roof.level; });
  if (it == levels.end()) it = levels.insert(levels.end(), MemoryLevel{roof.level, capacity, {}, {}, 0});
  (roof.pattern == "triad" ? it->triad : it->read) = roof.value;
  it->spread = std::max(it->spread, roof.spread);
}

}  // namespace

double MemoryLevel::bandwidth(double writtenShare) const {
  const double reading = read.value_or(triad.value_or(0));
  const double mixed = triad.value_or(reading);
  const double mix = std::clamp(writtenShare * 3, 0.0, 1.0);
  return 1 / ((1 - mix) / reading + mix / mixed);
}

std::optional<Ceiling> Ceilings::computeFor(std::string_view dtype) const {
  const auto find = [&](std::string_view name) -> std::optional<Ceiling> {
    const auto it = compute.find(name);
    return it == compute.end() ? std::nullopt : std::optional(it->second);
  };
  if (const auto own = find(dtype)) return own;
  if (dtype == "uint8") {
    if (const auto same = find("int8")) return same;
  }
  if (dtype == "int8" || dtype == "uint8" || dtype == "float16") return find("float32");
  return std::nullopt;
}

const MemoryLevel* Ceilings::levelFor(double bytes) const {
  for (const auto& level : levels) {
    if (bytes <= level.capacity) return &level;
  }
  return nullptr;
}

Ceilings ceilingsOf(const std::vector<Roof>& roofs, const profile::Device& device, int threads) {
  std::vector<const Roof*> own;
  for (const auto& roof : roofs) {
    const bool usable = std::isfinite(roof.value) && roof.value > 0;
    if (usable && (roof.device == device.id || !roof.device)) own.push_back(&roof);
  }
  const int measured = nearestThreadCount(own, threads);
  // Without readable properties no cache has a known size, and everything is held to DRAM.
  const auto properties = profile::parseDeviceProperties(device.properties).value_or(profile::DeviceProperties{});
  Ceilings ceilings;
  for (const auto* roof : own) {
    if (roof->threads != measured) continue;
    if (roof->kind == RoofKind::Compute) {
      ceilings.compute[roof->dtype] = {roof->value, roof->spread};
    } else if (!isCacheLevel(roof->level)) {
      addBandwidth(ceilings.levels, *roof, std::numeric_limits<double>::infinity());
    } else if (const auto capacity = capacityOf(roof->level, properties, measured)) {
      addBandwidth(ceilings.levels, *roof, *capacity);
    }
  }
  std::stable_sort(ceilings.levels.begin(), ceilings.levels.end(),
                   [](const auto& a, const auto& b) { return a.capacity < b.capacity; });
  return ceilings;
}

}  // namespace ridgeline::analyzers
