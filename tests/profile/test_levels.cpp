// Levels of detail against what the slices themselves say.
#include "base/files.h"
#include "profile/levels.h"

#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <set>

using namespace ridgeline;
using namespace ridgeline::profile;

namespace {

struct Timeline {
  Profile profile = *Profile::createInMemory();
  TrackId track;
  std::vector<Slice> slices;

  Timeline() { track = *profile.add(Track{.name = "thread 1"}); }
  void add(int64_t start, int64_t duration) {
    slices.push_back({.id = SliceId{static_cast<int64_t>(slices.size()) + 1},
                      .track = track,
                      .startNs = start,
                      .durationNs = duration});
  }
  void save() { REQUIRE(profile.addAll(slices)); }
  levels::Reader reader() {
    REQUIRE(levels::make(profile, profile, quietJob()));
    auto reader = levels::Reader::open(profile, profile);
    REQUIRE(reader);
    return *reader;
  }
};

// Calls within calls, in bursts with pauses, as a trace has them.
Timeline nested(int calls) {
  Timeline t;
  std::mt19937 random(7);
  const auto pick = [&](int64_t below) { return static_cast<int64_t>(random() % static_cast<uint64_t>(below)); };
  int64_t at = 1000;
  for (int i = 0; i < calls; ++i) {
    const int64_t outer = 500 + pick(4000);
    t.add(at, outer);
    for (int64_t inner = at; inner < at + outer - 50;) {
      const int64_t length = std::min<int64_t>(20 + pick(400), at + outer - inner);
      t.add(inner, length);
      if (length > 100) t.add(inner + 10, length / 2);
      inner += length + pick(60);
    }
    at += outer + (i % 100 == 99 ? 3'000'000 : pick(300));
  }
  t.save();
  return t;
}

std::set<int64_t> touching(const Timeline& t, int64_t from, int64_t to) {
  std::set<int64_t> ids;
  for (const auto& s : t.slices) {
    if (s.startNs < to && s.startNs + s.durationNs >= from) ids.insert(s.id.value);
  }
  return ids;
}

}  // namespace

TEST_CASE("At full resolution a window holds exactly the slices that touch it, in lanes that do not depend on it",
          "[levels]") {
  auto t = nested(3000);
  REQUIRE(t.slices.size() > 20000);
  const auto reader = t.reader();
  const auto& track = reader.tracks().at(0);
  CHECK(track.slices == static_cast<int64_t>(t.slices.size()));
  CHECK(track.lanes == 3);
  const auto all = *reader.spans(t.track, track.startNs, track.endNs + 1, 1);
  REQUIRE(all.size() == t.slices.size());
  std::map<int64_t, int> laneOf;
  std::map<int, int64_t> endOf;
  for (const auto& span : all) {
    laneOf[span.slice] = span.lane;
    CHECK_FALSE((endOf.count(span.lane) == 1 && span.startNs < endOf[span.lane]));  // nothing overlaps in a lane
    endOf[span.lane] = span.endNs;
  }
  std::mt19937_64 random(3);
  for (int i = 0; i < 40; ++i) {
    const int64_t from =
        track.startNs + static_cast<int64_t>(random() % static_cast<uint64_t>(track.endNs - track.startNs));
    const int64_t to = from + 1 + static_cast<int64_t>(random() % 200000);
    const auto window = *reader.spans(t.track, from, to, 1);
    std::set<int64_t> ids;
    bool sameLanes = true;
    for (const auto& span : window) {
      ids.insert(span.slice);
      sameLanes &= laneOf.at(span.slice) == span.lane;
    }
    CHECK(ids == touching(t, from, to));
    CHECK(sameLanes);
  }
}

