#include "advisor/calibration.h"
#include "advisor/preflight.h"
#include "advisor/rules/longest_path.h"
#include "advisor/rules/tune_engine.h"
#include "engine/settings.h"
#include "tests/advisor/support/equivalence.h"

#include <catch2/catch.hpp>

#include <set>

using namespace ridgeline;
using namespace ridgeline::test;

namespace {

const auto rule = advisor::makeTuneEngineRule();

// Two products that do not wait for each other, and their sum.
graph::Model twoBranches() {
  return Sketch()
      .input("x", {4, 8})
      .output("y")
      .weight("a", randomTensor({8, 8}, 1))
      .weight("b", randomTensor({8, 8}, 2))
      .node("MatMul", {"x", "a"}, {"left"})
      .node("MatMul", {"x", "b"}, {"right"})
      .node("Add", {"left", "right"}, {"y"})
      .model();
}

const advisor::NodeTimes kTimes{{"left", 1}, {"right", 1}, {"y", 0.2}};

// What was proposed, and what was looked at and left.
std::set<std::string> consideredBy(const Rewritten& result) {
  std::set<std::string> names;
  for (const auto& o : result.opportunities) names.insert(o.variant);
  for (const auto& m : result.nearMisses) names.insert(m.why.substr(0, m.why.find(':')));
  return names;
}

engine::Settings appliedTo(const engine::Settings& before, const std::string& variant) {
  auto model = twoBranches();
  engine::keepSettings(model, before);
  advisor::Opportunity o;
  o.variant = variant;
  graph::Graph graph(model);
  engine::ShapeMap shapes;
  advisor::KernelTimes kernels(2);
  advisor::Calibration calibration({}, true, 2);
  const advisor::Subject subject{.model = model,
                                 .shapes = shapes,
                                 .times = kTimes,
                                 .threads = 2,
                                 .kernels = kernels,
                                 .calibration = calibration,
                                 .job = quietJob()};
  const auto changed = rule->apply(graph, o, subject);
  REQUIRE(changed);
  CHECK(*changed == 1);
  return engine::settingsIn(model);
}

}  // namespace

TEST_CASE("tune-engine looks at every setting, and proposes those a short look finds faster") {
  const auto result = rewrite(*rule, twoBranches(), {.times = kTimes, .threads = 2, .lookSeconds = 60}, "none");
  CHECK(consideredBy(result) == std::set<std::string>{"1-thread", "no-arena", "no-memory-pattern", "no-prepacking",
                                                      "no-spinning", "side-by-side"});
  for (const auto& o : result.opportunities) {
    CHECK(o.predictedGainMs > 0);
    CHECK_THAT(o.evidence.front(), Catch::StartsWith("a short look: "));
  }
  for (const auto& m : result.nearMisses) CHECK_THAT(m.why, Catch::Contains("a short look: "));
}

TEST_CASE("tune-engine leaves out what cannot help") {
  SECTION("one thread has nothing to share and no one to wait") {
    const auto result = rewrite(*rule, twoBranches(), {.times = kTimes, .threads = 1, .lookSeconds = 60}, "none");
    CHECK(consideredBy(result) == std::set<std::string>{"no-arena", "no-memory-pattern", "no-prepacking"});
  }
  SECTION("operators that wait for each other do not run side by side") {
    const advisor::NodeTimes chain{{"left", 1}, {"right", 0.01}, {"y", 1}};
    const auto result = rewrite(*rule, twoBranches(), {.times = chain, .threads = 2, .lookSeconds = 60}, "none");
    CHECK_FALSE(consideredBy(result).contains("side-by-side"));
  }
  SECTION("settings the model has already") {
    auto model = twoBranches();
    engine::keepSettings(model, {.threads = 1, .arena = false});
    const auto result = rewrite(*rule, model, {.times = kTimes, .threads = 2, .lookSeconds = 60}, "none");
    CHECK(consideredBy(result) == std::set<std::string>{"no-memory-pattern", "no-prepacking"});
  }
  SECTION("without time to look, nothing is known") { requireNothing(*rule, twoBranches(), {.times = kTimes}); }
}

TEST_CASE("tune-engine adds a setting to those the model has") {
  CHECK(appliedTo({}, "1-thread") == engine::Settings{.threads = 1});
  CHECK(appliedTo({}, "no-spinning") == engine::Settings{.spinning = false});
  CHECK(appliedTo({}, "side-by-side") == engine::Settings{.parallel = true});
  CHECK(appliedTo({.spinning = false}, "no-memory-pattern") ==
        engine::Settings{.spinning = false, .memoryPattern = false});
  CHECK(appliedTo({.spinning = false}, "no-arena") == engine::Settings{.spinning = false, .arena = false});
  CHECK(appliedTo({.spinning = false}, "no-prepacking") == engine::Settings{.spinning = false, .prepacking = false});
}

TEST_CASE("the longest path is what operators side by side cannot shorten") {
  auto model = twoBranches();
  graph::Graph graph(model);
  CHECK(advisor::shareOfLongestPath(graph, kTimes) == Approx(1.2 / 2.2));
  CHECK(advisor::shareOfLongestPath(graph, {}) == 1);
}
