#include "plugins/opencl/layer/tracer.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace ridgeline::opencl {
namespace {

// Tracks of threads and of queues are numbered apart.
constexpr uint64_t kThreadTracks = uint64_t{1} << 32;
constexpr int64_t kSecondNs = 1'000'000'000;
// A call that took longer tells little about the moment at which the driver looked at its clock.
constexpr int64_t kLongCallNs = 100'000;

int64_t profilingTime(const cl_icd_dispatch& cl, cl_event event, cl_profiling_info what) {
  cl_ulong ns = 0;
  if (cl.clGetEventProfilingInfo(event, what, sizeof ns, &ns, nullptr) != CL_SUCCESS) return 0;
  return static_cast<int64_t>(ns);
}

}  // namespace

struct Tracer::Waiting {
  Command command;
  uint64_t track = 0;
  uint32_t clock = 0;
  uint64_t correlation = 0;
  int64_t callStartNs = 0, callEndNs = 0;
  bool blocking = false;
  int generation = 0;
};

Tracer& Tracer::get() {
  static Tracer* const tracer = new Tracer;
  return *tracer;
}

void Tracer::begin(const cl_icd_dispatch* target) {
  m_target = target;
  m_spool = ridgeline_spool_open("opencl");
  if (!m_spool) return;
  std::atexit(beforeExit);
  pthread_atfork(nullptr, nullptr, afterFork);
}

// Work that is under way is given a second to end: a program that waited for all of it loses nothing, one that did not
// loses what it did not wait for.
void Tracer::beforeExit() {
  auto& self = get();
  for (int i = 0; i < 1000 && self.m_outstanding > 0; ++i) ::usleep(1000);
  self.m_exiting = true;
  ridgeline_spool_flush(self.m_spool);
}

void Tracer::afterFork() {
  auto& self = get();
  ++self.m_generation;
  self.m_outstanding = 0;
}

std::string Tracer::introduceDevice(cl_device_id handle, uint32_t& clock) {
  if (m_devices.empty()) {
    const DeviceQueries queries{m_target->clGetPlatformIDs, m_target->clGetPlatformInfo, m_target->clGetDeviceIDs,
                                m_target->clGetDeviceInfo};
    std::string why;
    for (auto& facts : allDevices(queries, why)) m_devices.emplace(facts.handle, std::move(facts));
  }
  auto found = m_devices.find(handle);
  if (found == m_devices.end()) {  // a part of a device
    const DeviceQueries queries{nullptr, nullptr, nullptr, m_target->clGetDeviceInfo};
    found = m_devices.emplace(handle, factsOf(queries, handle, "part." + std::to_string(m_devices.size()))).first;
  }
  const auto& facts = found->second;
  clock = static_cast<uint32_t>(std::distance(m_devices.begin(), found)) + 1;
  auto& generation = m_introduced[facts.id];
  if (generation != m_generation) {
    generation = m_generation;
    auto device = RIDGELINE_INIT(RidgelineDevice);
    device.id = facts.id.c_str();
    device.name = facts.name.c_str();
    device.kind = facts.kind.c_str();
    device.vendor = facts.vendor.c_str();
    device.memory_bytes = facts.memoryBytes;
    ridgeline_spool_record(m_spool, RIDGELINE_RECORD_DEVICE, &device);
  }
  return facts.id;
}

void Tracer::introduceQueue(Queue& queue) {
  queue.generation = m_generation;
  auto track = RIDGELINE_INIT(RidgelineTrack);
  track.track = queue.track;
  track.name = queue.name.c_str();
  track.kind = RIDGELINE_STREAM;
  track.clock = queue.clock;
  track.device = queue.device.c_str();
  ridgeline_spool_record(m_spool, RIDGELINE_RECORD_TRACK, &track);
}

