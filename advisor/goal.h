// What is to become better: time, peak memory or the model's size. The other two are limits then.
#pragma once

#include <optional>
#include <string_view>

namespace ridgeline::advisor {

enum class Goal { Latency, Memory, Size };

constexpr std::string_view nameOf(Goal goal) {
  switch (goal) {
    case Goal::Latency:
      return "latency";
    case Goal::Memory:
      return "memory";
    case Goal::Size:
      return "size";
  }
  return "unknown";
}

// Bytes; absent where not measured.
struct BeforeAfter {
  std::optional<double> before, after;
};

}  // namespace ridgeline::advisor
