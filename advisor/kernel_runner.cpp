#include "advisor/kernel_runner.h"

#include "base/clock.h"

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <random>

namespace ridgeline::advisor {
namespace {

constexpr int kLeastRounds = 8, kMostRounds = 60;
constexpr double kMillisecondsPerForm = 25;
// Where others use the machine, time is given until a few runs agree on the fastest time, up to this much a form.
constexpr double kMostMillisecondsPerForm = 250;
constexpr int kAgreeingRuns = 3;
constexpr double kAgreement = 1.08;

// Denormals and NaNs aside, values do not change a kernel's speed, but where it branches by their sign: they must come
// in an order that no processor predicts.
graph::Tensor inputFor(const engine::PortInfo& port) {
  graph::Tensor tensor(port.type, port.dims);
  std::minstd_rand random(1);
  if (port.type == graph::DataType::Float) {
    for (float& value : tensor.as<float>()) value = static_cast<float>(random() % 2048) / 1024.0f - 1.0f;
  } else if (port.type == graph::DataType::Uint8 || port.type == graph::DataType::Int8) {
    for (uint8_t& value : tensor.as<uint8_t>()) value = static_cast<uint8_t>(random() % 61 + 20);
  }
  return tensor;
}

// Processor time used so far, by the whole process or by the calling thread.
double processorMs(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

}  // namespace

Result<KernelRunner> KernelRunner::create(const KernelForm& form, int threads) {
  engine::SessionOptions options;
  options.threads = threads;
  options.config.emplace("session.intra_op.allow_spinning", "0");  // waiting is no work
  auto session = engine::Session::create(form.build(), options);
  if (!session) return passOn(session);
  engine::NamedTensors inputs;
  for (const auto& port : session->inputs()) {
    if (std::ranges::any_of(port.dims, [](int64_t d) { return d < 0; })) {
      return internalError(fmt::format("the model for timing {} leaves the shape of {} open", form.key, port.name));
    }
    inputs[port.name] = inputFor(port);
  }
  if (auto s = session->bind(inputs); !s) return passOn(s);
  for (int i = 0; i < 2; ++i) {
    if (auto warm = session->run(); !warm) return passOn(warm);
  }
  return KernelRunner(form, std::move(*session));
}

void KernelRunner::runOnce() {
  const double allBefore = processorMs(CLOCK_PROCESS_CPUTIME_ID), callerBefore = processorMs(CLOCK_THREAD_CPUTIME_ID);
  if (!m_session.run()) return;
  m_all.push_back(processorMs(CLOCK_PROCESS_CPUTIME_ID) - allBefore);
  m_caller.push_back(processorMs(CLOCK_THREAD_CPUTIME_ID) - callerBefore);
}

std::optional<double> KernelRunner::ms() const {
  if (m_all.empty()) return std::nullopt;
  // What the threads share among them takes each its share; what only the caller does takes all of that.
  const double shared = *std::ranges::min_element(m_all) / m_session.threads();
  return std::max(shared, *std::ranges::min_element(m_caller)) / m_copies;
}

bool KernelRunner::settled() const {
  if (m_all.empty()) return false;
  const double limit = *std::ranges::min_element(m_all) * kAgreement;
  return std::ranges::count_if(m_all, [limit](double v) { return v <= limit; }) >= kAgreeingRuns;
}

void runInterleaved(std::span<KernelRunner> runners) {
  if (runners.empty()) return;
  const Stopwatch watch;
  const auto enough = [&](int round) {
    const double spent = watch.ms() / static_cast<double>(runners.size());
    if (round < kLeastRounds) return false;
    if (spent > kMostMillisecondsPerForm) return true;
    return (round >= kMostRounds || spent > kMillisecondsPerForm) &&
           std::ranges::all_of(runners, &KernelRunner::settled);
  };
  for (int round = 0; !enough(round); ++round) {
    for (auto& r : runners) r.runOnce();
  }
}

}  // namespace ridgeline::advisor
