// Rows about accelerators and imported recordings, and the views over them.
#include "profile/profile.h"
#include "profile/timeline_vocabulary.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::profile;

namespace {

template <class Row>
Row only(const Profile& p) {
  const auto rows = p.all<Row>();
  INFO((rows ? "" : rows.error().text()));
  REQUIRE(rows);
  REQUIRE(rows->size() == 1);
  return rows->front();
}

std::vector<std::string> firstRow(const Profile& p, const std::string& sql) {
  const auto table = p.query(sql);
  INFO((table ? "" : table.error().text()));
  REQUIRE(table);
  REQUIRE_FALSE(table->rows.empty());
  std::vector<std::string> out;
  for (const auto& cell : table->rows.front()) out.push_back(textOf(cell));
  return out;
}

}  // namespace

TEST_CASE("What is known of a kernel, a copy and a flow is read back", "[profile]") {
  auto p = *Profile::createInMemory();
  const auto rank = *p.add(Rank{{}, 3, "rank 3", "trace.json", "kineto", -5, true});
  const auto device = *p.add(Device{.name = "A100", .kind = "gpu", .rank = rank, .ordinal = 1});
  const auto track = *p.add(Track{.device = device, .name = "stream 7", .kind = TrackKind::Stream, .rank = rank});
  const auto run = *p.add(Run{.kind = RunKind::Observed, .rank = rank, .name = "step 1"});
  const auto slice = *p.add(Slice{.track = track,
                                  .label = *p.label("gemm"),
                                  .run = run,
                                  .startNs = 10,
                                  .durationNs = 5,
                                  .kind = SliceKind::Kernel});
  LaunchShape shape;
  shape.gridX = 16, shape.gridY = 2, shape.gridZ = 1, shape.blockX = 128, shape.occupancy = 0.25;
  const auto shapeId = *p.add(shape);
  REQUIRE(p.addAll(std::vector<KernelLaunch>{{slice, SliceId{77}, SliceId{76}, shapeId, 900, std::nullopt}}));
  REQUIRE(p.addAll(std::vector<Copy>{{SliceId{78}, {}, {}, CopyDirection::HostToDevice, 4096, false, 12}}));
  REQUIRE(p.add(Flow{{}, "fwdbwd", slice, SliceId{5}}));
  const auto series = *p.add(Series{{}, rank, device, "memory", "B"});
  REQUIRE(p.add(Sample{{}, series, 100, 1e9}));
  const auto counter = *p.add(CounterKind{.name = "dram__bytes.sum", .unit = "byte"});
  REQUIRE(p.addAll(std::vector<KernelCounter>{{slice, counter, 12.5, Provenance::Measured}}));
  REQUIRE(p.add(Intake{{}, rank, "flow ac2g", 12, false, "correlation says the same"}));

  CHECK(only<Rank>(p).clockOffsetNs == -5);
  CHECK(only<Device>(p).ordinal == 1);
  CHECK(only<Track>(p).rank == rank);
  CHECK(only<Run>(p).name == "step 1");
  CHECK(only<Slice>(p).kind == SliceKind::Kernel);
  const auto readShape = only<LaunchShape>(p);
  CHECK(readShape.gridY == 2);
  CHECK(readShape.occupancy == 0.25);
  CHECK_FALSE(readShape.registers);
  const auto kernel = only<KernelLaunch>(p);
  CHECK(kernel.launch == SliceId{77});
  CHECK(kernel.caller == SliceId{76});
  CHECK(kernel.correlation == 900);
  CHECK_FALSE(kernel.graphNode);
  const auto copy = only<Copy>(p);
  CHECK_FALSE(copy.launch);
  CHECK(copy.direction == CopyDirection::HostToDevice);
  CHECK(copy.bytes == 4096);
  CHECK(copy.pinned == false);
  CHECK(only<Flow>(p).target == SliceId{5});
  CHECK(only<Series>(p).unit == "B");
  CHECK(only<Sample>(p).value == 1e9);
  CHECK(only<KernelCounter>(p).value == 12.5);
  CHECK(only<Intake>(p).kept == false);
}

TEST_CASE("Views show kernels, copies, idle time and the critical path with names and readable units", "[profile]") {
  auto p = *Profile::createInMemory();
  const auto rank = *p.add(Rank{{}, 0, "rank 0", "t.json", "kineto", 0, true});
  const auto device = *p.add(Device{.name = "A100", .kind = "gpu", .rank = rank});
  const auto track = *p.add(Track{.device = device, .name = "stream 7", .kind = TrackKind::Stream, .rank = rank});
  const auto label = *p.label("gemm");
  const auto shape = *p.add(LaunchShape{.gridX = 16, .gridY = 2, .gridZ = 1, .blockX = 128, .blockY = 1, .blockZ = 1});
  KernelGroup group{.device = device, .label = label, .shape = shape, .calls = 4, .totalNs = 3e6, .op = "aten::mm"};
  group.minNs = 1e5, group.medianNs = 5e5, group.maxNs = 2e6, group.flops = 2e9;
  REQUIRE(p.add(group));
  REQUIRE(p.add(KernelGroup{.device = device, .label = *p.label("relu"), .calls = 1, .totalNs = 1e6}));
  CHECK(firstRow(p, "SELECT name, device, rank, calls, total_ms, share, mean_us, grid, block, gops FROM kernels") ==
        std::vector<std::string>{"gemm", "A100", "rank 0", "4", "3", "0.75", "750", "16x2x1", "128x1x1", "2"});
  const auto slice = *p.add(Slice{.track = track, .label = label, .durationNs = 1000, .kind = SliceKind::Copy});
  REQUIRE(p.addAll(std::vector<Copy>{{slice, {}, {}, CopyDirection::DeviceToHost, 8000, true, {}}}));
  CHECK(firstRow(p, "SELECT direction, pinned, count, gb_per_s FROM copies") ==
        std::vector<std::string>{"device_to_host", "1", "1", "8"});
  DeviceUse use{.device = device, .durationNs = 1000000, .busyNs = 250000, .copyNs = 1000, .copyOverlapNs = 500};
  REQUIRE(p.add(use));
  CHECK(firstRow(p, "SELECT idle_ms, busy_share, copy_hidden, communication_hidden FROM device_time") ==
        std::vector<std::string>{"0.75", "0.25", "0.5", ""});
  REQUIRE(p.add(IdleCause{{}, device, IdleReason::Sync, 3, 500000, 400000}));
  CHECK(firstRow(p, "SELECT reason, share, longest_us FROM idle_time") ==
        std::vector<std::string>{"sync", "0.5", "400"});
  const auto parent = *p.add(TreeNode{.rank = rank, .label = *p.label("aten::linear"), .calls = 1, .totalNs = 2e6});
  REQUIRE(p.add(TreeNode{.parent = parent, .rank = rank, .label = label, .kind = SliceKind::Kernel, .calls = 1}));
  CHECK(firstRow(p, "SELECT name, kind, parent FROM call_tree WHERE parent IS NOT NULL") ==
        std::vector<std::string>{"gemm", "kernel", "1"});
  const auto run = *p.add(Run{.kind = RunKind::Observed, .durationNs = 5, .rank = rank});
  REQUIRE(p.add(PathPart{.run = run, .rank = rank, .what = "copy", .slice = slice, .durationNs = 2000000}));
  CHECK(firstRow(p, "SELECT what, name, duration_ms FROM critical_path") ==
        std::vector<std::string>{"copy", "gemm", "2"});
}
