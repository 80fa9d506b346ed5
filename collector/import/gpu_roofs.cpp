#include "collector/import/gpu_roofs.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ridgeline::collector::import {
namespace {

using namespace profile;

double lanesOf(int major, int minor) {
  switch (major) {
    case 5:
      return 128;
    case 6:
      return minor == 0 ? 64 : 128;
    case 7:
      return 64;
    case 8:
      return minor == 0 ? 64 : 128;
    case 9:
    case 10:
    case 12:
      return 128;
    default:
      return 0;
  }
}

}  // namespace

std::vector<Roof> roofsOf(const GpuFacts& f) {
  std::vector<Roof> roofs;
  if (f.memoryBytesPerS > 0) {
    Roof roof{.kind = RoofKind::Bandwidth, .level = "DRAM", .value = f.memoryBytesPerS, .unit = "B/s"};
    roof.provenance = Provenance::Imported, roof.how = "theoretical peak, from the recording";
    for (const char* pattern : {"read", "triad"}) {
      roof.pattern = pattern;
      roofs.push_back(roof);
    }
  }
  const double lanes = lanesOf(f.major, f.minor);
  if (lanes > 0 && f.multiprocessors > 0 && f.clockHz > 0) {
    Roof roof{.kind = RoofKind::Compute, .dtype = "float32", .value = f.multiprocessors * lanes * 2 * f.clockHz};
    roof.unit = "FLOP/s", roof.provenance = Provenance::Modelled;
    roof.how = fmt::format("{} multiprocessors x {} FP32 lanes x 2 x {:.0f} MHz; tensor cores left out",
                           f.multiprocessors, lanes, f.clockHz / 1e6);
    roofs.push_back(roof);
  }
  return roofs;
}

std::string propertiesOf(const GpuFacts& f) {
  nlohmann::json j = nlohmann::json::object();
  if (f.major > 0) j["compute_capability"] = fmt::format("{}.{}", f.major, f.minor);
  const auto whole = [&](const char* key, double value) {
    if (value > 0 && value < 9e18) j[key] = static_cast<int64_t>(value);
  };
  whole("multiprocessors", f.multiprocessors);
  whole("clock_hz", f.clockHz);
  whole("memory_bytes", f.memoryBytes);
  whole("l2_bytes", f.l2Bytes);
  return j.dump();
}

}  // namespace ridgeline::collector::import
