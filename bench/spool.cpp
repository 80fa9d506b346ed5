// How fast kernel records go through a spool into a profile: a generator stands in for the device.
//   bench_spool [MILLIONS] [calls]      default 10; with "calls" each of them is launched by a call that is recorded,
//   too
#include "base/clock.h"
#include "base/files.h"
#include "collector/launch/spool_folder.h"
#include "collector/launch/spool_rows.h"
#include "profile/profile.h"

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>

#define RIDGELINE_SPOOL_IMPLEMENTATION
#include "plugins/sdk/ridgeline_spool.h"

namespace {

using namespace ridgeline;

// As a network runs: a few dozen kernels in turn on two streams.
void generate(RidgelineSpool* spool, int64_t count, bool calls) {
  auto device = RIDGELINE_INIT(RidgelineDevice);
  device.id = "0", device.name = "Generator", device.kind = "gpu";
  ridgeline_spool_record(spool, RIDGELINE_RECORD_DEVICE, &device);
  auto track = RIDGELINE_INIT(RidgelineTrack);
  track.kind = RIDGELINE_STREAM, track.device = "0";
  for (track.track = 1; track.track <= 2; ++track.track) {
    track.name = track.track == 1 ? "stream 1" : "stream 2";
    ridgeline_spool_record(spool, RIDGELINE_RECORD_TRACK, &track);
  }
  std::vector<std::string> names;
  for (int i = 0; i < 40; ++i)
    names.push_back("void network::layer_" + std::to_string(i) + "<float, 128, 128>(float*, float const*, int)");
  auto kernel = RIDGELINE_INIT(RidgelineKernel);
  kernel.block[0] = 256, kernel.block[1] = kernel.block[2] = kernel.grid[1] = kernel.grid[2] = 1, kernel.registers = 64;
  auto thread = RIDGELINE_INIT(RidgelineTrack);
  thread.track = 3, thread.name = "thread 1", thread.kind = RIDGELINE_THREAD, thread.thread = 1;
  if (calls) ridgeline_spool_record(spool, RIDGELINE_RECORD_TRACK, &thread);
  auto call = RIDGELINE_INIT(RidgelineSpan);
  call.track = 3, call.name = "cudaLaunchKernel", call.domain = "runtime", call.kind = RIDGELINE_CALL;
  int64_t now = ridgeline_spool_now();
  for (int64_t i = 0; i < count; ++i) {
    const auto layer = static_cast<size_t>(i % 40);
    kernel.track = 1 + static_cast<uint64_t>(i % 2);
    kernel.name = names[layer].c_str();
    kernel.grid[0] = static_cast<uint32_t>(16 << (layer % 8));
    kernel.correlation = static_cast<uint64_t>(i + 1);
    kernel.start_ns = now, kernel.end_ns = now += 5000;
    ridgeline_spool_record(spool, RIDGELINE_RECORD_KERNEL, &kernel);
    if (!calls) continue;
    call.correlation = kernel.correlation;
    call.start_ns = kernel.start_ns - 2000, call.end_ns = kernel.start_ns - 1000;
    ridgeline_spool_record(spool, RIDGELINE_RECORD_SPAN, &call);
  }
}

double megabytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace

int main(int argc, char** argv) {
  const int64_t count = (argc > 1 ? std::atoll(argv[1]) : 10) * 1'000'000;
  auto folder = TemporaryFolder::create("bench");
  if (!folder) return 4;
  ::setenv(RIDGELINE_SPOOL_VARIABLE, folder->path().c_str(), 1);
  auto* spool = ridgeline_spool_open("bench");
  Stopwatch watch;
  generate(spool, count, argc > 2 && std::string(argv[2]) == "calls");
  ridgeline_spool_close(spool);
  const double spooling = watch.seconds();
  std::printf("spooled  %lld kernels in %.2f s: %.2f million a second\n", static_cast<long long>(count), spooling,
              static_cast<double>(count) * 1e-6 / spooling);

  auto profile = profile::Profile::create(folder->path() / "out.ridge");
  if (!profile) return 4;
  watch.restart();
  auto totals = collector::writeSpools(*profile, collector::listSpools(folder->path()), {}, quietJob());
  if (!totals || totals->kernels != count) {
    std::fprintf(stderr, "%s\n", totals ? "records are missing" : totals.error().text().c_str());
    return 1;
  }
  const double ingesting = watch.seconds();
  std::printf("ingested %lld kernels in %.2f s: %.2f million a second, at most %.0f MB of memory\n",
              static_cast<long long>(count), ingesting, static_cast<double>(count) * 1e-6 / ingesting, megabytes());
  return 0;
}
