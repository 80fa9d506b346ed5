// Ridgeline's roofs beside an independent micro-benchmark of the same things, with their ratio.
//
//   bench_roofs [THREADS]
//
// Shares no measuring code with plugins/cpu: the multiply-adds are inline assembly, the memory loops are plain C++ left
// to the compiler, the threads are OpenMP-less std::threads that are not pinned, and every number is the best of many
// short trials. The two sides take turns, so that a machine busy with other things disturbs both alike.
#include "plugins/cpu/roofs.h"

#include <fmt/format.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

// Work of all threads per second: the best of `trials`, each timed by its slowest thread.
double bestRate(int threads, int trials, double workPerThread, const std::function<void(int)>& work) {
  std::vector<Clock::time_point> begun(static_cast<size_t>(threads)), ended(begun);
  std::barrier together(threads);
  double best = 0;
  const auto body = [&](int id) {
    const auto i = static_cast<size_t>(id);
    work(id);
    for (int trial = 0; trial < trials; ++trial) {
      together.arrive_and_wait();
      begun[i] = Clock::now();
      work(id);
      ended[i] = Clock::now();
      together.arrive_and_wait();
      if (id == 0) {
        const std::chrono::duration<double> taken =
            *std::max_element(ended.begin(), ended.end()) - *std::min_element(begun.begin(), begun.end());
        best = std::max(best, workPerThread * threads / taken.count());
      }
    }
  };
  std::vector<std::thread> team;
  for (int id = 0; id < threads; ++id) team.emplace_back(body, id);
  for (auto& thread : team) thread.join();
  return best;
}

#if defined(__x86_64__)

#define ALL_ZMM(OP)                                                                                        \
  OP " %%zmm30, %%zmm31, %%zmm0\n" OP " %%zmm30, %%zmm31, %%zmm1\n" OP " %%zmm30, %%zmm31, %%zmm2\n" OP    \
     " %%zmm30, %%zmm31, %%zmm3\n" OP " %%zmm30, %%zmm31, %%zmm4\n" OP " %%zmm30, %%zmm31, %%zmm5\n" OP    \
     " %%zmm30, %%zmm31, %%zmm6\n" OP " %%zmm30, %%zmm31, %%zmm7\n" OP " %%zmm30, %%zmm31, %%zmm8\n" OP    \
     " %%zmm30, %%zmm31, %%zmm9\n" OP " %%zmm30, %%zmm31, %%zmm10\n" OP " %%zmm30, %%zmm31, %%zmm11\n" OP  \
     " %%zmm30, %%zmm31, %%zmm12\n" OP " %%zmm30, %%zmm31, %%zmm13\n" OP " %%zmm30, %%zmm31, %%zmm14\n" OP \
     " %%zmm30, %%zmm31, %%zmm15\n"

