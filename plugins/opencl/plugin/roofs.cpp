#include "plugins/opencl/plugin/roofs.h"

#include "plugins/opencl/plugin/roof_kernels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace ridgeline::opencl {
namespace {

constexpr double kLeastNs = 5e6;  // of one repetition: short ones measure the launch
constexpr int kRepetitions = 16;

// Everything that is made is released, in the reverse order.
class Session {
 public:
  Session(const OpenClLibrary& cl, const DeviceFacts& device) : m_cl(cl), m_device(device) {
    cl_int error = 0;
    m_context = cl.createContext(nullptr, 1, &device.handle, nullptr, nullptr, &error);
    if (m_context) m_queue = cl.createCommandQueue(m_context, device.handle, CL_QUEUE_PROFILING_ENABLE, &error);
    if (!m_queue) m_why = fmt::format("it gives no queue (error {})", error);
  }
  ~Session() {
    for (auto kernel : m_kernels) m_cl.releaseKernel(kernel);
    for (auto program : m_programs) m_cl.releaseProgram(program);
    for (auto buffer : m_buffers) m_cl.releaseMemObject(buffer);
    if (m_queue) m_cl.releaseCommandQueue(m_queue);
    if (m_context) m_cl.releaseContext(m_context);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  cl_mem buffer(size_t bytes) {
    cl_int error = 0;
    auto made = m_queue ? m_cl.createBuffer(m_context, CL_MEM_READ_WRITE, bytes, nullptr, &error) : nullptr;
    if (made) m_buffers.push_back(made);
    return made;
  }
  cl_kernel kernel(const std::string& source, const char* name, const std::string& options) {
    if (!m_queue) return nullptr;
    const char* text = source.c_str();
    cl_int error = 0;
    auto program = m_cl.createProgramWithSource(m_context, 1, &text, nullptr, &error);
    if (!program) return nullptr;
    m_programs.push_back(program);
    error = m_cl.buildProgram(program, 1, &m_device.handle, options.c_str(), nullptr, nullptr);
    auto made = error == CL_SUCCESS ? m_cl.createKernel(program, name, &error) : nullptr;
    if (made) m_kernels.push_back(made);
    if (!made) m_why = fmt::format("its compiler refuses the kernel {} (error {})", name, error);
    return made;
  }
  template <class T>
  void argument(cl_kernel kernel, cl_uint index, const T& value) {
    m_cl.setKernelArg(kernel, index, sizeof value, &value);
  }
  // The device's own time of one execution, 0 when it failed.
  double nsOf(cl_kernel kernel, size_t items, size_t group) {
    cl_event event = nullptr;
    if (m_cl.enqueueNDRangeKernel(m_queue, kernel, 1, nullptr, &items, &group, 0, nullptr, &event) != CL_SUCCESS)
      return 0;
    const bool finished = m_cl.finish(m_queue) == CL_SUCCESS;
    cl_ulong start = 0, end = 0;
    m_cl.getEventProfilingInfo(event, CL_PROFILING_COMMAND_START, sizeof start, &start, nullptr);
    m_cl.getEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof end, &end, nullptr);
    m_cl.releaseEvent(event);
    return finished && end > start ? static_cast<double>(end - start) : 0;
  }
  const std::string& why() const { return m_why; }

