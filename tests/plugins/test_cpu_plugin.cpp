#include "base/files.h"
#include "plugins/cpu/plugin/event_files.h"
#include "plugins/cpu/plugin/missing_counters.h"
#include "plugins/cpu/plugin/papi_counters.h"
#include "plugins/sdk/conformance/conformance.h"
#include "tests/plugins/libraries.h"

#include <catch2/catch.hpp>
#include <time.h>

#include <fstream>
#include <thread>

using namespace ridgeline;
using namespace ridgeline::cpu;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> termsOf(const std::vector<Metric>& metrics, const std::string& name) {
  for (const auto& metric : metrics) {
    if (metric.name != name) continue;
    std::vector<std::string> terms;
    for (const auto& t : metric.terms) terms.push_back(fmt::format("{} {}", t.factor, t.event));
    return terms;
  }
  return {};
}

void burn(double ms) {
  const auto cpuMs = [] {
    timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
  };
  for (const double until = cpuMs() + ms; cpuMs() < until;) {
  }
}

struct FakeRoot {
  FakeRoot() : folder(*TemporaryFolder::create("test-root")) {}
  void file(const fs::path& path, const std::string& content) {
    fs::create_directories((folder.path() / path).parent_path());
    std::ofstream(folder.path() / path) << content;
  }
  const fs::path& path() const { return folder.path(); }
  TemporaryFolder folder;
};

}  // namespace

TEST_CASE("every file of events can be read to its end") {
  REQUIRE(eventFiles().size() == 4);
  for (const auto& [name, content] : eventFiles()) {
    INFO(name);
    for (const auto& processor :
         {ProcessorIdentity{}, ProcessorIdentity{"AuthenticAMD", 25, 17}, ProcessorIdentity{"GenuineIntel", 6, 143},
          ProcessorIdentity{"", -1, -1, 0x41, 0xd4f}}) {
      const auto metrics = metricsFor(processor, content);
      REQUIRE(metrics);
      for (const auto& metric : *metrics) {
        CHECK_FALSE(metric.terms.empty());
        CHECK_FALSE(metric.description.empty());
        CHECK_FALSE(metric.unit.empty());
      }
    }
  }
}

TEST_CASE("each processor has its own events") {
  const auto zen4 = knownMetrics({"AuthenticAMD", 25, 17});
  CHECK(termsOf(zen4, "flops") == std::vector<std::string>{"1 RETIRED_SSE_AVX_FLOPS:ANY"});
  CHECK(termsOf(zen4, "context_switches") == std::vector<std::string>{"1 perf::CONTEXT-SWITCHES"});
  CHECK(termsOf(knownMetrics({"AuthenticAMD", 26, 2}), "flops").size() == 1);  // Zen 5
  CHECK(termsOf(knownMetrics({"AuthenticAMD", 25, 80}), "flops").empty());     // Zen 3
  const auto sapphire = termsOf(knownMetrics({"GenuineIntel", 6, 143}), "flops");
  REQUIRE(sapphire.size() == 5);
  CHECK(sapphire[4] == "16 FP_ARITH_INST_RETIRED:512B_PACKED_SINGLE");
  CHECK(termsOf(knownMetrics({"", -1, -1, 0x41, 0xd4f}), "flops")[0] == "1 FP_SCALE_OPS_SPEC");
  // Neoverse V1's vectors have 256 bits, and the event counts 128 of them.
  CHECK(termsOf(knownMetrics({"", -1, -1, 0x41, 0xd40}), "flops")[0] == "2 FP_SCALE_OPS_SPEC");
  CHECK(termsOf(knownMetrics({}), "flops").empty());
  CHECK_FALSE(termsOf(knownMetrics({}), "task_clock").empty());
}

TEST_CASE("what is wrong in a file of events is named with its line") {
  const auto refused = [](const std::string& text) {
    const auto metrics = metricsFor({"A", 1, 2}, text);
    return metrics ? std::string() : metrics.error().message;
  };
  CHECK(refused("match\nmetric a unit=1\n  say x\n  term 1 E\n").empty());
  CHECK(refused("metric a unit=1\n") == "line 1: metric NAME unit=UNIT is not whole");
  CHECK(refused("match colour=red\n") == "line 1: there is no condition 'colour'");
  CHECK(refused("match models=1-x\n") == "line 1: '1-x' is no list of numbers");
  CHECK(refused("match\nmetric a unit=1\n term E 1\n") == "line 3: term FACTOR EVENT is not whole");
  CHECK(refused("match\nterm 1 E\n") == "line 2: 'term' is not expected here");
  CHECK(refused("nonsense\n") == "line 1: 'nonsense' is not expected here");
}

TEST_CASE("a processor is known by what /proc/cpuinfo says") {
  const auto amd =
      identityOf("processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\n\nprocessor\t: 1\n");
  CHECK(amd.vendor == "AuthenticAMD");
  CHECK(amd.family == 25);
  CHECK(amd.model == 17);
  const auto arm = identityOf("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd4f\n");
  CHECK(arm.implementer == 0x41);
  CHECK(arm.part == 0xd4f);
  CHECK(identityOf("").family == -1);
}

