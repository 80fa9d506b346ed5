#include "advisor/check/config.h"
#include "advisor/check/gates.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::advisor;

TEST_CASE("limits come from all rules that fit, the later over the earlier") {
  const auto config = parseConfig(R"(
[check]
baseline = "baselines"
max_regression = "5%"
budget = "2m"

[cost]
price_per_hour = 0.36
currency = "EUR"
watts = 100

[[limit]]
max_memory = "500MB"
min_cosine = 0.99

[[limit]]
model = "resnet*.onnx"
device = "*EPYC*"
max_latency = "5ms"
max_memory = "200MB"
)",
                                  "ridgeline.toml");
  REQUIRE(config);
  CHECK(config->baseline == "baselines");
  CHECK(*config->maxRegression == Approx(0.05));
  CHECK(*config->budgetSeconds == 120);
  const auto fits = config->limitsFor("resnet50.onnx", "AMD EPYC 9654");
  CHECK(*fits.maxLatencyMs == Approx(5));
  CHECK(*fits.maxMemoryBytes == 200e6);
  CHECK(*fits.minCosine == 0.99);
  const auto other = config->limitsFor("bert.onnx", "AMD EPYC 9654");
  CHECK_FALSE(other.maxLatencyMs);
  CHECK(*other.maxMemoryBytes == 500e6);
}

TEST_CASE("what is wrong in a configuration is told in a line, with its place") {
  const auto errorOf = [](const std::string& text) {
    const auto config = parseConfig(text, "ridgeline.toml");
    REQUIRE_FALSE(config);
    CHECK(config.error().code == ErrorCode::BadInput);
    CHECK(config.error().text().find('\n') == std::string::npos);
    return config.error().text();
  };
  CHECK(errorOf("[check\n").find("no TOML") != std::string::npos);
  CHECK(errorOf("[[limit]]\nmax_latncy = \"5ms\"\n").find("max_latncy") != std::string::npos);
  CHECK(errorOf("[[limit]]\nmax_latency = 5\n").find("limit.max_latency") != std::string::npos);
  CHECK(errorOf("[[limit]]\nmax_latency = \"5 parsecs\"\n").find("limit.max_latency") != std::string::npos);
  CHECK(errorOf("[limit]\nmax_latency = \"5ms\"\n").find("[[limit]]") != std::string::npos);
  CHECK(errorOf("[chek]\n").find("chek") != std::string::npos);
  CHECK(errorOf("check = 3\n").find("no table") != std::string::npos);
  CHECK(errorOf("[[limit]]\nmin_cosine = \"high\"\n").find("number") != std::string::npos);
  CHECK(parseConfig("", "ridgeline.toml"));
  CHECK_FALSE(readConfig("no-such-file.toml"));
}

namespace {

const Gate& named(const std::vector<Gate>& gates, const std::string& name) {
  for (const auto& g : gates) {
    if (g.name == name) return g;
  }
  FAIL("no gate " << name);
  return gates.front();
}

}  // namespace

TEST_CASE("gates pass, fail, or say that they could not look") {
  const Facts facts{.latencyMs = 4,
                    .memoryBytes = 210e6,
                    .memoryBytesBefore = 200e6,
                    .modelBytes = 100e6,
                    .whyNoCosine = "other inputs"};
  const Limits limits{
      .maxLatencyMs = 5, .maxMemoryBytes = 205e6, .maxMemoryGrowth = 0.10, .maxModelGrowth = 0.01, .minCosine = 0.99};
  const auto gates = gatesOf(facts, limits, {});
  CHECK(named(gates, "latency_limit").state == GateState::Passed);
  CHECK(named(gates, "peak_memory").state == GateState::Failed);
  CHECK(named(gates, "memory_growth").state == GateState::Passed);
  CHECK(named(gates, "model_growth").state == GateState::Unknown);
  CHECK(named(gates, "model_size").state == GateState::Told);
  CHECK(named(gates, "output_cosine").state == GateState::Unknown);
  CHECK(named(gates, "output_cosine").text.find("other inputs") != std::string::npos);
}

TEST_CASE("cost and energy are those of one inference after another") {
  // 3.6 ms a run: a million take an hour.
  const auto gates = gatesOf({.latencyMs = 3.6}, {.maxCostPerMillion = 0.4, .maxKwhPerMillion = 0.05},
                             {.perHour = 0.36, .currency = "EUR", .watts = 100});
  CHECK(*named(gates, "cost_per_million").current == Approx(0.36));
  CHECK(named(gates, "cost_per_million").state == GateState::Passed);
  CHECK(*named(gates, "kwh_per_million").current == Approx(0.1));
  CHECK(named(gates, "kwh_per_million").state == GateState::Failed);
  CHECK(gatesOf({}, {}, {}).empty());
}
