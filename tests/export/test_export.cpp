#include "base/files.h"
#include "export/export.h"
#include "export/nesting.h"
#include "profile/timeline_vocabulary.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <protozero/pbf_reader.hpp>

#include <map>

using namespace ridgeline;
using namespace ridgeline::exporting;
using namespace ridgeline::profile;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

// A thread whose operator launches a kernel on a stream, where another overlaps it; a copy; memory over time.
Profile sample() {
  auto made = Profile::createInMemory();
  REQUIRE(made);
  auto& p = *made;
  const auto rank = p.add(Rank{.name = "rank 0"});
  const auto gpu = p.add(Device{.name = "GPU \"X\"", .kind = "gpu", .rank = *rank, .ordinal = 1});
  const auto thread = p.add(Track{.name = "main", .kind = TrackKind::Thread, .ordinal = 0, .rank = *rank});
  const auto stream =
      p.add(Track{.device = *gpu, .name = "stream 7", .kind = TrackKind::Stream, .ordinal = 1, .rank = *rank});
  const auto slice = [&](TrackId track, const char* name, int64_t start, int64_t duration, SliceKind kind) {
    const auto label = p.label(name);
    REQUIRE(label);
    auto id = p.add(Slice{.track = track, .label = *label, .startNs = start, .durationNs = duration, .kind = kind});
    REQUIRE(id);
    return *id;
  };
  const auto op = slice(*thread, "aten::mm", -500, 2000, SliceKind::Operator);
  const auto call = slice(*thread, "launch", 0, 300, SliceKind::Call);
  const auto kernel = slice(*stream, "gemm, \"fast\"", 1000, 5000, SliceKind::Kernel);
  slice(*stream, "overlaps", 3000, 9000, SliceKind::Kernel);
  const auto copy = slice(*stream, "copy", 12001, 0, SliceKind::Copy);
  const auto shape = p.add(LaunchShape{.gridX = 4, .gridY = 2, .gridZ = 1, .blockX = 64, .blockY = 1, .blockZ = 1});
  REQUIRE(p.addAll(std::vector<KernelLaunch>{{.slice = kernel, .launch = call, .caller = op, .shape = *shape}}));
  REQUIRE(p.addAll(
      std::vector<Copy>{{.slice = copy, .direction = CopyDirection::HostToDevice, .bytes = 4096, .pinned = true}}));
  const auto series = p.add(Series{.rank = *rank, .name = "memory", .unit = "B"});
  REQUIRE(p.addAll(std::vector<Sample>{{.series = *series, .atNs = 10, .value = 1.5},
                                       {.series = *series, .atNs = 20, .value = 2048}}));
  REQUIRE(p.add(Operator{.name = "a,b", .opType = "Conv", .timeNs = 2e6}));
  return std::move(p);
}

fs::path folder() {
  static const auto made = TemporaryFolder::create("export-test");
  REQUIRE(made);
  return made->path();
}

std::string contentOf(const fs::path& path) {
  auto text = readFile(path);
  REQUIRE(text);
  return *text;
}

// What a reader of Perfetto's format makes of a file: every packet a slice or counter of a named track.
struct SeenSlice {
  std::string track, name;
  uint64_t start = 0, end = 0;
  std::map<std::string, std::string> details;
  std::vector<uint64_t> flowsOut, flowsIn;
};

struct SeenTrace {
  std::map<uint64_t, std::string> tracks;
  std::map<uint64_t, uint64_t> parents;
  std::vector<SeenSlice> slices;
  std::map<std::string, std::vector<std::pair<uint64_t, double>>> counters;
  bool cleared = false;
};

class PerfettoReader {
 public:
  explicit PerfettoReader(const std::string& bytes) {
    protozero::pbf_reader file(bytes);
    while (file.next()) {
      REQUIRE(file.tag() == 1);
      packet(file.get_message());
    }
    for (const auto& [track, open] : m_open) CHECK(open.empty());
  }
  SeenTrace seen;

 private:
  void packet(protozero::pbf_reader p) {
    uint64_t timestamp = 0;
    std::string event;
    while (p.next()) {
      switch (p.tag()) {
        case 8:
          timestamp = p.get_uint64();
          break;
        case 11:
          event = p.get_string();
          break;
        case 12:
          interned(p.get_message());
          break;
        case 13:
          seen.cleared |= (p.get_uint32() & 1) != 0;
          break;
        case 60:
          descriptor(p.get_message());
          break;
        default:
          p.skip();
      }
    }
    if (!event.empty()) trackEvent(protozero::pbf_reader(event), timestamp);
  }

