// Observing real runs: what is executed, how long it takes, and which nodes it stands for.
#include "collector/observe.h"
#include "engine/inputs.h"
#include "tests/collector/fixture.h"
#include "tests/graph/build.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace ridgeline;
using namespace ridgeline::collector;
using namespace ridgeline::collector::test;

namespace {

Observation observed(const graph::Model& model, const engine::NamedTensors& inputs, int threads = 1) {
  const auto shapes = engine::probeShapes(model, inputs, threads);
  REQUIRE(shapes);
  auto observation = observe(model, inputs, *shapes, {.threads = threads, .maxRuns = 12, .seconds = 3}, quietJob());
  REQUIRE(observation);
  return std::move(*observation);
}

double operatorSum(const Observation& o) {
  double ms = 0;
  for (const auto& op : o.operators) ms += op.depth == 0 ? op.timeNs * 1e-6 : 0;
  return ms;
}

double nodeSum(const Observation& o) {
  double ms = 0;
  for (const auto& [id, time] : o.nodeMs) ms += time;
  return ms;
}

int runs(const Observation& o, bool kind) {
  return static_cast<int>(
      std::count_if(o.runs.begin(), o.runs.end(), [&](const auto& r) { return r.observed == kind; }));
}

}  // namespace

TEST_CASE("operator times add up to the observed latency") {
  const Workplace workplace;
  const auto o = observed(twoProducts(512), {{"x", filled({64, 512}, 0.5f)}});
  CHECK(o.threads == 1);
  CHECK(runs(o, false) >= 5);
  CHECK(runs(o, true) >= 5);
  CHECK(o.lostEvents == 0);
  CHECK(o.untracedOperators == 0);
  CHECK(operatorSum(o) < 1.02 * o.observedLatencyMs);
  CHECK(operatorSum(o) > 0.85 * o.observedLatencyMs);
  CHECK(nodeSum(o) <= 1.001 * operatorSum(o));
  CHECK(nodeSum(o) > 0.7 * o.latencyMs);
}

TEST_CASE("every node of the file is found among the operators, with its work") {
  const Workplace workplace;
  const auto o = observed(twoProducts(64), {{"x", filled({4, 64}, 0.5f)}});
  std::multiset<std::string> sources;
  double flops = 0;
  for (const auto& op : o.operators) {
    sources.insert(op.sources.begin(), op.sources.end());
    INFO(op.name << " " << op.opType);
    REQUIRE(op.work);
    CHECK(op.callsPerRun == 1);
    CHECK(op.timeNs > 0);
    flops += op.work->work.flops;
    REQUIRE(op.workingSetBytes);
    CHECK(*op.workingSetBytes >= 4 * 64 * 4);
  }
  CHECK(sources == std::multiset<std::string>{"r", "xa", "y"});
  CHECK(flops == Approx(2 * 2.0 * 4 * 64 * 64).epsilon(0.01));
  CHECK(o.nodeMs.size() == 3);
}

TEST_CASE("nodes that the engine makes one operator of are told") {
  const Workplace workplace;
  auto model = graph::test::emptyModel();
  auto& graph = model.graphProto();
  graph::test::input(graph, "x", {1, 2, 8, 8});
  graph::test::output(graph, "y", {1, 2, 8, 8});
  graph::test::weight(graph, "w", {2, 2, 1, 1}, {1, 2, 3, 4});
  graph::test::weight(graph, "s", {2}, {1, 2});
  graph::test::weight(graph, "v", {2}, {3, 4});
  graph::test::node(graph, "Conv", {"x", "w"}, {"c"});
  graph::test::node(graph, "BatchNormalization", {"c", "s", "s", "s", "v"}, {"n"});
  graph::test::node(graph, "Sin", {"n"}, {"y"});
  const auto o = observed(model, {{"x", filled({1, 2, 8, 8}, 0.5f)}});
  REQUIRE(o.fusedNodes.size() == 2);
  CHECK(o.fusedNodes.at("c") == o.fusedNodes.at("n"));
  CHECK(o.operators.at(o.fusedNodes.at("c")).opType == "Conv");
}

TEST_CASE("the timeline is that of one observed run, in order") {
  const Workplace workplace;
  const auto o = observed(addThenMultiply(), {{"x", floats({2}, {1, 2})}, {"y", floats({2}, {3, 4})}});
  REQUIRE(o.typicalRun < o.runs.size());
  CHECK(o.runs[o.typicalRun].observed);
  CHECK(o.runs[o.typicalRun].durationNs == o.typical.durationNs);
  REQUIRE_FALSE(o.typical.events.empty());
  for (const auto& event : o.typical.events) {
    CHECK(event.startNs >= o.typical.startNs);
    CHECK(event.startNs + event.durationNs <= o.typical.startNs + o.typical.durationNs);
  }
  for (size_t i = 1; i < o.runs.size(); ++i)
    CHECK(o.runs[i].startNs >= o.runs[i - 1].startNs + o.runs[i - 1].durationNs);
}

TEST_CASE("operators inside a body are within the time of the one that holds them") {
  const Workplace workplace;
  Tensor choice(DataType::Bool, {});
  choice.bytes()[0] = std::byte{1};
  const auto o = observed(chooseByIf(), {{"choice", choice}, {"x", floats({3}, {1, 2, 3})}});
  const auto inner = std::find_if(o.operators.begin(), o.operators.end(), [](const auto& op) { return op.depth == 1; });
  const auto outer =
      std::find_if(o.operators.begin(), o.operators.end(), [](const auto& op) { return op.opType == "If"; });
  REQUIRE(inner != o.operators.end());
  REQUIRE(outer != o.operators.end());
  CHECK(inner->opType == "Add");
  CHECK(inner->sources.empty());
  REQUIRE(inner->work);
  CHECK(inner->work->work.flops == 3);
  CHECK_FALSE(outer->work);  // depends on the branch
  CHECK(inner->timeNs < outer->timeNs);
}

TEST_CASE("a stop between runs is honoured") {
  const Workplace workplace;
  const auto model = addThenMultiply();
  const engine::NamedTensors inputs = {{"x", floats({2}, {1, 2})}, {"y", floats({2}, {3, 4})}};
  const auto shapes = engine::probeShapes(model, inputs, 1);
  REQUIRE(shapes);
  Progress progress;
  StopFlag stop;
  stop.request();
  const auto o = observe(model, inputs, *shapes, {.threads = 1}, Job{progress, stop});
  REQUIRE_FALSE(o);
  CHECK(o.error().code == ErrorCode::Interrupted);
}

TEST_CASE("inputs that do not fit are bad input") {
  const Workplace workplace;
  const auto o = observe(addThenMultiply(), {{"x", floats({2}, {1, 2})}}, {}, {.threads = 1}, quietJob());
  REQUIRE_FALSE(o);
  CHECK(o.error().code == ErrorCode::BadInput);
}
