// One GPU while it is measured: its context, Ridgeline's kernels on it, and memory that goes with the session.
#pragma once

#include "plugins/cuda/driver/driver_library.h"

#include <functional>
#include <vector>

namespace ridgeline::cuda {

class Session {
 public:
  Session(const DriverLibrary& driver, int device);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Why it cannot be used; empty: it can.
  const std::string& why() const { return m_why; }
  int attribute(CUdevice_attribute what) const;
  CUfunction kernel(const char* name);
  // 0 when there is not so much.
  CUdeviceptr allocate(size_t bytes);
  void releaseAll();
  bool run(CUfunction kernel, unsigned blocks, unsigned threads, std::vector<void*> arguments);
  // Of what `body` puts into the default stream; negative when something failed.
  double milliseconds(const std::function<bool()>& body);

 private:
  const DriverLibrary& m_driver;
  CUdevice m_device = 0;
  CUcontext m_context = nullptr;
  CUmodule m_module = nullptr;
  CUevent m_from = nullptr, m_to = nullptr;
  std::vector<CUdeviceptr> m_memory;
  std::string m_why;
};

// The best of repeated measurements, each long enough to be trusted, and how far the others were from it.
struct Timing {
  double ms = 0;      // of one repetition; 0: it could not be measured
  double spread = 0;  // of the rates: (max - min) / max
  int rounds = 0, repetitions = 0;
};
// `body(n)` does the work n times. Ends early, with nothing, when `stopped` says so.
Timing repeat(Session& session, const std::function<bool(int repetitions)>& body, const std::function<bool()>& stopped);

}  // namespace ridgeline::cuda
