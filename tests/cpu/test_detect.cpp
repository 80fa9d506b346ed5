// Reading a machine's description: processors, caches, instruction sets, quotas.
#include "plugins/cpu/detect/cgroup.h"
#include "plugins/cpu/detect/isa.h"
#include "plugins/cpu/detect/system_files.h"
#include "plugins/cpu/detect/topology.h"
#include "tests/cpu/fake_machine.h"

#include <catch2/catch.hpp>
#include <sched.h>

#include <thread>

using namespace ridgeline;
using namespace ridgeline::cpu;
using ridgeline::cpu::test::FakeMachine;

namespace {

using Ids = std::vector<int>;

// Two cores of two hardware threads each (0 and 2, 1 and 3), an L3 for all.
void describeSmt(const FakeMachine& machine) {
  machine.write("proc/cpuinfo",
                "processor\t: 0\nmodel name\t: Example CPU 9000\nflags\t\t: fpu sse2 avx avx2 fma amx_int8\n\n"
                "processor\t: 1\nmodel name\t: Another\n");
  machine.write("proc/meminfo", "MemTotal:       16777216 kB\nMemAvailable:    8388608 kB\n");
  for (int id = 0; id < 4; ++id) {
    const char* core = id % 2 == 0 ? "0,2" : "1,3";
    machine.addCore(id, core);
    machine.addCache(id, 0, 1, "Data", "32K", core);
    machine.addCache(id, 1, 1, "Instruction", "32K", core);
    machine.addCache(id, 2, 2, "Unified", "1024K", core);
    machine.addCache(id, 3, 3, "Unified", "32M", "0-3");
  }
}

Ids idsOf(const std::vector<LogicalProcessor>& processors) {
  Ids ids;
  for (const auto& p : processors) ids.push_back(p.id);
  return ids;
}

}  // namespace

TEST_CASE("processor lists are read as Linux writes them") {
  CHECK(parseCpuList("0-3,8") == Ids{0, 1, 2, 3, 8});
  CHECK(parseCpuList("5\n") == Ids{5});
  CHECK(parseCpuList("").empty());
  CHECK(parseCpuList("x-3,7,-,2-1,4-y") == Ids{7});
  CHECK(parseCpuList("0-99999999999").size() == size_t{1} << 16);
}

TEST_CASE("cache sizes have a unit") {
  CHECK(parseCacheSize("48K") == 48 * 1024);
  CHECK(parseCacheSize("2M\n") == 2 << 20);
  CHECK(parseCacheSize("512") == 512);
  CHECK(parseCacheSize("K") == 0);
  CHECK(parseCacheSize("-4K") == 0);
  CHECK(parseCacheSize("999999999999G") == 0);
}

TEST_CASE("a machine with hardware threads is understood") {
  const FakeMachine machine;
  describeSmt(machine);
  const auto processor = detectProcessor(machine.root(), {0, 1, 2, 3}, "x86_64");
  CHECK(processor.model == "Example CPU 9000");
  CHECK(processor.isa == std::vector<std::string>{"sse2", "avx", "avx2", "fma", "amx_int8"});
  CHECK(processor.logicalProcessors == 4);
  CHECK(processor.physicalCores == 2);
  CHECK(processor.memoryBytes == int64_t{16} << 30);
  REQUIRE(processor.caches.size() == 3);
  CHECK(processor.caches[0].name == "L1d");
  CHECK(processor.caches[0].bytes == 32 << 10);
  CHECK(processor.caches[1].name == "L2");
  CHECK(processor.caches[1].sharedBy == 2);
  CHECK(processor.caches[2].name == "L3");
  CHECK(processor.caches[2].bytes == 32 << 20);
  CHECK(processor.caches[2].sharedBy == 4);
  CHECK(availableMemory(machine.root()) == int64_t{8} << 30);
}

TEST_CASE("threads are placed on cores before hardware threads") {
  const FakeMachine machine;
  describeSmt(machine);
  CHECK(idsOf(placementOrder(machine.root(), {0, 1, 2, 3})) == Ids{0, 1, 2, 3});
  CHECK(idsOf(placementOrder(machine.root(), {0, 2, 3})) == Ids{0, 3, 2});
  const auto one = placementOrder(machine.root(), {2});
  REQUIRE(one.size() == 1);
  CHECK(one[0].core == 0);
}

TEST_CASE("an AArch64 machine is named by its part") {
  const FakeMachine machine;
  machine.write("proc/cpuinfo",
                "processor\t: 0\nFeatures\t: fp asimd asimdhp asimddp sve bf16 i8mm\nCPU implementer\t: 0x41\nCPU "
                "part\t: 0xd4f\n");
  const auto processor = detectProcessor(machine.root(), {0}, "aarch64");
  CHECK(processor.model == "Arm Neoverse V2");
  CHECK(processor.isa == std::vector<std::string>{"neon", "fp16", "dotprod", "i8mm", "bf16", "sve"});
  CHECK(modelNameOf({{"CPU implementer", "0x99"}, {"CPU part", "0x1"}}) ==
        "AArch64 processor (implementer 0x99, part 0x1)");
}

