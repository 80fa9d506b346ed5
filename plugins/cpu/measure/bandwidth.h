// Read and triad bandwidth of each memory level, as contestants.
#pragma once

#include "plugins/cpu/kernels/kernels.h"
#include "plugins/cpu/measure/contest.h"
#include "plugins/cpu/measure/levels.h"
#include "plugins/cpu/measure/mapped_buffer.h"

#include <memory>
#include <vector>

namespace ridgeline::cpu {

// One buffer a thread, its pages placed by that thread's first touch.
class ThreadBuffers {
 public:
  static Result<ThreadBuffers> create(Team& team, int64_t bytesPerThread, const StopFlag& stop);
  std::byte* of(int thread) const { return m_buffers[static_cast<size_t>(thread)].data(); }

 private:
  std::vector<MappedBuffer> m_buffers;
};

// Bytes a thread's buffer needs for a level's working set: the triad's three arrays lie apart a little.
int64_t bufferBytes(const LevelPlan& plan);

// The two loops over one level's working set; the buffers must outlive them. Triad is a = b + s * c over three arrays
// that together are the working set, counted as 3 x 4 bytes an element as in STREAM, whatever the caches fetch besides.
struct LevelContestants {
  Contestant read, triad;
};
LevelContestants levelContestants(const StreamKernels& kernels, const ThreadBuffers& buffers, const LevelPlan& plan,
                                  int threads);

}  // namespace ridgeline::cpu
