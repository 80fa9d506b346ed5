// Events of several runs to one row an operator.
#include "collector/operator_times.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::collector;
using engine::NodeEvent;
using engine::ObservedRun;

namespace {

NodeEvent event(const char* name, int64_t index, int64_t start, int64_t duration, int depth = 0) {
  NodeEvent e;
  e.name = name;
  e.nodeIndex = index;
  e.opType = "Op";
  e.startNs = start;
  e.durationNs = duration;
  e.depth = depth;
  return e;
}

ObservedRun run(std::vector<NodeEvent> events, int64_t duration = 0) {
  ObservedRun r;
  r.events = std::move(events);
  r.durationNs = duration;
  return r;
}

}  // namespace

TEST_CASE("an operator's time includes its dispatch, but not what lies before the first") {
  const std::vector<ObservedRun> runs = {run({event("a", 0, 100, 50), event("b", 1, 160, 30)})};
  const auto operators = operatorsOf(runs);
  REQUIRE(operators.size() == 2);
  CHECK(operators[0].timeNs == 50);
  CHECK(operators[1].timeNs == 40);
}

TEST_CASE("operators come in order of execution, whatever the order of the events") {
  const std::vector<ObservedRun> runs = {run({event("b", 1, 200, 10), event("a", 0, 100, 10)})};
  const auto operators = operatorsOf(runs);
  REQUIRE(operators.size() == 2);
  CHECK(operators[0].name == "a");
  CHECK(operators[1].name == "b");
}

TEST_CASE("times are medians over runs that add up to the median run") {
  // Each run is disturbed by 90 ns in another operator: every median is 10, and no run took less than 120.
  std::vector<ObservedRun> runs;
  for (int disturbed = 0; disturbed < 3; ++disturbed) {
    std::vector<NodeEvent> events;
    int64_t at = 0;
    for (int i = 0; i < 3; ++i) {
      const int64_t duration = i == disturbed ? 100 : 10;
      events.push_back(event(i == 0 ? "a" : i == 1 ? "b" : "c", i, at, duration));
      at += duration;
    }
    runs.push_back(run(std::move(events), at));
  }
  const auto operators = operatorsOf(runs);
  REQUIRE(operators.size() == 3);
  for (const auto& op : operators) CHECK(op.timeNs == Approx(40));
}

TEST_CASE("several calls in a run are one operator; an operator that did not run counts nothing there") {
  const std::vector<ObservedRun> runs = {
      run({event("loop", 0, 0, 100), event("body", 5, 10, 20, 1), event("body", 5, 40, 30, 1)}),
      run({event("loop", 0, 0, 100), event("body", 5, 10, 20, 1), event("body", 5, 40, 30, 1),
           event("rare", 9, 70, 8, 1)}),
      run({event("loop", 0, 0, 100), event("body", 5, 10, 20, 1), event("body", 5, 40, 30, 1)})};
  const auto operators = operatorsOf(runs);
  REQUIRE(operators.size() == 3);
  CHECK(operators[0].callsPerRun == 1);
  CHECK(operators[1].name == "body");
  CHECK(operators[1].depth == 1);
  CHECK(operators[1].callsPerRun == 2);
  CHECK(operators[1].timeNs == 50);
  CHECK(operators[2].name == "rare");
  CHECK(operators[2].callsPerRun == Approx(1.0 / 3));
  CHECK(operators[2].timeNs == 0);
}

TEST_CASE("nodes without a name are told apart by their place") {
  const std::vector<ObservedRun> runs = {run({event("", 0, 0, 10), event("", 1, 10, 20)})};
  CHECK(operatorsOf(runs).size() == 2);
}

TEST_CASE("operators that overlap are not charged for gaps") {
  const std::vector<ObservedRun> runs = {run({event("a", 0, 0, 100), event("b", 1, 50, 20), event("c", 2, 110, 5)})};
  const auto operators = operatorsOf(runs);
  REQUIRE(operators.size() == 3);
  CHECK(operators[1].timeNs == 20);
  CHECK(operators[2].timeNs == 15);
}

TEST_CASE("no events, no operators") {
  const std::vector<ObservedRun> runs = {run({})};
  CHECK(operatorsOf(runs).empty());
}

TEST_CASE("the typical run has the median duration") {
  const std::vector<ObservedRun> odd = {run({}, 30), run({}, 10), run({}, 20)};
  CHECK(typicalRun(odd) == 2);
  const std::vector<ObservedRun> even = {run({}, 40), run({}, 30), run({}, 10), run({}, 20)};
  CHECK(typicalRun(even) == 3);
}
