#include "advisor/check/energy.h"
#include "advisor/check/gates.h"
#include "base/files.h"

#include <catch2/catch.hpp>

#include <fstream>

using namespace ridgeline;
using namespace ridgeline::advisor;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& zone, const std::string& name, int64_t energy) {
  fs::create_directories(zone);
  std::ofstream(zone / "name") << name << "\n";
  std::ofstream(zone / "energy_uj") << energy << "\n";
  std::ofstream(zone / "max_energy_range_uj") << 1'000'000'000 << "\n";
}

}  // namespace

TEST_CASE("energy adds up over packages, without their parts, and over a counter's wrap") {
  auto folder = TemporaryFolder::create("rapl");
  REQUIRE(folder);
  const auto root = folder->path();
  write(root / "intel-rapl:0", "package-0", 5'000'000);
  write(root / "intel-rapl:1", "package-1", 999'000'000);
  write(root / "intel-rapl:0:0", "core", 1'000'000);
  write(root / "intel-rapl:2", "psys", 1'000'000);
  auto meter = EnergyMeter::open(root);
  REQUIRE(meter);
  CHECK(meter->joules() == 0);
  write(root / "intel-rapl:0", "package-0", 8'000'000);  // 3 J
  write(root / "intel-rapl:1", "package-1", 1'500'000);  // wrapped: 2.5 J
  write(root / "intel-rapl:0:0", "core", 9'000'000);
  CHECK(meter->joules() == Approx(5.5));
  CHECK(meter->joules() == 0);
}

TEST_CASE("where nothing counts energy there is no meter") {
  auto folder = TemporaryFolder::create("rapl");
  REQUIRE(folder);
  CHECK_FALSE(EnergyMeter::open(folder->path()));
  CHECK_FALSE(EnergyMeter::open(folder->path() / "missing"));
}

TEST_CASE("power that was measured counts more than what was stated, and is told so") {
  const auto gates = gatesOf({.latencyMs = 3.6, .watts = 50}, {}, {.watts = 100});
  REQUIRE(gates.size() == 1);
  CHECK(*gates[0].current == Approx(0.05));
  CHECK(gates[0].text.find("measured") != std::string::npos);
}