void Tracer::queueMade(cl_command_queue handle, cl_device_id device, bool wanted,
                       std::vector<cl_queue_properties> properties) {
  const std::lock_guard lock(m_mutex);
  Queue queue;
  queue.track = ++m_queueCount;
  queue.name = "queue " + std::to_string(queue.track);
  queue.wanted = wanted;
  queue.properties = std::move(properties);
  queue.device = introduceDevice(device, queue.clock);
  introduceQueue(queue);
  m_queues[handle] = std::move(queue);  // a released queue's handle may come again
}

bool Tracer::isWatched(cl_command_queue queue) {
  const std::lock_guard lock(m_mutex);
  return m_queues.contains(queue);
}

bool Tracer::propertiesOf(cl_command_queue handle, bool& wanted, std::vector<cl_queue_properties>& properties) {
  const std::lock_guard lock(m_mutex);
  const auto queue = m_queues.find(handle);
  if (queue == m_queues.end()) return false;
  wanted = queue->second.wanted;
  properties = queue->second.properties;
  return true;
}

uint64_t Tracer::threadTrack() {
  static thread_local int introduced = 0;
  static thread_local const auto id = static_cast<int64_t>(::syscall(SYS_gettid));
  const uint64_t number = kThreadTracks + static_cast<uint64_t>(id);
  if (introduced == m_generation) return number;
  introduced = m_generation;
  const auto name = "thread " + std::to_string(id);
  auto track = RIDGELINE_INIT(RidgelineTrack);
  track.track = number;
  track.name = name.c_str();
  track.kind = RIDGELINE_THREAD;
  track.thread = id;
  ridgeline_spool_record(m_spool, RIDGELINE_RECORD_TRACK, &track);
  return number;
}

void Tracer::called(const char* function, int32_t kind, int64_t startNs, int64_t endNs, cl_int status) {
  auto span = RIDGELINE_INIT(RidgelineSpan);
  span.track = threadTrack();
  span.name = function;
  span.domain = "opencl";
  span.start_ns = startNs;
  span.end_ns = endNs;
  span.kind = kind;
  span.status = status;
  ridgeline_spool_record(m_spool, RIDGELINE_RECORD_SPAN, &span);
}

void Tracer::enqueued(cl_command_queue handle, cl_event event, Command command, const char* function, int64_t startNs,
                      int64_t endNs, bool blocking) {
  auto waiting = std::make_unique<Waiting>();
  {
    const std::lock_guard lock(m_mutex);
    const auto queue = m_queues.find(handle);
    if (queue == m_queues.end()) {
      m_target->clReleaseEvent(event);
      return;
    }
    if (queue->second.generation != m_generation) introduceQueue(queue->second);
    waiting->track = queue->second.track;
    waiting->clock = queue->second.clock;
  }
  waiting->command = std::move(command);
  waiting->correlation = ++m_correlation;
  waiting->callStartNs = startNs;
  waiting->callEndNs = endNs;
  waiting->blocking = blocking;
  waiting->generation = m_generation;

  auto span = RIDGELINE_INIT(RidgelineSpan);
  span.track = threadTrack();
  span.name = function;
  span.domain = "opencl";
  span.start_ns = startNs;
  span.end_ns = endNs;
  span.kind = RIDGELINE_CALL;
  span.correlation = waiting->correlation;
  ridgeline_spool_record(m_spool, RIDGELINE_RECORD_SPAN, &span);

  ++m_outstanding;
  auto* given = waiting.release();
  if (m_target->clSetEventCallback(event, CL_COMPLETE, onComplete, given) != CL_SUCCESS) {
    delete given;
    --m_outstanding;
    m_target->clReleaseEvent(event);
    auto lost = RIDGELINE_INIT(RidgelineLost);
    lost.count = 1;
    lost.why = "the OpenCL driver takes no callback";
    ridgeline_spool_record(m_spool, RIDGELINE_RECORD_LOST, &lost);
  }
}

