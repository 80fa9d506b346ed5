#include "plugins/cuda/roofs/session.h"

#include "plugins/cuda/roofs/kernel_text.h"

#include <algorithm>
#include <cmath>

namespace ridgeline::cuda {
namespace {

constexpr double kRoundMs = 20;
constexpr int kRounds = 15;
constexpr double kLongMs = 100;  // of one repetition: then a few rounds must do
constexpr int kFewRounds = 3;
constexpr int kMostRepetitions = 1 << 20;

}  // namespace

Session::Session(const DriverLibrary& driver, int device) : m_driver(driver) {
  if (!driver.measures) {
    m_why = "the NVIDIA driver lacks functions that measuring needs";
    return;
  }
  auto result = driver.device(&m_device, device);
  if (result == CUDA_SUCCESS) result = driver.retainContext(&m_context, m_device);
  if (result == CUDA_SUCCESS) result = driver.setContext(m_context);
  if (result == CUDA_SUCCESS) result = driver.createEvent(&m_from, CU_EVENT_DEFAULT);
  if (result == CUDA_SUCCESS) result = driver.createEvent(&m_to, CU_EVENT_DEFAULT);
  if (result == CUDA_SUCCESS) result = driver.loadModule(&m_module, roofKernels().c_str(), 0, nullptr, nullptr);
  if (result != CUDA_SUCCESS) m_why = "the GPU cannot be measured: " + driver.reason(result);
}

Session::~Session() {
  releaseAll();
  if (m_module) m_driver.unloadModule(m_module);
  if (m_from) m_driver.destroyEvent(m_from);
  if (m_to) m_driver.destroyEvent(m_to);
  if (m_context) {
    m_driver.setContext(nullptr);
    m_driver.releaseContext(m_device);
  }
}

int Session::attribute(CUdevice_attribute what) const {
  int value = 0;
  return m_driver.deviceAttribute(&value, what, m_device) == CUDA_SUCCESS ? value : 0;
}

CUfunction Session::kernel(const char* name) {
  CUfunction function = nullptr;
  return m_driver.function(&function, m_module, name) == CUDA_SUCCESS ? function : nullptr;
}

CUdeviceptr Session::allocate(size_t bytes) {
  CUdeviceptr memory = 0;
  if (m_driver.allocate(&memory, bytes) != CUDA_SUCCESS) return 0;
  m_memory.push_back(memory);
  return memory;
}

void Session::releaseAll() {
  for (const auto memory : m_memory) m_driver.release(memory);
  m_memory.clear();
}

bool Session::run(CUfunction kernel, unsigned blocks, unsigned threads, std::vector<void*> arguments) {
  return kernel &&
         m_driver.launch(kernel, blocks, 1, 1, threads, 1, 1, 0, nullptr, arguments.data(), nullptr) == CUDA_SUCCESS;
}

double Session::milliseconds(const std::function<bool()>& body) {
  float ms = -1;
  const bool ran = m_driver.recordEvent(m_from, nullptr) == CUDA_SUCCESS && body() &&
                   m_driver.recordEvent(m_to, nullptr) == CUDA_SUCCESS && m_driver.waitForEvent(m_to) == CUDA_SUCCESS &&
                   m_driver.elapsed(&ms, m_from, m_to) == CUDA_SUCCESS;
  return ran ? static_cast<double>(ms) : -1;
}

Timing repeat(Session& session, const std::function<bool(int repetitions)>& body,
              const std::function<bool()>& stopped) {
  Timing timing;
  double ms = 0;
  // Also warms up.
  for (timing.repetitions = 1; timing.repetitions < kMostRepetitions; timing.repetitions *= 2) {
    ms = session.milliseconds([&] { return body(timing.repetitions); });
    if (ms < 0 || stopped()) return {};
    if (ms >= kRoundMs) break;
  }
  const int rounds = ms > kLongMs ? kFewRounds : kRounds;
  double least = 0, most = 0;
  for (; timing.rounds < rounds; ++timing.rounds) {
    ms = session.milliseconds([&] { return body(timing.repetitions); });
    if (ms <= 0 || stopped()) return {};
    least = timing.rounds == 0 ? ms : std::min(least, ms);
    most = std::max(most, ms);
  }
  timing.ms = least / timing.repetitions;
  timing.spread = 1 - least / most;
  return timing;
}

}  // namespace ridgeline::cuda
