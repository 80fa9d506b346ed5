// This processor's measured ceilings.
#pragma once

#include "base/progress.h"
#include "base/result.h"

#include <string>
#include <vector>

namespace ridgeline::cpu {

struct CacheLevel {
  std::string name;   // "L1d", "L2", "L3"
  int64_t bytes = 0;  // of one instance
  int sharedBy = 1;   // logical processors that share one
};

struct Processor {
  std::string model;          // "AMD EPYC 9654 96-Core Processor"
  std::string architecture;   // "x86_64", "aarch64"
  int logicalProcessors = 0;  // this process may run on (affinity and cgroup quota considered)
  int physicalCores = 0;
  // Of interest here: "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "neon", ...
  std::vector<std::string> isa;
  std::vector<CacheLevel> caches;
  int64_t memoryBytes = 0;
  std::string fingerprint() const;  // changes when a measured roof would no longer hold
};
Processor detectProcessor();

struct Roof {
  enum class Kind { Compute, Bandwidth } kind = Kind::Compute;
  // Compute: data type "float32", "bfloat16", "int8". Bandwidth: level and pattern, "DRAM read", "L2 triad".
  std::string what;
  std::string dtype;    // Compute only
  std::string level;    // Bandwidth only: "L1", "L2", "L3", "DRAM"
  std::string pattern;  // Bandwidth only: "read", "triad"
  double value = 0;     // FLOP/s (or integer op/s) or B/s
  // Relative: (best - worst) / best over the best quarter of the repetitions, undisturbed ones as far as there were
  // any. What other processes took from the rest says nothing about the ceiling.
  double spread = 0;
  int threads = 1;
  // Bandwidth of the last-level cache: bytes that all threads together can use at its speed, 0 where that was not
  // measured. On a machine shared with others it is less than what the processor says.
  int64_t capacityBytes = 0;
  // Fewer than three repetitions were left alone by other processes: the value may be too low.
  bool disturbed = false;
  std::string how;  // "AVX-512 FMA, 12 accumulators, best of 24 x 3 ms"
};

// Measures on `threads` pinned threads; a few seconds. Interrupted when the job is stopped.
Result<std::vector<Roof>> measureRoofs(const Processor& processor, int threads, Job job);

// The same from the machine's cache (cacheFolder()), measured and stored if absent or `again`. What was measured on a
// busy machine is measured anew the next two times, and the higher value of each roof kept.
Result<std::vector<Roof>> cachedRoofs(const Processor& processor, int threads, bool again, Job job);

}  // namespace ridgeline::cpu
