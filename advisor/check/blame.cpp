#include "advisor/check/blame.h"

#include "base/clock.h"
#include "base/stats.h"
#include "collector/model_rows.h"
#include "collector/operator_times.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace ridgeline::advisor {
namespace {

constexpr int kFewestRounds = 5, kMostRounds = 60;

using Key = std::tuple<std::string, int64_t, int>;

Key keyOf(const collector::ExecutedOperator& op) { return {op.name, op.nodeIndex, op.depth}; }

std::string shapesOf(const collector::ExecutedOperator& op) {
  std::string text;
  for (const auto& tensor : op.inputs) {
    if (tensor.type == graph::DataType::Undefined) continue;
    text += (text.empty() ? "" : ", ") + collector::formatTensor(tensor.type, tensor.dims);
  }
  return text;
}

}  // namespace

std::vector<analyzers::DiffItem> itemsOf(const std::vector<engine::ObservedRun>& runs) {
  if (runs.empty()) return {};
  // All runs together say which operators there are; each alone what they took in it.
  std::vector<analyzers::DiffItem> items;
  std::map<Key, size_t> index;
  for (const auto& op : collector::operatorsOf(runs)) {
    if (op.depth > 0) continue;
    index.emplace(keyOf(op), items.size());
    items.push_back({.name = op.name, .type = op.opType, .shapes = shapesOf(op), .calls = op.callsPerRun});
    items.back().samplesMs.assign(runs.size(), 0);
  }
  for (size_t r = 0; r < runs.size(); ++r) {
    for (const auto& op : collector::operatorsOf({&runs[r], 1})) {
      if (const auto it = index.find(keyOf(op)); it != index.end()) items[it->second].samplesMs[r] = op.timeNs * 1e-6;
    }
  }
  for (auto& item : items) {
    item.timeMs = median(item.samplesMs);
    item.errorMs =
        1.2533 * robustSigma(item.samplesMs) / std::sqrt(static_cast<double>(std::max<size_t>(runs.size(), 1)));
  }
  return items;
}

Result<analyzers::ItemDiff> blameOperators(engine::Session& a, engine::Session& b, double maxSeconds, Job job) {
  const Stopwatch watch;
  std::vector<engine::ObservedRun> runsA, runsB;
  for (int round = -1; round < kMostRounds; ++round) {
    if (auto s = job.stop.check(); !s) return passOn(s);
    if (round >= kFewestRounds && watch.seconds() > maxSeconds) break;
    const bool aFirst = round % 2 == 0;
    for (const bool isA : {aFirst, !aFirst}) {
      auto run = (isA ? a : b).runObserved();
      if (!run) return passOn(run);
      if (round >= 0) (isA ? runsA : runsB).push_back(std::move(*run));  // the first round warms up
    }
  }
  return analyzers::compareItems(itemsOf(runsA), itemsOf(runsB), true);
}

}  // namespace ridgeline::advisor
