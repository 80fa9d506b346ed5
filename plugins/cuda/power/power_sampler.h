// Power and energy of the GPUs that this process uses, as samples while it runs. A thread of its own asks NVML ten
// times a second; NVML itself averages power over up to a second.
#pragma once

#include "plugins/cuda/power/nvml_library.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace ridgeline::cuda {

class PowerSampler {
 public:
  struct Reading {
    int device = 0;  // CUDA's number
    double watts = 0;
    double joules = 0;  // since this device's first reading
    bool hasEnergy = false;
  };
  using Tell = std::function<void(const Reading&)>;

  explicit PowerSampler(Tell tell) : m_tell(std::move(tell)) {}
  ~PowerSampler() { stop(); }

  // From now on; nothing happens for a device that NVML does not know. `busId`: as the driver has it.
  void add(const NvmlLibrary& nvml, int device, const std::string& busId);
  // After a last reading.
  void stop();
  // In a process that was forked off there is no thread.
  void forget();

 private:
  struct Device {
    NvmlLibrary::Device handle = nullptr;
    int number = 0;
    bool hasEnergy = false;
    unsigned long long firstMillijoules = 0;
  };
  void run();
  void readAll();

  Tell m_tell;
  const NvmlLibrary* m_nvml = nullptr;
  std::mutex m_mutex;  // of what follows
  std::condition_variable m_wake;
  std::vector<Device> m_devices;
  bool m_stopped = false;
  std::thread m_thread;
};

}  // namespace ridgeline::cuda
