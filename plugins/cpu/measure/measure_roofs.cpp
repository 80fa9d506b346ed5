#include "base/clock.h"
#include "base/units.h"
#include "plugins/cpu/detect/topology.h"
#include "plugins/cpu/kernels/kernels.h"
#include "plugins/cpu/measure/bandwidth.h"
#include "plugins/cpu/measure/contest.h"
#include "plugins/cpu/measure/levels.h"
#include "plugins/cpu/roofs.h"

#include <algorithm>

namespace ridgeline::cpu {
namespace {

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
  const int quiet = contestant.undisturbedRounds();
  if (quiet < 3) roof.how += fmt::format("; the machine was busy, {} undisturbed", quiet);
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

}  // namespace

Result<std::vector<Roof>> measureRoofs(const Processor& processor, int threads, Job job) {
  if (threads < 1 || threads > 4096) {
    return fail(ErrorCode::Usage, fmt::format("cannot measure roofs with {} threads", threads), "give 1 or more");
  }
  job.progress.phase("measure roofs");
  const auto order = placementOrder("/", allowedProcessors());
  std::vector<LogicalProcessor> placed;
  std::vector<int> ids;
  for (int i = 0; i < threads; ++i) {
    placed.push_back(order[static_cast<size_t>(i) % order.size()]);
    ids.push_back(placed.back().id);
  }
  const auto plans = planLevels(processor.caches, placed, availableMemory("/"));
  int64_t bytes = 0;
  for (const auto& plan : plans) bytes = std::max(bytes, bufferBytes(plan));

  auto team = Team::create(ids);
  if (!team) return passOn(team);
  const auto buffers = ThreadBuffers::create(**team, bytes, job.stop);
  if (!buffers) return tl::unexpected<Error>(buffers.error());

  Entrants entrants;
  addCompute(entrants, processor, threads);
  addBandwidth(entrants, streamKernels(processor), *buffers, plans, threads);
  const ContestLimits limits;
  if (auto held = holdContest(**team, entrants.contestants, limits, job); !held) return passOn(held);
  for (size_t i = 0; i < entrants.roofs.size(); ++i) {
    fillIn(entrants.roofs[i], entrants.contestants[i], limits.repetitionMs);
  }
  return fastestPerKind(std::move(entrants.roofs));
}

}  // namespace ridgeline::cpu
