// cudaMalloc and cudaFree wait for the whole device.
#include "advisor/source/checks/launch_loops.h"

namespace ridgeline::source {
namespace {

class AllocationInLoop : public CudaCheck {
 public:
  CheckInfo info() const override {
    return {"gpu-allocation-in-loop", Kind::Transfer, "Device memory is allocated in every round of a loop", false};
  }

  void run(const CheckInput& in, std::vector<Finding>& found) const override {
    std::set<const Loop*> told;
    for (const auto& place : callsInLoops(
             in, {"cudaMalloc", "cudaMallocManaged", "cudaFree", "cudaMallocHost", "cudaHostAlloc", "cudaFreeHost"})) {
      // A loop that only allocates, or only frees, sets up an array of buffers.
      if (!launchesKernels(in, *place.loop) || !told.insert(place.loop).second) continue;
      auto made = finding(in, place.function, place.call->getSourceRange(),
                          fmt::format("{} is called in every round of the loop", place.name));
      made.evidence.push_back(
          "it waits for the device; memory that is kept, or taken from a pool with "
          "cudaMallocAsync, does not");
      made.weight = 2;
      made.gainFraction = 0.3;
      found.push_back(std::move(made));
    }
  }
};

}  // namespace

const Check& allocationInLoop() {
  static const AllocationInLoop check;
  return check;
}

}  // namespace ridgeline::source
