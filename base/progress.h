// What long work tells while it runs, and how it is asked to stop.
#pragma once

#include "base/result.h"

#include <atomic>
#include <string>
#include <string_view>

namespace ridgeline {

// Shared between the one who may ask (a signal handler, a button) and the work that looks at it between steps.
class StopFlag {
 public:
  void request() noexcept { m_requested.store(true, std::memory_order_relaxed); }
  bool requested() const noexcept { return m_requested.load(std::memory_order_relaxed); }
  // Interrupted when a stop was requested, for `if (auto s = stop.check(); !s) return passOn(s);`
  Status check() const {
    if (requested()) return fail(ErrorCode::Interrupted, "interrupted");
    return {};
  }

 private:
  std::atomic<bool> m_requested{false};
};

// Receives progress. The default does nothing; the command line draws a bar or writes JSON lines.
// Called from the thread that does the work.
class Progress {
 public:
  virtual ~Progress() = default;
  // A phase begins: "measure roofs", "calibrate". Ends the one before.
  virtual void phase(std::string_view /*name*/) {}
  // How far the phase is, 0..1; negative when that cannot be known.
  virtual void fraction(double /*done*/) {}
  // Something worth a line now: "fuse-attention: 1.18x faster, kept".
  virtual void note(std::string_view /*text*/) {}
};

// What every long-running function takes.
struct Job {
  Progress& progress;
  const StopFlag& stop;
};

// For callers that want neither progress nor stopping.
Job quietJob();

}  // namespace ridgeline
