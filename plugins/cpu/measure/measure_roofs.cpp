#include "base/clock.h"
#include "base/units.h"
#include "plugins/cpu/detect/topology.h"
#include "plugins/cpu/kernels/kernels.h"
#include "plugins/cpu/measure/bandwidth.h"
#include "plugins/cpu/measure/capacity.h"
#include "plugins/cpu/measure/contest.h"
#include "plugins/cpu/measure/levels.h"
#include "plugins/cpu/roofs.h"

#include <algorithm>

namespace ridgeline::cpu {
namespace {

constexpr int kMostThreads = 4096;
// For everything but the capacity of the last-level cache, which takes some tenths of a second more.
constexpr double kSeconds = 6, kLeastSeconds = 2;

// What is measured, and what it will be called.
struct Entrants {
  std::vector<Roof> roofs;  // value, spread and the end of `how` are filled in afterwards
  std::vector<Contestant> contestants;

  void add(Roof roof, Contestant contestant) {
    roofs.push_back(std::move(roof));
    contestants.push_back(std::move(contestant));
  }
};

void addCompute(Entrants& entrants, const Processor& processor, int threads) {
  for (const auto& kernel : computeKernels(processor)) {
    Roof roof;
    roof.kind = Roof::Kind::Compute;
    roof.what = roof.dtype = kernel.dtype;
    roof.threads = threads;
    roof.how = kernel.how;
    Contestant contestant;
    contestant.perUnit = 1024 * kernel.opsPerIteration;
    contestant.work = [run = kernel.run](int, int64_t amount) {
      const double result = run(1024 * amount);
      asm volatile("" : : "r,m"(result));
    };
    entrants.add(std::move(roof), std::move(contestant));
  }
}

void addBandwidth(Entrants& entrants, const StreamKernels& kernels, const ThreadBuffers& buffers,
                  const std::vector<LevelPlan>& plans, int threads) {
  for (const auto& plan : plans) {
    auto both = levelContestants(kernels, buffers, plan, threads);
    Roof roof;
    roof.kind = Roof::Kind::Bandwidth;
    roof.level = plan.level;
    roof.threads = threads;
    const auto size = formatBytes(static_cast<double>(plan.bytesPerThread));
    for (const bool triad : {false, true}) {
      roof.pattern = triad ? "triad" : "read";
      roof.what = plan.level + " " + roof.pattern;
      roof.how = fmt::format("{}, {} a thread{}", kernels.how, size, triad ? ", counted as STREAM does" : "");
      if (!plan.note.empty()) roof.how += ", " + plan.note;
      entrants.add(roof, triad ? std::move(both.triad) : std::move(both.read));
    }
  }
}

void fillIn(Roof& roof, const Contestant& contestant, double repetitionMs) {
  roof.value = contestant.best();
  roof.spread = contestant.spread();
  roof.how += fmt::format(", best of {} x {:g} ms", contestant.rates.size(), repetitionMs);
  const size_t quiet = contestant.undisturbedRounds();
  roof.disturbed = quiet < kFewRounds;
  if (roof.disturbed) roof.how += fmt::format("; the machine was busy, {} undisturbed", quiet);
}

// The fastest instruction of each data type is its roof.
std::vector<Roof> fastestPerKind(std::vector<Roof> roofs) {
  std::vector<Roof> kept;
  for (auto& roof : roofs) {
    const auto same =
        std::find_if(kept.begin(), kept.end(), [&](const Roof& other) { return other.what == roof.what; });
    if (same == kept.end()) {
      kept.push_back(std::move(roof));
    } else if (roof.value > same->value) {
      *same = std::move(roof);
    }
  }
  return kept;
}

std::vector<LogicalProcessor> placeThreads(int threads) {
  const auto order = placementOrder("/", allowedProcessors());
  std::vector<LogicalProcessor> placed;
  for (size_t i = 0; i < static_cast<size_t>(threads); ++i) placed.push_back(order[i % order.size()]);
  return placed;
}

double readRate(const std::vector<Roof>& roofs, std::string_view level) {
  for (const auto& roof : roofs) {
    if (roof.level == level && roof.pattern == "read") return roof.value;
  }
  return 0;
}

void addCapacity(std::vector<Roof>& roofs, Team& team, const StreamKernels& kernels, const ThreadBuffers& buffers,
                 const std::vector<LevelPlan>& plans, const StopFlag& stop) {
  for (const auto& plan : plans) {
    if (plan.level != "L3") continue;
    const int64_t capacity = usableCapacity(team, kernels, buffers,
                                            {plan.shareBytes, plan.bytesPerThread, plans.back().bytesPerThread,
                                             readRate(roofs, "L3"), readRate(roofs, "DRAM")},
                                            stop);
    for (auto& roof : roofs) {
      if (roof.level == plan.level) roof.capacityBytes = capacity;
    }
  }
}

}  // namespace

Result<std::vector<Roof>> measureRoofs(const Processor& processor, int threads, Job job) {
  if (threads < 1 || threads > kMostThreads) {
    return fail(ErrorCode::Usage, fmt::format("cannot measure roofs with {} threads", threads), "give 1 or more");
  }
  const Stopwatch watch;
  job.progress.phase("measure roofs");
  const auto placed = placeThreads(threads);
  const auto plans = planLevels(processor.caches, placed, availableMemory("/"));
  int64_t bytes = 0;
  for (const auto& plan : plans) bytes = std::max(bytes, bufferBytes(plan));

  std::vector<int> ids;
  for (const auto& logical : placed) ids.push_back(logical.id);
  const auto team = Team::create(ids);
  if (!team) return tl::unexpected<Error>(team.error());
  const auto buffers = ThreadBuffers::create(**team, bytes, job.stop);
  if (!buffers) return tl::unexpected<Error>(buffers.error());

  Entrants entrants;
  const auto kernels = streamKernels(processor);
  addCompute(entrants, processor, threads);
  addBandwidth(entrants, kernels, *buffers, plans, threads);
  ContestLimits limits;
  limits.seconds = std::max(kLeastSeconds, kSeconds - watch.seconds());
  if (auto held = holdContest(**team, entrants.contestants, limits, job); !held) return passOn(held);
  for (size_t i = 0; i < entrants.roofs.size(); ++i) {
    fillIn(entrants.roofs[i], entrants.contestants[i], limits.repetitionMs);
  }
  auto roofs = fastestPerKind(std::move(entrants.roofs));
  addCapacity(roofs, **team, kernels, *buffers, plans, job.stop);
  if (auto go = job.stop.check(); !go) return passOn(go);
  return roofs;
}

}  // namespace ridgeline::cpu
