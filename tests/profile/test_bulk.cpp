// A timeline of a million slices.
#include "base/files.h"
#include "profile/profile.h"

#include <catch2/catch.hpp>

#include <ctime>

using namespace ridgeline;
using namespace ridgeline::profile;

TEST_CASE("A million slices are written in seconds and found by time", "[profile]") {
  const auto folder = *TemporaryFolder::create("test");
  auto p = *Profile::create(folder.path() / "p.ridge");
  const auto track = *p.add(Track{.name = "stream 7", .kind = TrackKind::Stream});
  const auto label = *p.label("gemm");
  std::vector<Slice> slices(1'000'000, Slice{.track = track, .label = label});
  for (size_t i = 0; i < slices.size(); ++i) {
    slices[i].startNs = static_cast<int64_t>(i) * 1000;
    slices[i].durationNs = 900;
  }
  const std::clock_t before = std::clock();  // processor time: the machine may be busy with other things
  REQUIRE(p.addAll(slices));
  REQUIRE(p.finish());
  const double seconds = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  INFO("1000000 slices in " << seconds << " s of processor time, "
                            << std::filesystem::file_size(folder.path() / "p.ridge") / 1000000 << " MB");
  CHECK(seconds < 20);  // some ten times what it takes, for sanitizers

  const auto table =
      *p.query("SELECT COUNT(*) FROM slice WHERE track = 1 AND start_ns BETWEEN 500000000 AND 500099999");
  CHECK(table.rows.at(0).at(0) == Cell(int64_t{100}));
  const auto plan = *p.query("EXPLAIN QUERY PLAN SELECT id FROM slice WHERE track = 1 AND start_ns BETWEEN 5 AND 9");
  CHECK_THAT(textOf(plan.rows.at(0).at(3)), Catch::Contains("USING COVERING INDEX slice_by_time"));
  CHECK(*p.count<Slice>() == 1'000'000);
}
