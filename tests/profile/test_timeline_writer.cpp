// Rows that go in by the thousand come out as they were.
#include "profile/timeline_writer.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::profile;

namespace {

struct Written {
  Profile profile = std::move(*Profile::createInMemory());
  TrackId track = *profile.add(Track{.name = "stream 1", .kind = TrackKind::Stream});
  LabelId label = *profile.label("gemm");

  Slice slice(int64_t id, SliceKind kind = SliceKind::Kernel) const {
    return {.id = {id}, .track = track, .label = label, .startNs = 1000 * id, .durationNs = 10, .kind = kind};
  }
  std::string cell(const std::string& sql) const {
    const auto table = profile.query(sql);
    REQUIRE(table);
    REQUIRE(table->rows.size() == 1);
    return textOf(table->rows[0][0]);
  }
};

}  // namespace

TEST_CASE("more rows than are held back arrive whole, in their tables") {
  Written w;
  constexpr int64_t kCount = 20'000;
  {
    auto writer = TimelineWriter::open(w.profile);
    REQUIRE(writer);
    auto transaction = w.profile.begin();
    for (int64_t i = 1; i <= kCount; ++i) {
      REQUIRE(writer->slice(w.slice(i, i % 2 ? SliceKind::Kernel : SliceKind::Copy)));
      if (i % 2) {
        REQUIRE(writer->kernel({.slice = {i}, .launch = {i + 1}, .correlation = 7 * i, .graphNode = std::nullopt}));
      } else {
        REQUIRE(writer->copy({.slice = {i}, .direction = CopyDirection::HostToDevice, .bytes = 64, .pinned = false}));
      }
    }
    REQUIRE(writer->flush());
    REQUIRE(transaction->commit());
  }
  CHECK(w.cell("SELECT COUNT(*) || ' ' || SUM(start_ns) FROM slice") == "20000 200010000000");
  CHECK(w.cell("SELECT COUNT(*) || ' ' || SUM(launch - slice) || ' ' || SUM(correlation = 7 * slice) FROM kernel") ==
        "10000 10000 10000");
  CHECK(w.cell("SELECT COUNT(*) FROM kernel WHERE caller IS NULL AND shape IS NULL AND graph_node IS NULL") == "10000");
  CHECK(w.cell("SELECT COUNT(*) FROM copy WHERE direction = 'host_to_device' AND bytes = 64 AND pinned = 0 AND "
               "correlation IS NULL") == "10000");
  CHECK(w.cell("SELECT COUNT(*) FROM slice s JOIN kernel k ON k.slice = s.id WHERE s.kind = 'kernel'") == "10000");
}

TEST_CASE("ids are kept, whether they follow each other or not") {
  Written w;
  for (const int64_t first : {5, 100, 40}) {
    auto writer = TimelineWriter::open(w.profile);
    REQUIRE(writer);
    for (const int64_t step : {0, 1, 3}) REQUIRE(writer->slice(w.slice(first + step)));
    REQUIRE(writer->flush());
  }
  CHECK(w.cell("SELECT group_concat(id) FROM (SELECT id FROM slice ORDER BY id)") == "5,6,8,40,41,43,100,101,103");
}

TEST_CASE("ids that step back and then leave a gap are kept") {
  Written w;
  auto writer = TimelineWriter::open(w.profile);
  REQUIRE(writer);
  for (const int64_t id : {10, 5, 12, 13}) {
    REQUIRE(writer->slice(w.slice(id)));
    REQUIRE(writer->flush());
  }
  CHECK(w.cell("SELECT group_concat(id || ' ' || start_ns) FROM slice") == "5 5000,10 10000,12 12000,13 13000");
}

TEST_CASE("what is absent from one lot of rows and given in the next arrives") {
  Written w;
  const auto run = *w.profile.add(Run{.startNs = 1, .durationNs = 2});
  auto writer = TimelineWriter::open(w.profile);
  REQUIRE(writer);
  for (int64_t id = 1; id <= 6; ++id) {
    auto slice = w.slice(id);
    if (id > 2) slice.run = run;
    REQUIRE(writer->slice(slice));
    KernelLaunch kernel{.slice = {id}};
    if (id > 4) kernel.caller = {1};
    if (id % 2 == 0) kernel.correlation = id;
    REQUIRE(writer->kernel(kernel));
    if (id % 2 == 0) REQUIRE(writer->flush());
  }
  CHECK(w.cell("SELECT group_concat(id || ' ' || (run IS NOT NULL)) FROM slice") == "1 0,2 0,3 1,4 1,5 1,6 1");
  CHECK(
      w.cell(
          "SELECT group_concat(slice || ' ' || ifnull(caller, '-') || ' ' || ifnull(correlation, '-')) FROM kernel") ==
      "1 - -,2 - 2,3 - -,4 - 4,5 1 -,6 1 6");
}

TEST_CASE("a row that is there already is an error, and says so") {
  Written w;
  auto writer = TimelineWriter::open(w.profile);
  REQUIRE(writer);
  REQUIRE(writer->slice(w.slice(1)));
  REQUIRE(writer->slice(w.slice(1)));
  const auto failed = writer->flush();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message.find("UNIQUE") != std::string::npos);
}

TEST_CASE("work finds the operator around its call") {
  Written w;
  const auto op = *w.profile.add(Operator{.name = "aten::mm"});
  {
    auto writer = TimelineWriter::open(w.profile);
    REQUIRE(writer);
    REQUIRE(writer->slice(w.slice(1, SliceKind::Operator)));
    REQUIRE(writer->slice(w.slice(2, SliceKind::Call)));
    for (const int64_t id : {3, 4}) {
      REQUIRE(writer->slice(w.slice(id)));
      REQUIRE(writer->kernel({.slice = {id}, .launch = {id == 3 ? 2 : 99}}));
    }
    REQUIRE(writer->caller({2}, {1}));
    REQUIRE(writer->linkCallers());
    REQUIRE(writer->operatorOf({1}, op));
    REQUIRE(writer->linkOperators());
  }
  CHECK(w.cell("SELECT group_concat(slice || ':' || IFNULL(caller, '-'), ' ') FROM kernel") == "3:1 4:-");
  CHECK(w.cell("SELECT group_concat(id || ':' || IFNULL(operator, '-'), ' ') FROM slice") == "1:1 2:- 3:1 4:-");
}