  void interned(protozero::pbf_reader data) {
    while (data.next()) {
      const auto field = data.tag();
      auto entry = data.get_message();
      uint64_t id = 0;
      std::string name;
      while (entry.next()) entry.tag() == 1 ? void(id = entry.get_uint64()) : void(name = entry.get_string());
      m_interned[field][id] = name;
    }
  }

  void descriptor(protozero::pbf_reader d) {
    uint64_t uuid = 0, parent = 0;
    std::string name;
    while (d.next()) {
      if (d.tag() == 1) {
        uuid = d.get_uint64();
      } else if (d.tag() == 2) {
        name = d.get_string();
      } else if (d.tag() == 5) {
        parent = d.get_uint64();
      } else if (d.tag() == 3) {
        auto process = d.get_message();
        while (process.next()) process.tag() == 6 ? void(name = process.get_string()) : process.skip();
      } else {
        d.skip();
      }
    }
    CHECK(seen.tracks.emplace(uuid, name).second);
    seen.parents[uuid] = parent;
  }

  std::pair<std::string, std::string> annotation(protozero::pbf_reader a) {
    std::pair<std::string, std::string> out;
    while (a.next()) {
      if (a.tag() == 1) {
        out.first = m_interned[3][a.get_uint64()];
      } else if (a.tag() == 4) {
        out.second = std::to_string(a.get_int64());
      } else if (a.tag() == 6) {
        out.second = a.get_string();
      } else {
        a.skip();
      }
    }
    return out;
  }

  void trackEvent(protozero::pbf_reader e, uint64_t timestamp) {
    SeenSlice slice;
    uint64_t track = 0;
    int type = 0;
    double value = 0;
    while (e.next()) {
      switch (e.tag()) {
        case 4:
          slice.details.insert(annotation(e.get_message()));
          break;
        case 9:
          type = e.get_enum();
          break;
        case 10:
          slice.name = m_interned[2][e.get_uint64()];
          break;
        case 11:
          track = e.get_uint64();
          break;
        case 44:
          value = e.get_double();
          break;
        case 47:
          slice.flowsOut.push_back(e.get_fixed64());
          break;
        case 48:
          slice.flowsIn.push_back(e.get_fixed64());
          break;
        default:
          e.skip();
      }
    }
    REQUIRE(seen.tracks.count(track));
    slice.track = seen.tracks[track];
    if (type == 1) {
      slice.start = timestamp;
      m_open[track].push_back(seen.slices.size());
      seen.slices.push_back(slice);
    } else if (type == 2) {
      REQUIRE_FALSE(m_open[track].empty());
      seen.slices[m_open[track].back()].end = timestamp;
      m_open[track].pop_back();
    } else {
      REQUIRE(type == 4);
      seen.counters[slice.track].emplace_back(timestamp, value);
    }
  }

  std::map<uint32_t, std::map<uint64_t, std::string>> m_interned;
  std::map<uint64_t, std::vector<size_t>> m_open;
};

const SeenSlice& find(const SeenTrace& trace, const std::string& name) {
  for (const auto& s : trace.slices) {
    if (s.name == name) return s;
  }
  FAIL("no slice " << name);
  return trace.slices.front();
}

}  // namespace

TEST_CASE("a Perfetto file holds every slice with its track, times, details, arrows and counters") {
  const auto path = folder() / "t.perfetto";
  const auto done = exportPerfetto(sample(), path, quietJob());
  REQUIRE(done);
  CHECK(done->slices == 5);
  CHECK(done->counters == 2);
  CHECK(done->flows == 1);
  const auto trace = PerfettoReader(contentOf(path)).seen;
  CHECK(trace.cleared);
  REQUIRE(trace.slices.size() == 5);
  // The earliest slice begins at -500: all times move by that much.
  CHECK(find(trace, "aten::mm").start == 0);
  CHECK(find(trace, "aten::mm").end == 2000);
  CHECK(find(trace, "aten::mm").track == "main");
  const auto& kernel = find(trace, "gemm, \"fast\"");
  CHECK(kernel.track == "stream 7");
  CHECK(kernel.start == 1500);
  CHECK(kernel.end == 6500);
  CHECK(kernel.details.at("grid") == "4x2x1");
  CHECK(kernel.details.at("block") == "64x1x1");
  // Of two that overlap, the second goes to a lane of its own.
  CHECK(find(trace, "overlaps").track == "stream 7 (2)");
  CHECK(find(trace, "overlaps").end == 12500);
  CHECK(find(trace, "copy").details.at("bytes") == "4096");
  CHECK(find(trace, "copy").details.at("direction") == "host_to_device");
  CHECK(find(trace, "copy").start == find(trace, "copy").end);
  REQUIRE(kernel.flowsIn.size() == 1);
  CHECK(find(trace, "launch").flowsOut == kernel.flowsIn);
  REQUIRE(trace.counters.count("memory"));
  CHECK(trace.counters.at("memory") == std::vector<std::pair<uint64_t, double>>{{510, 1.5}, {520, 2048}});
  // Threads of the rank and streams of its device are two processes to a viewer.
  std::vector<std::string> processes;
  for (const auto& [uuid, name] : trace.tracks) {
    if (trace.parents.at(uuid) == 0) processes.push_back(name);
  }
  CHECK(processes == std::vector<std::string>{"rank 0", "rank 0: GPU \"X\" #1"});
}

