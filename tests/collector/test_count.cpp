// Counters around each operator, by the cpu plugin that was built with us.
#include "collector/count_operators.h"
#include "collector/record.h"
#include "profile/profile.h"
#include "tests/collector/fixture.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>

using namespace ridgeline;
using namespace ridgeline::collector;
using namespace ridgeline::collector::test;

namespace {

engine::NamedTensors inputsOf(int64_t rows, int64_t width) { return {{"x", filled({rows, width}, 0.01f)}}; }

double valueOf(const CountedOperators& counted, const std::string& counter, const std::string& opName) {
  const auto which =
      std::find_if(counted.counters.begin(), counted.counters.end(), [&](const auto& c) { return c.name == counter; });
  double sum = 0;
  for (const auto& op : counted.operators) {
    if (op.name.find(opName) != std::string::npos)
      sum += op.values[static_cast<size_t>(which - counted.counters.begin())];
  }
  return sum;
}

bool has(const CountedOperators& counted, const std::string& counter) {
  return std::any_of(counted.counters.begin(), counted.counters.end(),
                     [&](const auto& c) { return c.name == counter; });
}

}  // namespace

TEST_CASE("what the kernel counts is counted around each operator, over all threads") {
  const auto model = twoProducts(512);
  for (const int threads : {1, 2}) {
    const auto counted = countOperators(model, inputsOf(256, 512), threads, {}, quietJob());
    REQUIRE(counted);
    if (!has(*counted, "task_clock")) {
      WARN("skipped: this machine counts nothing");
      return;
    }
    CHECK(counted->runs == 5);
    REQUIRE_FALSE(counted->operators.empty());
    // Two products of 256 x 512 x 512: at least a tenth of a millisecond of processor time on any machine, and less
    // than ten seconds.
    double total = 0;
    for (const auto& op : counted->operators) {
      REQUIRE(op.values.size() == counted->counters.size());
      for (const double v : op.values) CHECK(v >= 0);
    }
    total = valueOf(*counted, "task_clock", "");
    CHECK(total > 1e5);
    CHECK(total < 1e10);
  }
}

TEST_CASE("a recording keeps what was counted, by operator") {
  const Workplace workplace;
  RecordRequest request;
  request.model = workplace / "model.onnx";
  request.output = workplace / "model.ridge";
  request.threads = 1;
  request.seconds = 0.5;
  REQUIRE(twoProducts(128).save(request.model));
  const auto summary = recordModel(request, quietJob());
  REQUIRE(summary);
  auto profile = profile::Profile::open(request.output, profile::Profile::Mode::ReadOnly);
  REQUIRE(profile);
  const auto values = profile->query("SELECT COUNT(DISTINCT operator), COUNT(DISTINCT counter) FROM counter_value");
  const auto operators = profile->query("SELECT COUNT(*) FROM operator");
  REQUIRE(values);
  if (summary->counters.empty()) {
    CHECK(std::get<int64_t>(values->rows[0][0]) == 0);
    return;
  }
  CHECK(std::get<int64_t>(values->rows[0][0]) == std::get<int64_t>(operators->rows[0][0]));
  CHECK(std::get<int64_t>(values->rows[0][1]) == static_cast<int64_t>(summary->counters.size()));

  request.counting.off = true;
  REQUIRE(recordModel(request, quietJob()));
  auto without = profile::Profile::open(request.output, profile::Profile::Mode::ReadOnly);
  REQUIRE(without);
  CHECK(*without->count<profile::CounterValue>() == 0);
}

TEST_CASE("a machine without the plugin, or whose plugin is broken, records all the same") {
  const auto model = twoProducts(64);
  CountRequest request;
  request.plugins.folders = {"/no/such/folder"};
  const auto none = countOperators(model, inputsOf(4, 64), 1, request, quietJob());
  REQUIRE(none);
  CHECK(none->counters.empty());
  REQUIRE(none->notes.size() == 1);
  CHECK(none->notes[0].find("nothing was counted: the cpu plugin is not there") == 0);

  ::setenv("RIDGELINE_PLUGIN_HOST", "/no/such/program", 1);
  const auto noHelper = countOperators(model, inputsOf(4, 64), 1, {}, quietJob());
  ::unsetenv("RIDGELINE_PLUGIN_HOST");
  REQUIRE(noHelper);
  CHECK(noHelper->counters.empty());

  // Asked for by name, its absence is an error.
  request.counters = {"cycles"};
  CHECK_FALSE(countOperators(model, inputsOf(4, 64), 1, request, quietJob()));
  CountRequest unknown;
  unknown.counters = {"unicorns"};
  const auto refused = countOperators(model, inputsOf(4, 64), 1, unknown, quietJob());
  REQUIRE_FALSE(refused);
}
