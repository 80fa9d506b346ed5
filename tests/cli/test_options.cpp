#include "base/units.h"
#include "cli/commands/command.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace ridgeline;

namespace {

bool holds(const std::vector<std::string>& command, const std::vector<std::string>& part) {
  return std::ranges::search(command, part).begin() != command.end();
}

}  // namespace

TEST_CASE("memory is measured in a process that runs the model as the verb was told to") {
  cli::ModelOptions options;
  options.shapes = {"T=128", "x=1x3"};
  options.inputs = "samples";
  options.threads = 3;
  const auto command = cli::memoryProbe(options);
  REQUIRE(command.size() > 2);
  CHECK(command[1] == "run-once");
  CHECK(holds(command, {"--shape", "T=128"}));
  CHECK(holds(command, {"--shape", "x=1x3"}));
  CHECK(holds(command, {"--inputs", "samples"}));
  CHECK(holds(command, {"--threads", "3"}));

  const auto plain = cli::memoryProbe({});
  CHECK(plain.size() == 2);
}

TEST_CASE("a limit is what was given, in the unit of its target, and absent without") {
  std::optional<double> latencyMs, bytes;
  CLI::App app;
  cli::addLimit(app, "--max-latency", latencyMs, parseDuration, 1e3, "");
  cli::addLimit(app, "--max-memory", bytes, parseBytes, 1, "");
  app.parse("--max-latency 5ms");
  CHECK(latencyMs == 5);
  CHECK_FALSE(bytes.has_value());
  CHECK_THROWS_AS(app.parse("--max-memory much"), CLI::ValidationError);
}
