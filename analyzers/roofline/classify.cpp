#include "analyzers/roofline/classify.h"

#include "base/stats.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ridgeline::analyzers {
namespace {

using profile::Bound;
using profile::Classification;
using profile::Operator;
using profile::Work;

// Roofs drift by about 10 % from one measurement to the next, each in its own direction.
constexpr double kRidgeTolerance = 0.2;
// Up to this many operations per byte no device is bound by arithmetic, whatever its type: vector units do more of the
// one-byte types than any memory delivers, the first cache included.
constexpr double kNegligibleIntensity = 0.5;
// An operator with less to do than this does next to nothing: its time is the dispatch.
constexpr double kNoWorkNs = 200;
constexpr double kUsualDispatchNs = 5e3;
constexpr double kHighestDispatchNs = 20e3;
constexpr size_t kEnoughSamples = 3;

struct RoofTimes {
  double compute = 0, memory = 0;  // ns
  std::string level;
  double spread = 0;  // of the roofs that gave them
  double longest() const { return std::max(compute, memory); }
};

double workingSetOf(const Operator& op, double calls) { return op.workingSetBytes.value_or(op.work->bytes() / calls); }

bool computeTime(const Work& work, const Ceilings& ceilings, RoofTimes& times) {
  if (work.operations() <= 0) return true;
  if (const auto ceiling = ceilings.computeFor(work.computeType)) {
    times.compute = work.operations() / ceiling->value * 1e9;
    times.spread += ceiling->spread;
    return true;
  }
  return work.operations() <= kNegligibleIntensity * work.bytes();
}

bool memoryTime(const Operator& op, double calls, const Ceilings& ceilings, double footprint, RoofTimes& times) {
  const Work& work = *op.work;
  if (work.bytes() <= 0) return true;
  const auto* level = ceilings.levelFor(workingSetOf(op, calls));
  if (level == nullptr) return false;
  times.memory = work.bytes() / level->bandwidth(work.bytesWritten / work.bytes()) * 1e9;
  const auto* weightLevel = ceilings.levelFor(footprint);
  if (work.constantBytes > 0 && weightLevel != nullptr) {
    const double weights = work.constantBytes / weightLevel->bandwidth(0) * 1e9;
    if (weights > times.memory) {
      times.memory = weights;
      level = weightLevel;
    }
  }
  times.level = level->name;
  times.spread += level->spread;
  return true;
}

std::optional<RoofTimes> roofTimes(const Operator& op, const Ceilings& ceilings, double footprint) {
  if (!op.work) return std::nullopt;
  RoofTimes times;
  const double calls = std::max(1.0, op.callsPerRun);
  if (!computeTime(*op.work, ceilings, times)) return std::nullopt;
  if (!memoryTime(op, calls, ceilings, footprint, times)) return std::nullopt;
  return times;
}

// Mostly dispatch: there is nothing to do; or at least half of a call is the dispatch and at most half is work; or the
// call is short and next to nothing of it is work.
bool isOverhead(double callNs, double roofNs, double dispatchNs) {
  if (roofNs < kNoWorkNs && roofNs < 0.1 * callNs) return true;
  if (callNs <= 2 * dispatchNs) return roofNs <= 0.5 * callNs;
  return callNs <= std::max(4 * dispatchNs, kHighestDispatchNs) && roofNs < 0.1 * callNs;
}

Bound boundOf(const RoofTimes& times) {
  const double tolerance = 1 + std::max(kRidgeTolerance, times.spread);
  if (times.compute > tolerance * times.memory) return Bound::Compute;
  if (times.memory > tolerance * times.compute) return Bound::Memory;
  return Bound::Balanced;
}

}  // namespace

RunContext contextOf(std::span<const Operator> operators, const Ceilings& ceilings) {
  RunContext context;
  double largest = 0;
  for (const auto& op : operators) {
    if (!op.work) continue;
    const double calls = std::max(1.0, op.callsPerRun);
    context.footprintBytes += op.work->constantBytes / calls;
    largest = std::max(largest, workingSetOf(op, calls) - op.work->constantBytes / calls);
  }
  context.footprintBytes += largest;

  std::vector<double> idle, all;
  for (const auto& op : operators) {
    const double calls = std::max(1.0, op.callsPerRun);
    if (op.depth > 0 || op.timeNs <= 0) continue;
    all.push_back(op.timeNs / calls);
    const auto times = roofTimes(op, ceilings, context.footprintBytes);
    if (times && times->longest() / calls < kNoWorkNs) idle.push_back(op.timeNs / calls);
  }
  // A low quantile: some operators are slow for other reasons, none is faster than its dispatch.
  double dispatch = kUsualDispatchNs;
  if (idle.size() >= kEnoughSamples) {
    dispatch = quantile(idle, 0.25);
  } else if (!all.empty()) {
    dispatch = std::min(dispatch, quantile(all, 0.05));
  }
  context.dispatchNs = std::min(dispatch, kHighestDispatchNs);
  return context;
}

Classification classify(const Operator& op, const Ceilings& ceilings, const RunContext& context) {
  Classification c{.op = op.id};
  if (!op.work) return c;
  const Work& work = *op.work;
  if (work.bytes() > 0) c.intensity = work.operations() / work.bytes();
  if (op.timeNs > 0) {
    c.achievedOpsPerS = work.operations() / op.timeNs * 1e9;
    c.achievedBytesPerS = work.bytes() / op.timeNs * 1e9;
  }
  const auto times = roofTimes(op, ceilings, context.footprintBytes);
  if (!times) return c;
  const double roof = times->longest();
  c.roofTimeNs = roof;
  c.headroomNs = std::max(0.0, op.timeNs - roof);
  const double calls = std::max(1.0, op.callsPerRun);
  if (isOverhead(op.timeNs / calls, roof / calls, context.dispatchNs)) {
    c.bound = Bound::Overhead;
  } else {
    c.bound = boundOf(*times);
  }
  if (c.bound == Bound::Memory || c.bound == Bound::Balanced) c.level = times->level;
  return c;
}

}  // namespace ridgeline::analyzers