 private:
  const OpenClLibrary& m_cl;
  const DeviceFacts& m_device;
  cl_context m_context = nullptr;
  cl_command_queue m_queue = nullptr;
  std::vector<cl_mem> m_buffers;
  std::vector<cl_program> m_programs;
  std::vector<cl_kernel> m_kernels;
  std::string m_why;
};

struct Timing {
  double bestNs = 0, spread = 0;
  cl_int passes = 1;
};

// Grows the kernel's last argument, its number of passes, until one execution is long enough; then repeats it.
Timing repeat(Session& session, cl_kernel kernel, cl_uint passesArgument, size_t items, size_t group,
              const std::function<bool()>& stopped) {
  Timing timing;
  const auto once = [&] {
    session.argument(kernel, passesArgument, timing.passes);
    return session.nsOf(kernel, items, group);
  };
  once();  // compiles, or wakes the device
  for (double ns = once(); ns < kLeastNs && timing.passes < (1 << 24); ns = once()) {
    if (ns <= 0 || stopped()) return {};
    timing.passes = static_cast<cl_int>(timing.passes * std::clamp(1.2 * kLeastNs / ns, 1.5, 16.0)) + 1;
  }
  std::vector<double> times;
  for (int i = 0; i < kRepetitions && !stopped(); ++i) times.push_back(once());
  std::sort(times.begin(), times.end());
  if (times.empty() || times.front() <= 0) return {};
  timing.bestNs = times.front();
  const double quarter = times[times.size() / 4];
  timing.spread = 1 - timing.bestNs / quarter;
  return timing;
}

std::string howOf(const char* what, const Timing& timing) {
  return fmt::format("{}, best of {} x {:.3g} ms, timed by the device", what, kRepetitions, timing.bestNs * 1e-6);
}

struct Float {
  const char* dtype;  // Ridgeline's name
  const char* type;   // OpenCL's
};

void measureCompute(const OpenClLibrary& cl, const DeviceFacts& device, const Float& number,
                    const std::function<bool()>& stopped, std::vector<MeasuredRoof>& roofs, std::string& why) {
  Session session(cl, device);
  const uint32_t width = std::clamp<uint32_t>(device.vectorWidth, 1, 16);
  const auto vector = width > 1 ? fmt::format("{}{}", number.type, width) : std::string(number.type);
  const auto options = fmt::format("-DV={} -DS={} {}", vector, number.type, device.fma ? "-DFMA=fma" : "-DFMA=mad");
  auto kernel = session.kernel(kFmaKernel, "peak", options);
  // Enough groups that every unit has several, whatever its number of hardware threads.
  const size_t group = 64, items = group * std::max<size_t>(device.computeUnits, 1) * 32;
  auto out = session.buffer(items * 16 * 8);
  if (!kernel || !out) {
    why = session.why();
    return;
  }
  session.argument(kernel, 0, out);
  const auto timing = repeat(session, kernel, 1, items, group, stopped);
  if (timing.bestNs <= 0) return;
  const double flops = 2.0 * kFmaPerPass * width * static_cast<double>(items) * timing.passes;
  const auto what = fmt::format("{} {} kernel, {} accumulators", device.fma ? "fma" : "mad", vector, kAccumulators);
  roofs.push_back(
      {true, number.dtype, "", "", flops / timing.bestNs * 1e9, timing.spread, howOf(what.c_str(), timing)});
}

struct Stream {
  size_t bytes = 0;
  bool triad = false, stretches = false;
};

// Nothing, with the reason, where the device cannot.
std::optional<MeasuredRoof> measureStream(const OpenClLibrary& cl, const DeviceFacts& device, const Stream& stream,
                                          const std::function<bool()>& stopped, std::string& why) {
  Session session(cl, device);
  const std::string options = stream.stretches ? "-DSTRETCHES" : "";
  auto kernel = session.kernel(kStreamKernels, stream.triad ? "triad" : "read_all", options);
  const int arrays = stream.triad ? 3 : 1;
  const size_t group = 64, items = group * std::max<size_t>(device.computeUnits, 1) * 32;
  // The same number of vectors of four floats for every work-item, and four at a time.
  const size_t grain = items * 16 * 4;
  const size_t perArray = stream.bytes / static_cast<size_t>(arrays) / grain * grain;
  std::vector<cl_mem> buffers;
  for (int i = 0; i < arrays && perArray > 0; ++i) buffers.push_back(session.buffer(perArray));
  auto sums = session.buffer(items * 16);
  if (!kernel || !sums || buffers.empty() || !buffers.back()) {
    why = session.why().empty() ? "it has too little memory" : session.why();
    return std::nullopt;
  }
  const auto count = static_cast<cl_ulong>(perArray / 16);
  auto fill = session.kernel(kStreamKernels, "fill", options);
  for (auto buffer : buffers) {
    if (!fill) break;
    session.argument(fill, 0, buffer);
    session.argument(fill, 1, count);
    if (session.nsOf(fill, items, group) <= 0) fill = nullptr;
  }
  if (!fill) {
    why = session.why().empty() ? "it cannot write its memory" : session.why();
    return std::nullopt;
  }
  cl_uint argument = 0;
  for (auto buffer : buffers) session.argument(kernel, argument++, buffer);
  if (!stream.triad) session.argument(kernel, argument++, sums);
  session.argument(kernel, argument++, count);
  const auto timing = repeat(session, kernel, argument, items, group, stopped);
  if (timing.bestNs <= 0) return std::nullopt;
  const double moved = static_cast<double>(perArray) * arrays * timing.passes;
  const auto what =
      fmt::format("{} of {:.3g} MB, {}", stream.triad ? "a = b + s c" : "sum", static_cast<double>(stream.bytes) * 1e-6,
                  stream.stretches ? "each item its own stretch" : "items side by side");
  return MeasuredRoof{false,
                      "",
                      "DRAM",
                      stream.triad ? "triad" : "read",
                      moved / timing.bestNs * 1e9,
                      timing.spread,
                      howOf(what.c_str(), timing)};
}

void measureBandwidth(const OpenClLibrary& cl, const DeviceFacts& device, Stream stream,
                      const std::function<bool()>& stopped, std::vector<MeasuredRoof>& roofs, std::string& why) {
  std::optional<MeasuredRoof> best;
  for (const bool stretches : {false, true}) {
    stream.stretches = stretches;
    auto roof = measureStream(cl, device, stream, stopped, why);
    if (roof && (!best || roof->value > best->value)) best = std::move(roof);
  }
  if (best) roofs.push_back(std::move(*best));
}

}  // namespace

std::vector<MeasuredRoof> measureRoofs(const OpenClLibrary& cl, const DeviceFacts& device,
                                       const std::function<bool()>& stopped, std::string& why) {
  std::vector<MeasuredRoof> roofs;
  measureCompute(cl, device, {"float32", "float"}, stopped, roofs, why);
  if (device.fp64) measureCompute(cl, device, {"float64", "double"}, stopped, roofs, why);
  if (device.fp16) measureCompute(cl, device, {"float16", "half"}, stopped, roofs, why);
  // Far larger than any cache, and far smaller than the memory.
  const int64_t wanted = std::max<int64_t>(256 << 20, 4 * device.cacheBytes);
  const int64_t most = std::min(device.largestBuffer, device.memoryBytes / 8);
  const auto large = static_cast<size_t>(std::min(wanted, most));
  measureBandwidth(cl, device, {large, false}, stopped, roofs, why);
  measureBandwidth(cl, device, {large, true}, stopped, roofs, why);
  if (stopped()) roofs.clear();
  if (!roofs.empty()) why.clear();
  return roofs;
}

}  // namespace ridgeline::opencl
