#include "collector/operator_times.h"

#include "base/stats.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>

namespace ridgeline::collector {
namespace {

// Nodes may have no name, and a body's nodes may have names of the main graph's.
using Key = std::tuple<std::string, int64_t, int>;

Key keyOf(const engine::NodeEvent& event) { return {event.name, event.nodeIndex, event.depth}; }

std::vector<engine::TensorFacts> factsOf(const std::vector<engine::NodeEvent::Port>& ports) {
  std::vector<engine::TensorFacts> facts;
  for (const auto& port : ports) facts.push_back({port.type, port.dims});
  return facts;
}

ExecutedOperator firstSeen(const engine::NodeEvent& event) {
  ExecutedOperator op;
  op.name = event.name;
  op.opType = event.opType;
  op.provider = event.provider;
  op.nodeIndex = event.nodeIndex;
  op.depth = event.depth;
  op.inputs = factsOf(event.inputs);
  op.outputs = factsOf(event.outputs);
  return op;
}

// An operator that holds others begins before them, and comes first.
std::vector<const engine::NodeEvent*> byStart(const engine::ObservedRun& run) {
  std::vector<const engine::NodeEvent*> events;
  for (const auto& event : run.events) events.push_back(&event);
  std::stable_sort(events.begin(), events.end(), [](const auto* a, const auto* b) {
    return std::tie(a->startNs, a->depth) < std::tie(b->startNs, b->depth);
  });
  return events;
}

// One call, and the time the run spent on it.
struct Call {
  const engine::NodeEvent* event;
  double ns;
};

// An operator's dispatch is part of what it costs: at depth 0 the time since the operator before it counts as its own.
// What lies before the first and after the last is the run's, not an operator's.
std::vector<Call> callsOf(const engine::ObservedRun& run) {
  std::vector<Call> calls;
  int64_t previousEnd = std::numeric_limits<int64_t>::max();
  for (const auto* event : byStart(run)) {
    int64_t ns = event->durationNs;
    if (event->depth == 0) {
      const int64_t end = event->startNs + event->durationNs;
      ns += std::max<int64_t>(0, event->startNs - previousEnd);
      previousEnd = calls.empty() ? end : std::max(previousEnd, end);
    }
    calls.push_back({event, static_cast<double>(ns)});
  }
  return calls;
}

}  // namespace

std::vector<ExecutedOperator> operatorsOf(std::span<const engine::ObservedRun> runs) {
  std::vector<ExecutedOperator> operators;
  std::vector<std::vector<double>> times;  // by operator, then run
  std::vector<double> calls;               // over all runs
  std::vector<double> sums(runs.size());   // of depth 0, by run
  std::map<Key, size_t> index;
  for (size_t r = 0; r < runs.size(); ++r) {
    for (const auto& [event, ns] : callsOf(runs[r])) {
      const auto [found, isNew] = index.emplace(keyOf(*event), operators.size());
      if (isNew) {
        operators.push_back(firstSeen(*event));
        times.emplace_back(runs.size(), 0.0);
        calls.push_back(0);
      }
      calls[found->second] += 1;
      times[found->second][r] += ns;
      if (event->depth == 0) sums[r] += ns;
    }
  }
  double sum = 0;
  for (size_t i = 0; i < operators.size(); ++i) {
    operators[i].callsPerRun = calls[i] / static_cast<double>(runs.size());
    operators[i].timeNs = median(times[i]);
    operators[i].timeMadNs = robustSigma(times[i]);
    if (operators[i].depth == 0) sum += operators[i].timeNs;
  }
  const double factor = sum > 0 ? median(sums) / sum : 1;
  for (auto& op : operators) {
    op.timeNs *= factor;
    op.timeMadNs *= factor;
  }
  return operators;
}

size_t typicalRun(std::span<const engine::ObservedRun> runs) {
  std::vector<size_t> order(runs.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>((order.size() - 1) / 2);
  std::nth_element(order.begin(), middle, order.end(),
                   [&](size_t a, size_t b) { return runs[a].durationNs < runs[b].durationNs; });
  return *middle;
}

}  // namespace ridgeline::collector
