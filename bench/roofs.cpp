// Ridgeline's roofs beside an independent micro-benchmark of the same things, with their ratio.
//
//   bench_roofs [THREADS]
//
// Shares no measuring code with plugins/cpu: the multiply-adds are inline assembly, reading is bare loads, the triad
// plain C++ that the compiler vectorizes, both on ordinary pages, and every number is the best of many short trials.
// The two sides take turns, so that a machine busy with other things disturbs both alike.
#include "plugins/cpu/roofs.h"

#include <fmt/format.h>
#include <sched.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

// All threads leave together; spinning, with a yield for machines that have fewer processors than threads.
class Gate {
 public:
  explicit Gate(int threads) : m_threads(threads) {}
  void pass() {
    const int round = m_round.load();
    if (m_arrived.fetch_add(1) + 1 == m_threads) {
      m_arrived = 0;
      m_round = round + 1;
      return;
    }
    for (int spins = 0; m_round.load() == round; ++spins) {
      if (spins > 20'000) std::this_thread::yield();
    }
  }

 private:
  int m_threads;
  std::atomic<int> m_arrived{0}, m_round{0};
};

void pinToNth(int n) {
  cpu_set_t allowed, one;
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return;
  n %= std::max(1, CPU_COUNT(&allowed));
  for (size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed) || n-- > 0) continue;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    (void)::sched_setaffinity(0, sizeof(one), &one);
    return;
  }
}

// Work of all threads per second: the best of `trials`, from the first thread's start to the last one's end.
double bestRate(int threads, int trials, double workPerThread, const std::function<void(int)>& work) {
  std::vector<Clock::time_point> begun(static_cast<size_t>(threads)), ended(begun);
  Gate gate(threads);
  double best = 0;
  const auto body = [&](int id) {
    const auto i = static_cast<size_t>(id);
    pinToNth(id);
    work(id);
    for (int trial = 0; trial < trials; ++trial) {
      gate.pass();
      begun[i] = Clock::now();
      work(id);
      ended[i] = Clock::now();
      gate.pass();
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
  static constexpr int64_t kLoops = 100'000;
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

// Reads lines of 64 bytes, as likwid-bench's load kernels do: loads and nothing else. `lines` is a multiple of 4.
#if defined(__x86_64__)
void loadLines(const void* memory, size_t lines) {
  if (__builtin_cpu_supports("avx512f")) {
    asm volatile(
        "1:\n vmovups (%0), %%zmm0\n vmovups 64(%0), %%zmm1\n vmovups 128(%0), %%zmm2\n vmovups 192(%0), %%zmm3\n"
        "add $256, %0\n sub $4, %1\n jnz 1b\n vzeroupper\n"
        : "+r"(memory), "+r"(lines)
        :
        : "cc", "memory", "xmm0", "xmm1", "xmm2", "xmm3");
    return;
  }
  asm volatile(
      "1:\n movups (%0), %%xmm0\n movups 16(%0), %%xmm1\n movups 32(%0), %%xmm2\n movups 48(%0), %%xmm3\n"
      "add $64, %0\n dec %1\n jnz 1b\n"
      : "+r"(memory), "+r"(lines)
      :
      : "cc", "memory", "xmm0", "xmm1", "xmm2", "xmm3");
}
#else
void loadLines(const void* memory, size_t lines) {
  const auto* words = static_cast<const volatile uint64_t*>(memory);
  for (size_t i = 0; i < 8 * lines; ++i) (void)words[i];
}
#endif

// STREAM's triad in doubles; `count` is a multiple of 8, and the arrays begin on lines.
#if defined(__x86_64__)
__attribute__((target("avx512f"))) void triadAvx512(double* a, const double* b, const double* c, size_t count) {
  const __m512d scale = _mm512_set1_pd(3.0);
  for (size_t i = 0; i < count; i += 8) {
    _mm512_store_pd(a + i, _mm512_fmadd_pd(scale, _mm512_load_pd(c + i), _mm512_load_pd(b + i)));
  }
}
#endif

void streamTriad(double* a, const double* b, const double* c, size_t count) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return triadAvx512(a, b, c, count);
#endif
  for (size_t i = 0; i < count; ++i) a[i] = b[i] + 3.0 * c[i];
}

// Bytes of a thread's working set: a third of the cache, or enough to be far beyond any.
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

// One thread's memory, three arrays, and how far it has come: a trial goes on where the last one ended, so that trials
// can be short however large the arrays are.
struct Arrays {
  static constexpr size_t kPiece = 4096;  // doubles
  explicit Arrays(size_t bytes)
      : length(std::max(bytes / 24, 3 * kPiece / 8) / 256 * 256), memory(nullptr, &std::free) {
    // Apart by some lines more than whole pages: see "4K aliasing".
    stride = length + 512 + 168;
    memory.reset(static_cast<double*>(std::aligned_alloc(4096, (3 * stride * 8 + 8191) / 4096 * 4096)));
    std::fill(memory.get(), memory.get() + 3 * stride, 1.0);
  }
  double* array(size_t i) const { return memory.get() + i * stride; }
  size_t length, stride = 0, at = 0;
  std::unique_ptr<double, decltype(&std::free)> memory;
};

void readSome(Arrays& arrays, size_t doublesPerArray) {
  for (size_t done = 0; done < doublesPerArray;) {
    const size_t piece = std::min({Arrays::kPiece, arrays.length - arrays.at, doublesPerArray - done});
    for (size_t i = 0; i < 3; ++i) loadLines(arrays.array(i) + arrays.at, piece / 8);
    done += piece;
    arrays.at = arrays.at + piece == arrays.length ? 0 : arrays.at + piece;
  }
}

void triadSome(Arrays& arrays, size_t doublesPerArray) {
  for (size_t done = 0; done < doublesPerArray;) {
    const size_t piece = std::min({Arrays::kPiece, arrays.length - arrays.at, doublesPerArray - done});
    streamTriad(arrays.array(0) + arrays.at, arrays.array(1) + arrays.at, arrays.array(2) + arrays.at, piece);
    asm volatile("" : : : "memory");
    done += piece;
    arrays.at = arrays.at + piece == arrays.length ? 0 : arrays.at + piece;
  }
}

double independentBandwidth(const ridgeline::cpu::Processor& processor, const ridgeline::cpu::Roof& roof, int threads,
                            int trials) {
  const size_t bytes = workingSet(processor, roof.level, threads);
  std::vector<std::unique_ptr<Arrays>> memory(static_cast<size_t>(threads));
  const auto work = roof.pattern == "read" ? readSome : triadSome;
  // About 2 ms a trial, and at least two rounds of a cache.
  const size_t perArray =
      (roof.level == "DRAM" ? size_t{24'000'000} : std::max<size_t>(2 * bytes, 100'000'000)) / 24 / 256 * 256;
  return bestRate(threads, trials, static_cast<double>(perArray) * 24, [&](int id) {
    auto& mine = memory[static_cast<size_t>(id)];
    if (!mine)
      mine = std::make_unique<Arrays>(bytes);  // in the first, untimed call: touched by the thread that uses it
    work(*mine, perArray);
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
      // Memory is what the machine's other tenants disturb most.
      const int trials = roof.level == "DRAM" ? 400 : 100;
      const double rate = compute ? independentCompute(roof.dtype, threads, trials)
                                  : independentBandwidth(processor, roof, threads, trials);
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