// Registers hold whatever they hold before: zeroed first, for denormals and NaNs may be slow.
#define ZMM_LOOP(NAME, OP)                                                                                        \
  void NAME(int64_t n) {                                                                                          \
    asm volatile(                                                                                                 \
        "vzeroall\n vpxord %%zmm30, %%zmm30, %%zmm30\n vpxord %%zmm31, %%zmm31, %%zmm31\n"                        \
        "1:\n" ALL_ZMM(OP) "dec %0\n jnz 1b\n vzeroupper\n"                                                       \
        : "+r"(n)                                                                                                 \
        :                                                                                                         \
        : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", \
          "xmm12", "xmm13", "xmm14", "xmm15");                                                                    \
  }
ZMM_LOOP(zmmFloat, "vfmadd231ps")
ZMM_LOOP(zmmBfloat16, "vdpbf16ps")
ZMM_LOOP(zmmInt8, "vpdpbusd")

void ymmFloat(int64_t n) {
  asm volatile(
      "vzeroall\n1:\n"
      "vfmadd231ps %%ymm14, %%ymm15, %%ymm0\n vfmadd231ps %%ymm14, %%ymm15, %%ymm1\n"
      "vfmadd231ps %%ymm14, %%ymm15, %%ymm2\n vfmadd231ps %%ymm14, %%ymm15, %%ymm3\n"
      "vfmadd231ps %%ymm14, %%ymm15, %%ymm4\n vfmadd231ps %%ymm14, %%ymm15, %%ymm5\n"
      "vfmadd231ps %%ymm14, %%ymm15, %%ymm6\n vfmadd231ps %%ymm14, %%ymm15, %%ymm7\n"
      "vfmadd231ps %%ymm14, %%ymm15, %%ymm8\n vfmadd231ps %%ymm14, %%ymm15, %%ymm9\n"
      "dec %0\n jnz 1b\n vzeroupper\n"
      : "+r"(n)
      :
      : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm14", "xmm15");
}

double independentCompute(const std::string& dtype, int threads, int trials) {
  static constexpr int64_t kLoops = 200'000;
  const auto rate = [&](void (*loop)(int64_t), double perLoop) {
    return bestRate(threads, trials, perLoop * kLoops, [loop](int) { loop(kLoops); });
  };
  if (dtype == "float32" && __builtin_cpu_supports("avx512f")) return rate(zmmFloat, 16 * 16 * 2);
  if (dtype == "float32" && __builtin_cpu_supports("fma")) return rate(ymmFloat, 10 * 8 * 2);
  if (dtype == "bfloat16" && __builtin_cpu_supports("avx512bf16")) return rate(zmmBfloat16, 16 * 32 * 2);
  if (dtype == "int8" && __builtin_cpu_supports("avx512vnni")) return rate(zmmInt8, 16 * 64 * 2);
  return 0;
}

#else

double independentCompute(const std::string&, int, int) { return 0; }

#endif

// Plain loops for the compiler to vectorize, at -O3 in every build type.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define PLAIN __attribute__((noinline, optimize("O3"), target_clones("default", "avx2", "arch=skylake-avx512")))
#else
#define PLAIN __attribute__((noinline))
#endif

PLAIN uint64_t sumWords(const uint64_t* words, size_t count) {
  uint64_t a = 0, b = 0, c = 0, d = 0;
  for (size_t i = 0; i < count; i += 32) {
    for (size_t k = 0; k < 8; ++k) {
      a += words[i + k];
      b += words[i + 8 + k];
      c += words[i + 16 + k];
      d += words[i + 24 + k];
    }
  }
  return a + b + c + d;
}

PLAIN void streamTriad(double* __restrict a, const double* __restrict b, const double* __restrict c, size_t count) {
  for (size_t i = 0; i < count; ++i) a[i] = b[i] + 3.0 * c[i];
}

// Total bytes a thread for a level: a third of the cache, or enough to be far beyond any.
size_t workingSet(const ridgeline::cpu::Processor& processor, const std::string& level, int threads) {
  size_t l2 = size_t{1} << 20, l3 = 0;
  for (const auto& cache : processor.caches) {
    const auto bytes = static_cast<size_t>(cache.bytes);
    if (level == "L1" && cache.name == "L1d") return bytes / 3;
    if (cache.name == "L2") l2 = bytes;
    if (cache.name == "L3") l3 = bytes;
  }
  if (level == "L2") return l2 / 3;
  if (level == "L3") return 3 * l2;
  return std::max(3 * l3, size_t{512} << 20) / static_cast<size_t>(threads);
}

double independentBandwidth(const ridgeline::cpu::Processor& processor, const ridgeline::cpu::Roof& roof, int threads,
                            int trials) {
  const size_t doubles = workingSet(processor, roof.level, threads) / sizeof(double) / 96 * 96;
  // Plain vectors of doubles, each thread's own; about 3 ms of work a trial.
  std::vector<std::vector<double>> memory(static_cast<size_t>(threads));
  const size_t passes =
      std::max<size_t>(1, (roof.level == "DRAM" || roof.level == "L3" ? 60'000'000u : 300'000'000u) / (8 * doubles));
  const size_t third = doubles / 3;
  const double bytes =
      static_cast<double>(passes) * static_cast<double>(roof.pattern == "read" ? doubles : 3 * third) * 8;
  return bestRate(threads, trials, bytes, [&](int id) {
    auto& mine = memory[static_cast<size_t>(id)];
    if (mine.empty()) mine.assign(doubles + 512, 1.0);
    for (size_t pass = 0; pass < passes; ++pass) {
      if (roof.pattern == "read") {
        const uint64_t sum = sumWords(reinterpret_cast<const uint64_t*>(mine.data()), doubles);
        asm volatile("" : : "r"(sum) : "memory");
      } else {
        // The arrays 1/3 and a little apart: see "4K aliasing".
        streamTriad(mine.data(), mine.data() + third + 168, mine.data() + 2 * third + 336, third);
        asm volatile("" : : : "memory");
      }
    }
  });
}

}  // namespace

int main(int argc, char** argv) {
  const auto processor = ridgeline::cpu::detectProcessor();
  const int threads = argc > 1 ? std::max(1, std::atoi(argv[1])) : processor.logicalProcessors;
  constexpr int kTurns = 3;
  std::map<std::string, ridgeline::cpu::Roof> ours;
  std::map<std::string, double> theirs;
  std::vector<std::string> order;
  for (int turn = 0; turn < kTurns; ++turn) {
    const auto roofs = ridgeline::cpu::measureRoofs(processor, threads, ridgeline::quietJob());
    if (!roofs) {
      fmt::print(stderr, "{}\n", roofs.error().text());
      return 4;
    }
    for (const auto& roof : *roofs) {
      if (!ours.count(roof.what)) order.push_back(roof.what);
      if (roof.value > ours[roof.what].value) ours[roof.what] = roof;
      const bool compute = roof.kind == ridgeline::cpu::Roof::Kind::Compute;
      const double rate = compute ? independentCompute(roof.dtype, threads, 60)
                                  : independentBandwidth(processor, roof, threads, roof.level == "DRAM" ? 8 : 60);
      theirs[roof.what] = std::max(theirs[roof.what], rate);
    }
  }
  fmt::print("{}, {} threads, best of {} turns\n", processor.model, threads, kTurns);
  fmt::print("{:<12} {:>12} {:>12} {:>7}  {}\n", "roof", "ridgeline", "independent", "ratio", "how");
  for (const auto& what : order) {
    const auto& roof = ours[what];
    const double other = theirs[what];
    fmt::print("{:<12} {:>8.1f} G/s {:>8.1f} G/s {:>7}  {}\n", what, roof.value * 1e-9, other * 1e-9,
               other > 0 ? fmt::format("{:.3f}", roof.value / other) : "-", roof.how);
  }
  return 0;
}