TEST_CASE("Whatever the resolution, no slice is lost and a window stays small", "[levels]") {
  auto t = nested(6000);
  const auto reader = t.reader();
  const auto& track = reader.tracks().at(0);
  for (int64_t resolution = 1; resolution < track.endNs - track.startNs; resolution *= 7) {
    const auto spans = *reader.spans(t.track, track.startNs, track.endNs + 1, resolution);
    uint64_t slices = 0;
    bool sound = true;
    for (const auto& span : spans) {
      slices += span.count;
      sound &= span.busyNs <= span.endNs - span.startNs && span.startNs >= track.startNs && span.endNs <= track.endNs;
    }
    CHECK(slices == t.slices.size());
    CHECK(sound);
    // Two neighbours in a lane together are longer than the resolution.
    const auto most = static_cast<uint64_t>(2 * ((track.endNs - track.startNs) / resolution + 1) * track.lanes);
    CHECK(spans.size() <= std::max<uint64_t>(most, 3));
  }
  // The finest level is an eighth of the slices or less.
  const auto counts = *t.profile.query("SELECT level, SUM(count) FROM level_block GROUP BY level ORDER BY level");
  REQUIRE_FALSE(counts.rows.empty());
  CHECK(std::get<int64_t>(counts.rows[0][1]) <= static_cast<int64_t>(t.slices.size() / 8));
}

TEST_CASE("A span that stands for many slices is named after the longest", "[levels]") {
  Timeline t;
  const auto name = *t.profile.label("long");
  for (int i = 0; i < 5000; ++i) t.add(i * 100, i == 2500 ? 90 : 10);
  t.slices[2500].label = name;
  t.save();
  const auto reader = t.reader();
  const auto spans = *reader.spans(t.track, 0, 500000, 1'000'000);
  REQUIRE(spans.size() == 1);
  CHECK(spans[0].count == 5000);
  CHECK(spans[0].busyNs == 4999 * 10 + 90);
  CHECK(spans[0].name == name.value);
  CHECK(spans[0].slice == 2501);
}

TEST_CASE("Slices that all overlap share the last lane, and a few need no levels", "[levels]") {
  Timeline t;
  for (int i = 0; i < 100; ++i) t.add(i, 1'000'000);
  t.save();
  const auto reader = t.reader();
  CHECK(reader.tracks().at(0).lanes == levels::kMaxLanes);
  CHECK(reader.spans(t.track, 0, 10, 1)->size() == 10);
  CHECK(*t.profile.count<LevelBlock>() == 0);
}

TEST_CASE("Times that make no sense are left out, and damage is told", "[levels]") {
  Timeline t;
  for (int i = 0; i < 4000; ++i) t.add(i * 10, 5);
  t.add(std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::max());
  t.add(5, -1);
  t.save();
  auto reader = t.reader();
  CHECK(reader.tracks().at(0).endNs == 3999 * 10 + 5);
  CHECK(reader.spans(t.track, 0, 1'000'000, 1)->size() == 4000);
  CHECK(reader.spans(TrackId{99}, 0, 10, 1)->empty());
  CHECK(reader.spans(t.track, 10, 10, 1)->empty());

  REQUIRE(t.profile.clear<LevelBlock>());
  REQUIRE(t.profile.addAll(
      std::vector<LevelBlock>{{.track = t.track, .level = 5, .endNs = 100, .count = 1, .spans = {"short"}}}));
  const auto damaged = levels::Reader::open(t.profile, t.profile)->spans(t.track, 0, 1'000'000, 5000);
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().code == ErrorCode::BadInput);
  REQUIRE(t.profile.addAll(std::vector<LevelMark>{{.track = t.track, .startNs = 0, .open = {"1 x"}}}));
  CHECK_FALSE(levels::Reader::open(t.profile, t.profile));
}

TEST_CASE("Levels of a file that cannot be written are made elsewhere", "[levels]") {
  auto t = nested(600);
  auto aside = *Profile::createInMemory();
  REQUIRE_FALSE(levels::areThere(aside));
  REQUIRE(levels::make(t.profile, aside, quietJob()));
  CHECK(levels::areThere(aside));
  CHECK_FALSE(levels::areThere(t.profile));
  const auto reader = levels::Reader::open(t.profile, aside);
  REQUIRE(reader);
  CHECK(reader->spans(t.track, 0, 1 << 30, 1)->size() == t.slices.size());
}