TEST_CASE("a Chrome file is JSON with the same slices") {
  const auto path = folder() / "t.json";
  REQUIRE(exportChrome(sample(), path, quietJob()));
  const auto trace = json::parse(contentOf(path));
  int slices = 0, starts = 0, ends = 0, counters = 0;
  std::map<int, std::string> threads;
  for (const auto& e : trace["traceEvents"]) {
    if (e["ph"] == "M" && e["name"] == "thread_name") threads[e["tid"]] = e["args"]["name"];
  }
  for (const auto& e : trace["traceEvents"]) {
    slices += e["ph"] == "X";
    starts += e["ph"] == "s";
    ends += e["ph"] == "f";
    counters += e["ph"] == "C";
    if (e["ph"] == "X" && e["name"] == "gemm, \"fast\"") {
      CHECK(e["ts"].get<double>() == Approx(1.5));
      CHECK(e["dur"].get<double>() == Approx(5));
      CHECK(e["cat"] == "kernel");
      CHECK(e["args"]["grid"] == "4x2x1");
      CHECK(threads.at(e["tid"]) == "stream 7");
    }
    if (e["ph"] == "X" && e["name"] == "overlaps") CHECK(threads.at(e["tid"]) == "stream 7 (2)");
  }
  CHECK(slices == 5);
  CHECK(starts == 1);
  CHECK(ends == 1);
  CHECK(counters == 2);
}

TEST_CASE("names that are not UTF-8 still make JSON") {
  auto p = Profile::createInMemory();
  REQUIRE(p);
  const auto track = p->add(Track{.name = "t\xff"});
  const auto label = p->label("bad \xc3( \x01 name");
  REQUIRE(p->add(Slice{.track = *track, .label = *label, .startNs = 0, .durationNs = -5}));
  const auto path = folder() / "bad.json";
  REQUIRE(exportChrome(*p, path, quietJob()));
  CHECK_NOTHROW(json::parse(contentOf(path)));
}

TEST_CASE("CSV quotes what would be taken apart") {
  const auto path = folder() / "operators.csv";
  const auto done = exportCsv(sample(), path, "", quietJob());
  REQUIRE(done);
  CHECK(done->rows == 1);
  const auto text = contentOf(path);
  CHECK(text.substr(0, 8) == "id,name,");
  CHECK(text.find("\r\n1,\"a,b\",Conv,") != std::string::npos);
}

TEST_CASE("CSV of everything is a folder with a file for each view") {
  const auto done = exportCsv(sample(), folder() / "all", "", quietJob());
  REQUIRE(done);
  CHECK(fs::exists(folder() / "all" / "operators.csv"));
  CHECK(fs::exists(folder() / "all" / "slices.csv"));
  const auto text = contentOf(folder() / "all" / "slices.csv");
  CHECK(text.find("\"gemm, \"\"fast\"\"\"") != std::string::npos);
  const auto wrong = exportCsv(sample(), folder() / "x.csv", "nope; DROP TABLE run", quietJob());
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == ErrorCode::Usage);
}

TEST_CASE("an export that cannot be written leaves nothing") {
  const auto path = folder() / "missing" / "t.json";
  CHECK_FALSE(exportChrome(sample(), path, quietJob()));
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("slices are taken apart into as few lanes as their overlaps need") {
  std::vector<std::pair<size_t, int64_t>> ends;
  Nesting nesting([&](size_t lane, int64_t ns) { ends.emplace_back(lane, ns); });
  CHECK(nesting.begin(0, 10) == 0);
  CHECK(nesting.begin(2, 5) == 0);   // within
  CHECK(nesting.begin(5, 10) == 0);  // beside, ends with its parent
  CHECK(nesting.begin(8, 12) == 1);  // sticks out
  CHECK(nesting.begin(10, 11) == 0);
  nesting.finish();
  CHECK(ends == std::vector<std::pair<size_t, int64_t>>{{0, 5}, {0, 10}, {0, 10}, {0, 11}, {1, 12}});
}
