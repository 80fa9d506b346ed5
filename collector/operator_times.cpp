#include "collector/operator_times.h"

#include "base/stats.h"

#include <algorithm>
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

}  // namespace

std::vector<ExecutedOperator> operatorsOf(std::span<const engine::ObservedRun> runs) {
  std::vector<ExecutedOperator> operators;
  std::vector<std::vector<double>> times;  // by operator, then run
  std::vector<double> calls;               // over all runs
  std::map<Key, size_t> index;
  for (size_t r = 0; r < runs.size(); ++r) {
    for (const auto* event : byStart(runs[r])) {
      const auto [found, isNew] = index.emplace(keyOf(*event), operators.size());
      if (isNew) {
        operators.push_back(firstSeen(*event));
        times.emplace_back(runs.size(), 0.0);
        calls.push_back(0);
      }
      calls[found->second] += 1;
      times[found->second][r] += static_cast<double>(event->durationNs);
    }
  }
  for (size_t i = 0; i < operators.size(); ++i) {
    operators[i].callsPerRun = calls[i] / static_cast<double>(runs.size());
    operators[i].timeNs = median(times[i]);
    operators[i].timeMadNs = robustSigma(times[i]);
  }
  return operators;
}

bool isOf(const ExecutedOperator& op, const engine::NodeEvent& event) {
  return op.nodeIndex == event.nodeIndex && op.depth == event.depth && op.name == event.name;
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
