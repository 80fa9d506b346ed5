#include "plugins/cuda/power/power_sampler.h"

#include <signal.h>

#include <algorithm>
#include <new>

namespace ridgeline::cuda {
namespace {

constexpr auto kEvery = std::chrono::milliseconds(100);

// The program's signals are none of the thread's business.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &m_before);
  }
  ~AllSignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &m_before, nullptr); }

 private:
  sigset_t m_before;
};

}  // namespace

void PowerSampler::add(const NvmlLibrary& nvml, int device, const std::string& busId) {
  const std::lock_guard lock(m_mutex);
  const auto known = [device](const Device& d) { return d.number == device; };
  if (m_stopped || std::any_of(m_devices.begin(), m_devices.end(), known)) return;
  Device added;
  added.number = device;
  if (nvml.byBusId(busId.c_str(), &added.handle) != 0) return;
  added.hasEnergy = nvml.energy(added.handle, &added.firstMillijoules) == 0;
  m_nvml = &nvml;
  m_devices.push_back(added);
  if (m_thread.joinable()) return;
  const AllSignalsBlocked blocked;
  m_thread = std::thread([this] { run(); });
}

void PowerSampler::run() {
  std::unique_lock lock(m_mutex);
  while (!m_stopped) {
    readAll();
    m_wake.wait_for(lock, kEvery, [this] { return m_stopped; });
  }
  readAll();
}

void PowerSampler::readAll() {
  for (const auto& device : m_devices) {
    unsigned int milliwatts = 0;
    if (m_nvml->power(device.handle, &milliwatts) != 0) continue;
    Reading reading{device.number, milliwatts * 1e-3};
    unsigned long long millijoules = 0;
    if (device.hasEnergy && m_nvml->energy(device.handle, &millijoules) == 0) {
      reading.hasEnergy = true;
      reading.joules = static_cast<double>(millijoules - device.firstMillijoules) * 1e-3;
    }
    m_tell(reading);
  }
}

void PowerSampler::stop() {
  {
    const std::lock_guard lock(m_mutex);
    m_stopped = true;
  }
  m_wake.notify_all();
  if (m_thread.joinable()) m_thread.join();
}

void PowerSampler::forget() {
  // The thread and whoever held the lock are in the parent.
  new (&m_thread) std::thread();
  new (&m_mutex) std::mutex();
  new (&m_wake) std::condition_variable();
  m_devices.clear();
  m_stopped = false;
}

}  // namespace ridgeline::cuda