TEST_CASE("software events count each thread that joined, and go on when it left") {
  if (!openPapi()) {
    WARN("skipped: PAPI cannot be used here");
    return;
  }
  const std::vector<Metric> metrics{{"task_clock", "ns", "", {{1, "perf::TASK-CLOCK"}}},
                                    {"twice", "ns", "", {{2, "perf::TASK-CLOCK"}}}};
  if (!tryMetrics(metrics)) {
    WARN("skipped: the kernel counts nothing here");
    return;
  }
  auto counters = PapiCounters::start(metrics);
  REQUIRE(counters);
  std::vector<double> values(2, -1);
  REQUIRE((*counters)->read(values));
  CHECK(values == std::vector<double>{0, 0});
  REQUIRE((*counters)->join());
  REQUIRE((*counters)->read(values));
  const double before = values[0];
  burn(20);
  REQUIRE((*counters)->read(values));
  const double own = values[0] - before;
  CHECK(own > 15e6);
  CHECK(own < 60e6);
  CHECK(values[1] == Approx(2 * values[0]).epsilon(0.01));

  std::thread other([&] {
    CHECK((*counters)->join());
    burn(20);
    CHECK((*counters)->leave());
    burn(20);  // not counted any more
  });
  other.join();
  std::vector<double> after(2);
  REQUIRE((*counters)->read(after));
  CHECK(after[0] - values[0] > 15e6);
  CHECK(after[0] - values[0] < 38e6);
  REQUIRE((*counters)->leave());
  REQUIRE((*counters)->read(values));
  burn(10);
  REQUIRE((*counters)->read(after));
  CHECK(after == values);
}

TEST_CASE("an event that is not there is refused with PAPI's reason") {
  if (!openPapi()) {
    WARN("skipped: PAPI cannot be used here");
    return;
  }
  const Metric nonsense{"x", "1", "", {{1, "NO_SUCH_EVENT"}}};
  const auto refused = tryMetrics(std::span(&nonsense, 1));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("NO_SUCH_EVENT") == 0);
}

TEST_CASE("why nothing counts, and what would help") {
  FakeRoot vm;
  vm.file("sys/bus/event_source/devices/software/type", "1");
  CHECK(whyNotCounted(vm.path(), "x").reason.find("this machine shows no hardware counters") == 0);
  FakeRoot strict;
  strict.file("sys/bus/event_source/devices/cpu/type", "4");
  strict.file("proc/sys/kernel/perf_event_paranoid", "4\n");
  CHECK(whyNotCounted(strict.path(), "x").reason == "the kernel forbids it to users (perf_event_paranoid is 4)");
  CHECK(whyNotCounted(strict.path(), "x").remedy.find("sysctl") == 0);
  FakeRoot open;
  open.file("sys/bus/event_source/devices/armv8_pmuv3_0/type", "8");
  open.file("proc/sys/kernel/perf_event_paranoid", "2\n");
  CHECK(whyNotCounted(open.path(), "no such event").reason == "no such event");
}

TEST_CASE("energy is that of the packages") {
  FakeRoot root;
  CHECK(energyFiles(root.path()).empty());
  CHECK(whyNoEnergy(root.path()).reason.find("shows no energy counters") != std::string::npos);
  root.file("sys/class/powercap/intel-rapl:0/energy_uj", "2500000\n");
  root.file("sys/class/powercap/intel-rapl:1/energy_uj", "500000\n");
  root.file("sys/class/powercap/intel-rapl:0:0/energy_uj", "999\n");  // a part of the first
  const auto files = energyFiles(root.path());
  REQUIRE(files.size() == 2);
  CHECK(readEnergy(files) == Approx(3.0));
}

TEST_CASE("the cpu plugin passes, and counts what the kernel counts") {
  const auto library = fs::path(RIDGELINE_RUNTIME_LIBRARIES) / "plugins" / "libridgeline_cpu.so";
  const auto outcomes = plugins::testPlugin(library, quietJob());
  REQUIRE(outcomes);
  for (const auto& o : *outcomes) {
    INFO(o.title << ": " << o.problem);
    CHECK(o.verdict != plugins::CheckOutcome::Verdict::Failed);
  }
  const auto found = plugins::PluginHost({}).probe(library, quietJob());
  REQUIRE(found);
  INFO(found->problem);
  REQUIRE(found->usable());
  REQUIRE(found->description.devices.size() == 1);
  const auto& counters = found->description.devices[0].counters;
  for (const auto& c : counters) {
    INFO(c.name << ": " << c.unavailable);
    CHECK((c.unavailable.empty() || !c.unavailable.starts_with(" ")));
  }
  CHECK(std::any_of(counters.begin(), counters.end(), [](const auto& c) { return c.name == "energy"; }));
}
