// A device's roofs in the form in which operators are held against them.
#pragma once

#include "base/result.h"
#include "profile/profile.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::analyzers {

struct Ceiling {
  double value = 0;   // operations/s
  double spread = 0;  // relative
};

// A level of the memory hierarchy with a measured bandwidth.
struct MemoryLevel {
  std::string name;
  double capacity = 0;                // bytes that the threads in use have of it together; infinite for the last one
  std::optional<double> read, triad;  // B/s
  double spread = 0;

  // B/s for traffic of which this share is written. Triad (a = b + s * c) writes a third; what lies between it and pure
  // reading is interpolated, so that the bandwidth has no jumps; what writes more is held to triad.
  double bandwidth(double writtenShare) const;
};

struct Ceilings {
  std::map<std::string, Ceiling, std::less<>> compute;  // by data type
  std::vector<MemoryLevel> levels;                      // smallest first

  // The roof of this arithmetic. Two fallbacks, each to the arithmetic that would be used instead: uint8 products run
  // in the same dot-product instructions as int8 ones; without a roof of their own, int8 and float16 are computed as
  // float32. Any other type without a roof has none.
  std::optional<Ceiling> computeFor(std::string_view dtype) const;
  // The first level that holds this many bytes; null when none does.
  const MemoryLevel* levelFor(double bytes) const;
};

// The roofs of a device (none: those that name no device, too) at a thread count, or at the nearest there is.
Ceilings ceilingsOf(const std::vector<profile::Roof>& roofs, const profile::Device& device, int threads);

}  // namespace ridgeline::analyzers
