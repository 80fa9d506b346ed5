#include "collector/observe.h"

#include "base/stats.h"
#include "collector/executed_work.h"
#include "collector/node_work.h"
#include "collector/operator_times.h"
#include "collector/run_schedule.h"
#include "engine/lineage.h"

#include <algorithm>

namespace ridgeline::collector {
namespace {

struct Sessions {
  engine::Session plain, observable;
};

// The plain session is what a user gets: no observation, no other options than asked for. The observable one stops its
// threads between runs, so that the plain one finds the processors free.
Result<Sessions> openSessions(const graph::Model& model, const engine::NamedTensors& inputs,
                              const ObserveOptions& options, Job job) {
  auto plain = engine::Session::create(model, {.threads = options.threads, .settings = options.settings});
  if (!plain) return passOn(plain);
  if (auto bound = plain->bind(inputs); !bound) return passOn(bound);
  if (auto go = job.stop.check(); !go) return passOn(go);
  auto observable = engine::Session::create(
      model, {.threads = options.threads, .settings = options.settings, .observable = true, .quietBetweenRuns = true});
  if (!observable) return passOn(observable);
  if (auto bound = observable->bind(inputs); !bound) return passOn(bound);
  return Sessions{std::move(*plain), std::move(*observable)};
}

double medianMs(const std::vector<TimedRun>& runs, bool observed) {
  std::vector<double> ms;
  for (const auto& run : runs) {
    if (run.observed == observed) ms.push_back(static_cast<double>(run.durationNs) * 1e-6);
  }
  return median(ms);
}

// What observing adds to one call of an operator. No more than what the shortest calls take altogether: a machine that
// was busier during the observed runs must not make operators vanish.
double observingNs(const Observation& observation) {
  double calls = 0;
  std::vector<double> perCall;
  for (const auto& op : observation.operators) {
    if (op.depth > 0 || op.callsPerRun <= 0) continue;
    calls += op.callsPerRun;
    perCall.push_back(op.timeNs / op.callsPerRun);
  }
  if (perCall.empty()) return 0;
  const double added = (observation.observedLatencyMs - observation.latencyMs) * 1e6 / calls;
  return std::clamp(added, 0.0, quantile(perCall, 0.05));
}

void divideAmongNodes(const NodeGroups& groups, Observation& observation) {
  const double observing = observingNs(observation);
  for (size_t number = 0; number < observation.operators.size(); ++number) {
    const auto& op = observation.operators[number];
    if (op.depth > 0) continue;
    for (const auto& node : op.sources) {
      if (op.sources.size() > 1) observation.fusedNodes.emplace(node, number);
    }
    const double ms = std::max(0.0, op.timeNs - observing * op.callsPerRun) * 1e-6;
    const auto shares = groups.shares(op.sources);
    for (size_t i = 0; i < shares.size(); ++i) observation.nodeMs[op.sources[i]] += ms * shares[i];
  }
}

}  // namespace

Result<Observation> observe(const graph::Model& model, const engine::NamedTensors& inputs,
                            const engine::ShapeMap& shapes, const ObserveOptions& options, Job job) {
  auto sessions = openSessions(model, inputs, options, job);
  if (!sessions) return passOn(sessions);
  auto log = runInTurns(sessions->plain, sessions->observable, options, job);
  if (!log) return passOn(log);
  const auto optimized = sessions->observable.optimizedModel();
  if (!optimized) return tl::unexpected<Error>(optimized.error());
  const auto lineage = engine::traceLineage(model, *optimized);

  Observation observation;
  observation.threads = sessions->plain.threads();
  observation.runs = std::move(log->runs);
  observation.latencyMs = medianMs(observation.runs, false);
  observation.observedLatencyMs = medianMs(observation.runs, true);
  observation.untracedOperators = lineage.unmatched;
  for (const auto& run : log->observed) observation.lostEvents += run.lost;
  observation.operators = operatorsOf(log->observed);

  const auto works = nodeWorks(model, shapes);
  describeOperators({model, *optimized, lineage, shapes, works}, observation.operators);
  divideAmongNodes(NodeGroups(model, shapes, works), observation);

  const size_t typical = typicalRun(log->observed);
  observation.typical = std::move(log->observed[typical]);
  observation.typicalRun = log->observedIndex[typical];
  return observation;
}

}  // namespace ridgeline::collector
