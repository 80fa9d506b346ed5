// Counters that are read around every node of an observed run.
#pragma once

#include <cstddef>
#include <span>

namespace ridgeline::engine {

class CounterReader {
 public:
  virtual ~CounterReader() = default;
  // How many values read() gives.
  virtual size_t size() const = 0;
  // Called on each thread of the engine's pool at its beginning and end. The thread that runs the session is the
  // caller's own affair.
  virtual void threadBegins() noexcept = 0;
  virtual void threadEnds() noexcept = 0;
  // Running totals over all those threads. False when they cannot be had.
  virtual bool read(std::span<double> totals) noexcept = 0;
};

}  // namespace ridgeline::engine
