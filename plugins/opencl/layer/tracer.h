// Watches the queues of this process: which commands went in, when they ran.
#pragma once

#include "plugins/opencl/common/cl_headers.h"
#include "plugins/opencl/common/device_facts.h"
#include "plugins/sdk/ridgeline_spool.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace ridgeline::opencl {

// A command, as far as it is known when it is put into its queue.
struct Command {
  enum class Kind { Kernel, Copy } kind = Kind::Copy;
  std::string name;  // of a kernel; of a copy only if it has a special one
  int32_t copyKind = RIDGELINE_OTHER_COPY;
  uint64_t bytes = 0;
  uint32_t grid[3] = {0, 0, 0};
  uint32_t block[3] = {0, 0, 0};
};

class Tracer {
 public:
  // The one of this process. Lives until the process is gone: drivers call back very late.
  static Tracer& get();

  // `target`: the next layer or the driver, complete up to its `entries` functions.
  void begin(const cl_icd_dispatch* target);
  const cl_icd_dispatch& target() const { return *m_target; }
  bool on() const { return m_spool != nullptr; }

  // A queue that was made with profiling on. `wanted`: the program asked for profiling itself. `properties`: as the
  // program gave them, for it may ask.
  void queueMade(cl_command_queue queue, cl_device_id device, bool wanted, std::vector<cl_queue_properties> properties);
  bool isWatched(cl_command_queue queue);
  // What the program is to be told of the queue's properties; false when the driver may tell.
  bool propertiesOf(cl_command_queue queue, bool& wanted, std::vector<cl_queue_properties>& properties);

  // The command has been put into its queue by `function` and will signal `event`, of which this takes a reference.
  void enqueued(cl_command_queue queue, cl_event event, Command command, const char* function, int64_t startNs,
                int64_t endNs, bool blocking);
  // A call of the host.
  void called(const char* function, int32_t kind, int64_t startNs, int64_t endNs, cl_int status);

  std::string kernelName(cl_kernel kernel) const;

 private:
  struct Queue {
    uint64_t track = 0;
    uint32_t clock = 0;
    bool wanted = false;
    std::vector<cl_queue_properties> properties;
    std::string name, device;
    int generation = 0;  // of the process in which it was introduced
  };
  struct Waiting;

  static void CL_CALLBACK onComplete(cl_event event, cl_int status, void* waiting);
  static void beforeExit();
  static void afterFork();

  void completed(cl_event event, cl_int status, const Waiting& waiting);
  void noteClock(const Waiting& waiting, int64_t queuedNs);
  std::string introduceDevice(cl_device_id device, uint32_t& clock);
  void introduceQueue(Queue& queue);
  uint64_t threadTrack();

  const cl_icd_dispatch* m_target = nullptr;
  RidgelineSpool* m_spool = nullptr;
  std::mutex m_mutex;  // of the maps
  std::unordered_map<cl_command_queue, Queue> m_queues;
  std::map<cl_device_id, DeviceFacts> m_devices;
  std::map<std::string, int> m_introduced;                 // devices, by id: in which generation
  std::map<uint32_t, int64_t> m_lastMoment, m_bestUnsure;  // of clocks
  std::atomic<uint64_t> m_correlation{0};
  std::atomic<int64_t> m_outstanding{0};
  std::atomic<bool> m_exiting{false};
  std::atomic<int> m_generation{1};
  uint64_t m_queueCount = 0;
};

}  // namespace ridgeline::opencl
