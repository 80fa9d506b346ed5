#include "plugins/cpu/measure/bandwidth.h"

#include <algorithm>

namespace ridgeline::cpu {
namespace {

// Arrays whose addresses agree in their lowest 12 bits make loads wait for unrelated stores ("4K aliasing", Intel's
// optimization manual, 15.8): each array starts a few lines further into its page.
constexpr int64_t kPage = 4096, kStagger = 21 * 64;
constexpr int64_t kDramBlock = 64 * 1024;

struct Arrays {
  int64_t bytes = 0;   // of one of the three
  int64_t stride = 0;  // from one to the next
};

Arrays arraysOf(const LevelPlan& plan) {
  const int64_t bytes = plan.bytesPerThread / 3 / 1024 * 1024;
  return {bytes, (bytes + kPage - 1) / kPage * kPage + kStagger};
}

float* floatsAt(const ThreadBuffers& buffers, int thread, int64_t offset) {
  return reinterpret_cast<float*>(buffers.of(thread) + offset);
}

// Where a thread's next block is; far enough apart that threads do not share a line.
struct alignas(128) Position {
  int64_t block = 0;
};

// Both loops walk the same three arrays in blocks, from one common position that goes on from repetition to repetition:
// whichever of them comes to a block, all the others were touched since it was last in a cache.
LevelContestants dramContestants(const StreamKernels& kernels, const ThreadBuffers& buffers, const LevelPlan& plan,
                                 int threads) {
  const auto arrays = arraysOf(plan);
  const auto positions = std::make_shared<std::vector<Position>>(static_cast<size_t>(threads));
  const auto walk = [positions, arrays](int thread, int64_t amount, const auto& process) {
    auto& position = (*positions)[static_cast<size_t>(thread)];
    for (int64_t i = 0; i < amount; ++i) {
      process(position.block * kDramBlock);
      if (++position.block == arrays.bytes / kDramBlock) position.block = 0;
    }
  };
  LevelContestants both;
  both.read.perUnit = both.triad.perUnit = 3.0 * static_cast<double>(kDramBlock);
  both.read.work = [&buffers, read = kernels.read, arrays, walk](int thread, int64_t amount) {
    walk(thread, amount, [&](int64_t offset) {
      for (int64_t array = 0; array < 3; ++array) {
        read(buffers.of(thread) + array * arrays.stride + offset, kDramBlock, 1);
      }
    });
  };
  both.triad.work = [&buffers, triad = kernels.triad, arrays, walk](int thread, int64_t amount) {
    walk(thread, amount, [&](int64_t offset) {
      const auto at = [&](int64_t array) { return floatsAt(buffers, thread, array * arrays.stride + offset); };
      triad(at(0), at(1), at(2), kDramBlock / 4, 1);
    });
  };
  return both;
}

}  // namespace

int64_t bufferBytes(const LevelPlan& plan) { return std::max(plan.bytesPerThread, 3 * arraysOf(plan).stride); }

Result<ThreadBuffers> ThreadBuffers::create(Team& team, int64_t bytesPerThread, const StopFlag& stop) {
  ThreadBuffers all;
  for (int thread = 0; thread < team.size(); ++thread) {
    auto buffer = MappedBuffer::create(static_cast<size_t>(bytesPerThread));
    if (!buffer) return passOn(buffer);
    all.m_buffers.push_back(std::move(*buffer));
  }
  // The kernel hands out zeroed pages, and zeros are normal numbers to every processor and stay zeros in the triad: one
  // store a page places it.
  team.run([&](int thread) {
    for (int64_t at = 0; at < bytesPerThread && !stop.requested(); at += kPage) {
      *reinterpret_cast<volatile char*>(all.of(thread) + at) = 0;
    }
  });
  if (auto go = stop.check(); !go) return passOn(go);
  return all;
}

LevelContestants levelContestants(const StreamKernels& kernels, const ThreadBuffers& buffers, const LevelPlan& plan,
                                  int threads) {
  if (plan.level == "DRAM") return dramContestants(kernels, buffers, plan, threads);
  const auto arrays = arraysOf(plan);
  LevelContestants both;
  both.read.perUnit = static_cast<double>(plan.bytesPerThread);
  both.read.work = [&buffers, read = kernels.read, bytes = plan.bytesPerThread](int thread, int64_t amount) {
    read(buffers.of(thread), bytes, amount);
  };
  both.triad.perUnit = 3.0 * static_cast<double>(arrays.bytes);
  both.triad.work = [&buffers, triad = kernels.triad, arrays](int thread, int64_t amount) {
    const auto at = [&](int64_t array) { return floatsAt(buffers, thread, array * arrays.stride); };
    triad(at(0), at(1), at(2), arrays.bytes / 4, amount);
  };
  return both;
}

}  // namespace ridgeline::cpu
