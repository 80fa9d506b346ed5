// How much of the last-level cache this process can have: what the processor reports is shared with whoever else runs
// on the machine, other virtual machines included.
#pragma once

#include "plugins/cpu/measure/bandwidth.h"

namespace ridgeline::cpu {

struct CapacityQuestion {
  int64_t shareBytes = 0;   // of the cache, a thread, as the processor reports it
  int64_t knownBytes = 0;   // a working set a thread known to fit: the one the cache's bandwidth was measured with
  int64_t bufferBytes = 0;  // of each thread's buffer
  double cacheRate = 0, dramRate = 0;  // measured read bandwidth of the cache and of what lies behind it, B/s
};

// Bytes of all threads together that are still read at cache speed: nearer to the cache's than to DRAM's, on a
// logarithmic scale. 0 when the two speeds cannot be told apart.
int64_t usableCapacity(Team& team, const StreamKernels& kernels, const ThreadBuffers& buffers,
                       const CapacityQuestion& question, const StopFlag& stop);

}  // namespace ridgeline::cpu
