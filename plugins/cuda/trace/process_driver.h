// The driver that this process has loaded. Its functions may be called once a context exists, not while it starts.
#pragma once

#include <cuda.h>

#include <string>

namespace ridgeline::cuda {

struct ProcessDriver {
  decltype(&cuCtxGetDevice) contextDevice = nullptr;
  decltype(&cuDeviceGetName) deviceName = nullptr;
  decltype(&cuDeviceGetPCIBusId) busId = nullptr;

  static const ProcessDriver& get();
  // Of the context that is current in this thread; -1: none.
  int currentDevice() const;
  std::string nameOf(int device) const;   // empty: not known
  std::string busIdOf(int device) const;  // "0000:3B:00.0"; empty: not known
};

}  // namespace ridgeline::cuda
