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
  std::vector<std::string>
      isa;  // of interest here: "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "neon", ...
  std::vector<CacheLevel> caches;
  int64_t memoryBytes = 0;
  std::string fingerprint() const;  // changes when a measured roof would no longer hold
};
Processor detectProcessor();

struct Roof {
  enum class Kind { Compute, Bandwidth } kind = Kind::Compute;
  std::string
      what;  // Compute: data type "float32", "bfloat16", "int8". Bandwidth: level and pattern, "DRAM read", "L2 triad"
  std::string dtype;    // Compute only
  std::string level;    // Bandwidth only: "L1", "L2", "L3", "DRAM"
  std::string pattern;  // Bandwidth only: "read", "triad"
  double value = 0;     // FLOP/s (or integer op/s) or B/s
  double spread = 0;    // relative: (max - min) / median over the repetitions
  int threads = 1;
  std::string how;  // "AVX-512 FMA, 12 accumulators, best of 5 x 50 ms"
};

// Measures on `threads` pinned threads; a few seconds. Interrupted when the job is stopped.
Result<std::vector<Roof>> measureRoofs(const Processor& processor, int threads, Job job);

// The same from the machine's cache (cacheFolder()), measured and stored if absent or `again`.
Result<std::vector<Roof>> cachedRoofs(const Processor& processor, int threads, bool again, Job job);

}  // namespace ridgeline::cpu