void CL_CALLBACK Tracer::onComplete(cl_event event, cl_int status, void* given) {
  const std::unique_ptr<Waiting> waiting(static_cast<Waiting*>(given));
  auto& self = get();
  if (waiting->generation != self.m_generation) return;
  self.completed(event, status, *waiting);
  self.m_target->clReleaseEvent(event);
  --self.m_outstanding;
  if (self.m_exiting) ridgeline_spool_flush(self.m_spool);
}

// The driver took the command's queued time from its own clock during the call, whose beginning and end are known on
// the host's.
void Tracer::noteClock(const Waiting& waiting, int64_t queuedNs) {
  const int64_t unsure = (waiting.callEndNs - waiting.callStartNs) / 2;
  if (queuedNs <= 0 || waiting.blocking) return;
  {
    const std::lock_guard lock(m_mutex);
    auto& last = m_lastMoment[waiting.clock];
    auto& best = m_bestUnsure[waiting.clock];
    const bool first = last == 0, stale = waiting.callEndNs - last > kSecondNs;
    if (!first && unsure > kLongCallNs) return;
    if (!first && !stale && unsure >= best) return;
    last = first || stale ? waiting.callEndNs : last;
    best = unsure;
  }
  auto clock = RIDGELINE_INIT(RidgelineClock);
  clock.clock = waiting.clock;
  clock.device_ns = queuedNs;
  clock.host_ns = waiting.callStartNs + unsure;
  clock.uncertainty_ns = unsure + 1;
  ridgeline_spool_record(m_spool, RIDGELINE_RECORD_CLOCK, &clock);
}

void Tracer::completed(cl_event event, cl_int status, const Waiting& waiting) {
  if (status < 0) {
    auto note = RIDGELINE_INIT(RidgelineNote);
    note.severity = RIDGELINE_WARNING;
    note.text = "commands ended with an error";
    ridgeline_spool_record(m_spool, RIDGELINE_RECORD_NOTE, &note);
    return;
  }
  const int64_t queued = profilingTime(*m_target, event, CL_PROFILING_COMMAND_QUEUED);
  const int64_t submitted = profilingTime(*m_target, event, CL_PROFILING_COMMAND_SUBMIT);
  const int64_t start = profilingTime(*m_target, event, CL_PROFILING_COMMAND_START);
  const int64_t end = profilingTime(*m_target, event, CL_PROFILING_COMMAND_END);
  noteClock(waiting, queued);
  const auto& command = waiting.command;
  if (command.kind == Command::Kind::Kernel) {
    auto kernel = RIDGELINE_INIT(RidgelineKernel);
    kernel.track = waiting.track;
    kernel.name = command.name.c_str();
    kernel.queued_ns = queued, kernel.submitted_ns = submitted, kernel.start_ns = start, kernel.end_ns = end;
    kernel.correlation = waiting.correlation;
    for (int i = 0; i < 3; ++i) kernel.grid[i] = command.grid[i], kernel.block[i] = command.block[i];
    ridgeline_spool_record(m_spool, RIDGELINE_RECORD_KERNEL, &kernel);
  } else {
    auto copy = RIDGELINE_INIT(RidgelineCopy);
    copy.track = waiting.track;
    copy.name = command.name.empty() ? nullptr : command.name.c_str();
    copy.queued_ns = queued, copy.submitted_ns = submitted, copy.start_ns = start, copy.end_ns = end;
    copy.correlation = waiting.correlation;
    copy.bytes = command.bytes;
    copy.kind = command.copyKind;
    ridgeline_spool_record(m_spool, RIDGELINE_RECORD_COPY, &copy);
  }
}

std::string Tracer::kernelName(cl_kernel kernel) const {
  char name[1024];
  size_t size = 0;
  if (m_target->clGetKernelInfo(kernel, CL_KERNEL_FUNCTION_NAME, sizeof name, name, &size) != CL_SUCCESS || size == 0) {
    return "(kernel)";
  }
  return std::string(name, size - 1);
}

}  // namespace ridgeline::opencl
