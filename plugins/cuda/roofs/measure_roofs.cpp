#include "plugins/cuda/roofs/measure_roofs.h"

#include "plugins/cuda/roofs/kernel_text.h"
#include "plugins/cuda/roofs/products.h"
#include "plugins/cuda/roofs/session.h"

#include <algorithm>
#include <cstdio>

namespace ridgeline::cuda {
namespace {

constexpr unsigned kThreads = 256;

class Roofs {
 public:
  Roofs(Session& session, std::function<bool()> stopped)
      : m_session(session),
        m_stopped(std::move(stopped)),
        m_multiprocessors(static_cast<unsigned>(session.attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT))),
        m_residentThreads(
            static_cast<unsigned>(session.attribute(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR))) {}

  void bandwidth(const char* level, size_t bytes, bool triad) {
    const unsigned blocks = m_multiprocessors * std::max(1u, m_residentThreads / kThreads);
    const size_t arrays = triad ? 3 : 1;
    const size_t grain = size_t{blocks} * kThreads * 16 * kVectorsAtOnce;
    const size_t perArray = std::max<size_t>(1, bytes / arrays / grain) * grain;
    std::vector<CUdeviceptr> memory;
    for (size_t i = 0; i < arrays; ++i) memory.push_back(m_session.allocate(perArray));
    memory.push_back(m_session.allocate(size_t{blocks} * kThreads * 16));  // where sums go
    if (std::all_of(memory.begin(), memory.end(), [](auto m) { return m != 0; })) {
      auto vectors = static_cast<unsigned long long>(perArray / 16);
      unsigned passes = 1;
      std::vector<void*> arguments;
      for (size_t i = 0; i < (triad ? 3u : 2u); ++i) arguments.push_back(&memory[i]);
      arguments.push_back(&vectors);
      arguments.push_back(&passes);
      auto* kernel = m_session.kernel(triad ? "triad" : "read_all");
      const auto timing = repeat(
          m_session,
          [&](int repetitions) {
            passes = static_cast<unsigned>(repetitions);
            return m_session.run(kernel, blocks, kThreads, arguments);
          },
          m_stopped);
      char what[96];
      std::snprintf(what, sizeof what, "%s of %.4g MB, past the L1 caches", triad ? "a = b + 3 c" : "sum",
                    static_cast<double>(perArray * arrays) * 1e-6);
      add({false, "", level, triad ? "triad" : "read", static_cast<double>(perArray * arrays), 0, what}, timing);
    }
    m_session.releaseAll();
  }

  void peak(const char* kernelName, const char* dtype) {
    const unsigned blocks = m_multiprocessors * std::max(1u, m_residentThreads / kThreads);
    auto out = m_session.allocate(size_t{blocks} * kThreads * 8);
    auto* kernel = m_session.kernel(kernelName);
    unsigned passes = 1;
    const auto timing = repeat(
        m_session,
        [&](int repetitions) {
          passes = static_cast<unsigned>(repetitions);
          return out != 0 && m_session.run(kernel, blocks, kThreads, {&out, &passes});
        },
        m_stopped);
    const double operations = 2.0 * kPeakChains * kPeakSteps * blocks * kThreads;
    add({true, dtype, "", "", operations, 0, "multiply-adds in 16 chains a thread"}, timing);
    m_session.releaseAll();
  }

  // Of two ways to a number of a type the better one counts.
  void take(const Product& product) {
    MeasuredRoof roof{true, product.dtype, "", "", product.operationsPerSecond, product.spread, product.how};
    const auto known =
        std::find_if(roofs.begin(), roofs.end(), [&](const auto& r) { return r.compute && r.dtype == roof.dtype; });
    if (known == roofs.end()) return roofs.push_back(std::move(roof));
    if (known->value < roof.value) *known = std::move(roof);
  }

  std::vector<MeasuredRoof> roofs;

 private:
  // `roof.value`: of one repetition.
  void add(MeasuredRoof roof, const Timing& timing) {
    if (timing.ms <= 0) return;
    roof.value *= 1e3 / timing.ms;
    roof.spread = timing.spread;
    char how[64];
    std::snprintf(how, sizeof how, ", best of %d x %.3g ms", timing.rounds, timing.ms * timing.repetitions);
    roof.how += how;
    roofs.push_back(std::move(roof));
  }

  Session& m_session;
  std::function<bool()> m_stopped;
  unsigned m_multiprocessors, m_residentThreads;
};

}  // namespace

std::vector<MeasuredRoof> measureRoofs(const DriverLibrary& driver, int device, const std::function<bool()>& stopped,
                                       std::string& why) {
  Session session(driver, device);
  if (!session.why().empty()) {
    why = session.why();
    return {};
  }
  const auto l2 = static_cast<size_t>(session.attribute(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE));
  Roofs measured(session, stopped);
  const size_t large = std::max<size_t>(size_t{1} << 30, 8 * l2);
  for (const bool triad : {false, true}) measured.bandwidth("DRAM", large, triad);
  // Half of it may lie behind the other half of the chip, and some of it is taken: a quarter is surely near.
  if (l2 > 0) {
    for (const bool triad : {false, true}) measured.bandwidth("L2", l2 / 4, triad);
  }
  measured.peak("peak_f32", "float32");
  measured.peak("peak_f64", "float64");
  if (!stopped()) {
    for (const auto& product : measureProducts(session, stopped, why)) measured.take(product);
  }
  if (stopped()) measured.roofs.clear();
  if (measured.roofs.empty() && why.empty()) why = "the GPU could not be measured";
  return std::move(measured.roofs);
}

}  // namespace ridgeline::cuda