TEST_CASE("a machine that says nothing of itself is no error") {
  const FakeMachine machine;
  const auto processor = detectProcessor(machine.root(), {0, 1}, "riscv64");
  CHECK(processor.model == "unknown processor");
  CHECK(processor.logicalProcessors == 2);
  CHECK(processor.physicalCores == 2);
  CHECK(processor.caches.empty());
  CHECK(processor.isa.empty());
}

TEST_CASE("a CPU quota of version 2 is honoured, wherever in the hierarchy it is") {
  const FakeMachine machine;
  describeSmt(machine);
  machine.write("proc/self/cgroup", "0::/outer/inner\n");
  machine.write("proc/self/mountinfo", "30 1 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n");
  machine.write("sys/fs/cgroup/outer/inner/cpu.max", "max 100000\n");
  machine.write("sys/fs/cgroup/outer/cpu.max", "250000 100000\n");
  machine.write("sys/fs/cgroup/outer/inner/memory.max", "1073741824\n");
  machine.write("sys/fs/cgroup/outer/memory.max", "max\n");
  const auto limits = readCgroupLimits(machine.root());
  REQUIRE(limits.processors);
  CHECK(*limits.processors == Approx(2.5));
  CHECK(limits.memoryBytes == int64_t{1} << 30);
  const auto processor = detectProcessor(machine.root(), {0, 1, 2, 3}, "x86_64");
  CHECK(processor.logicalProcessors == 2);
  CHECK(processor.memoryBytes == int64_t{1} << 30);
}

TEST_CASE("version 1 limits are honoured, and its way to say none") {
  const FakeMachine machine;
  machine.write("proc/self/cgroup", "4:memory:/box/7\n2:cpu,cpuacct:/box/7\n0::/\n");
  machine.write("proc/self/mountinfo",
                "31 1 0:27 /box /cg/cpu rw - cgroup cgroup rw,cpu,cpuacct\n32 1 0:28 / /cg/memory rw - cgroup cgroup "
                "rw,memory\n");
  machine.write("cg/cpu/7/cpu.cfs_quota_us", "50000\n");
  machine.write("cg/cpu/7/cpu.cfs_period_us", "100000\n");
  machine.write("cg/cpu/cpu.cfs_quota_us", "-1\n");
  machine.write("cg/cpu/cpu.cfs_period_us", "100000\n");
  machine.write("cg/memory/box/7/memory.limit_in_bytes", "9223372036854771712\n");
  const auto limits = readCgroupLimits(machine.root());
  REQUIRE(limits.processors);
  CHECK(*limits.processors == Approx(0.5));
  CHECK_FALSE(limits.memoryBytes);
  CHECK(detectProcessor(machine.root(), {0, 1}, "x86_64").logicalProcessors == 1);
}

TEST_CASE("a fingerprint changes with what roofs depend on, and with nothing else") {
  const FakeMachine machine;
  describeSmt(machine);
  const auto base = detectProcessor(machine.root(), {0, 1, 2, 3}, "x86_64");
  CHECK(base.fingerprint() == detectProcessor(machine.root(), {0, 1, 2, 3}, "x86_64").fingerprint());
  auto other = base;
  other.memoryBytes += 1 << 20;  // the kernel took some for itself
  CHECK(other.fingerprint() == base.fingerprint());
  other = base;
  other.isa.pop_back();
  CHECK(other.fingerprint() != base.fingerprint());
  other = base;
  other.caches[2].bytes /= 2;
  CHECK(other.fingerprint() != base.fingerprint());
  other = base;
  other.logicalProcessors = 2;
  CHECK(other.fingerprint() != base.fingerprint());
}

TEST_CASE("this machine is sane") {
  const auto processor = detectProcessor();
  CHECK_FALSE(processor.model.empty());
  CHECK(processor.logicalProcessors >= 1);
  CHECK(processor.logicalProcessors <= static_cast<int>(allowedProcessors().size()));
  CHECK(processor.physicalCores <= static_cast<int>(allowedProcessors().size()));
  CHECK(processor.memoryBytes > int64_t{64} << 20);
  for (size_t i = 1; i < processor.caches.size(); ++i) {
    CHECK(processor.caches[i].bytes > processor.caches[i - 1].bytes);
  }
#if defined(__x86_64__)
  CHECK(hasIsa(processor, "sse2"));
#elif defined(__aarch64__)
  CHECK(hasIsa(processor, "neon"));
#endif
}

TEST_CASE("affinity narrows what may be used") {
  const auto all = allowedProcessors();
  if (all.size() < 2) {
    WARN("skipped: this process has one processor only");
    return;
  }
  std::vector<int> narrowed;
  std::thread([&] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<size_t>(all.back()), &one);
    if (::sched_setaffinity(0, sizeof(one), &one) == 0) narrowed = allowedProcessors();
  }).join();
  CHECK(narrowed == Ids{all.back()});
}
