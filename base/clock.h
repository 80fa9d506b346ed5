// Time. All durations in the project are nanoseconds in int64_t unless a name says otherwise (ms, us).
#pragma once

#include <cstdint>
#include <string>

namespace ridgeline {

// CLOCK_MONOTONIC in nanoseconds; comparable between threads and processes of one boot.
int64_t monotonicNs();

// Wall-clock time in UTC, "2026-01-31T12:00:00Z".
std::string utcNow();

class Stopwatch {
 public:
  Stopwatch() : m_start(monotonicNs()) {}
  int64_t ns() const { return monotonicNs() - m_start; }
  double ms() const { return static_cast<double>(ns()) * 1e-6; }
  double seconds() const { return static_cast<double>(ns()) * 1e-9; }
  void restart() { m_start = monotonicNs(); }

 private:
  int64_t m_start;
};

}  // namespace ridgeline
