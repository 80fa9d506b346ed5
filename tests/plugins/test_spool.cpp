#include "base/files.h"
#include "plugins/sdk/spool/clock_map.h"
#include "plugins/sdk/spool/spool_reader.h"

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <thread>

#define RIDGELINE_SPOOL_IMPLEMENTATION
#include "plugins/sdk/ridgeline_spool.h"

using namespace ridgeline;
using namespace ridgeline::plugins;
namespace fs = std::filesystem;

namespace {

// A folder that processes spool into.
struct Folder {
  Folder() : folder(*TemporaryFolder::create("test-spool")) {
    ::setenv(RIDGELINE_SPOOL_VARIABLE, folder.path().c_str(), 1);
  }
  ~Folder() { ::unsetenv(RIDGELINE_SPOOL_VARIABLE); }
  std::vector<fs::path> files() const {
    std::vector<fs::path> out;
    for (const auto& entry : fs::directory_iterator(folder.path())) out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
  }
  TemporaryFolder folder;
};

struct Seen : SpoolVisitor {
  std::vector<std::string> lines;
  std::vector<int64_t> starts;
  int64_t kernels = 0, lostCount = 0;
  std::string lostWhy;
  static std::string text(const char* t) { return t ? t : "(null)"; }

  Status device(const RidgelineDevice& d) override {
    lines.push_back(fmt::format("device {} {} {} {}", text(d.id), text(d.name), text(d.vendor), d.memory_bytes));
    return {};
  }
  Status track(const RidgelineTrack& t) override {
    lines.push_back(fmt::format("track {} {} {} {} {}", t.track, text(t.name), t.kind, t.clock, text(t.device)));
    return {};
  }
  Status kernel(const RidgelineKernel& k) override {
    ++kernels;
    starts.push_back(k.start_ns);
    lines.push_back(fmt::format("kernel {} {} {} {} {} {}x{}x{} {}x{}x{} {} {} {} {} {} {}", k.track, text(k.name),
                                k.queued_ns, k.start_ns, k.end_ns, k.grid[0], k.grid[1], k.grid[2], k.block[0],
                                k.block[1], k.block[2], k.correlation, k.registers, k.static_shared_bytes,
                                k.dynamic_shared_bytes, k.graph, k.graph_node));
    return {};
  }
  Status copy(const RidgelineCopy& c) override {
    lines.push_back(
        fmt::format("copy {} {} {} {} {} {}", text(c.name), c.bytes, c.kind, c.flags, c.start_ns, c.end_ns));
    return {};
  }
  Status span(const RidgelineSpan& s) override {
    lines.push_back(fmt::format("span {} {} {} {} {} {}", text(s.name), text(s.domain), text(s.detail), s.kind,
                                s.status, s.correlation));
    return {};
  }
  Status count(const RidgelineCount& c) override {
    lines.push_back(fmt::format("count {} {} {} {}", text(c.counter), c.time_ns, c.correlation, c.value));
    return {};
  }
  Status clock(const RidgelineClock& c) override {
    lines.push_back(fmt::format("clock {} {} {} {}", c.clock, c.device_ns, c.host_ns, c.uncertainty_ns));
    return {};
  }
  Status lost(const RidgelineLost& l) override {
    lostCount += static_cast<int64_t>(l.count);
    lostWhy = text(l.why);
    return {};
  }
  Status note(const RidgelineNote& n) override {
    lines.push_back(fmt::format("note {} {}", n.severity, text(n.text)));
    return {};
  }
};

void writeKernels(RidgelineSpool* spool, int count, int from = 0) {
  for (int i = from; i < from + count; ++i) {
    const auto name = "kernel_" + std::to_string(i % 7);
    auto k = RIDGELINE_INIT(RidgelineKernel);
    k.track = 1, k.name = name.c_str(), k.start_ns = i + 1, k.end_ns = i + 2;
    ridgeline_spool_record(spool, RIDGELINE_RECORD_KERNEL, &k);
  }
}

std::string contentOf(const fs::path& file) { return *readFile(file); }
void write(const fs::path& file, const std::string& content) { std::ofstream(file, std::ios::binary) << content; }

}  // namespace

TEST_CASE("every member of every record comes back from a spool") {
  Folder folder;
  auto* spool = ridgeline_spool_open("test");
  REQUIRE(spool);
  auto device = RIDGELINE_INIT(RidgelineDevice);
  device.id = "0", device.name = "A name", device.kind = "npu", device.memory_bytes = 7;
  ridgeline_spool_record(spool, RIDGELINE_RECORD_DEVICE, &device);
  auto track = RIDGELINE_INIT(RidgelineTrack);
  track.track = 5, track.name = "stream 5", track.kind = RIDGELINE_STREAM, track.clock = 2, track.device = "0";
  ridgeline_spool_record(spool, RIDGELINE_RECORD_TRACK, &track);
  auto k = RIDGELINE_INIT(RidgelineKernel);
  k.track = 5, k.name = "gemm", k.queued_ns = 1, k.start_ns = 2, k.end_ns = 3, k.correlation = 4;
  k.grid[0] = 5, k.grid[1] = 6, k.grid[2] = 7, k.block[0] = 8, k.block[1] = 9, k.block[2] = 10, k.registers = 11;
  k.static_shared_bytes = 12, k.dynamic_shared_bytes = 13, k.graph = 14, k.graph_node = 15;
  ridgeline_spool_record(spool, RIDGELINE_RECORD_KERNEL, &k);
  auto c = RIDGELINE_INIT(RidgelineCopy);
  c.bytes = 1u << 30, c.kind = RIDGELINE_DEVICE_TO_HOST, c.flags = RIDGELINE_PAGEABLE, c.start_ns = 20, c.end_ns = 21;
  ridgeline_spool_record(spool, RIDGELINE_RECORD_COPY, &c);
  auto s = RIDGELINE_INIT(RidgelineSpan);
  s.name = "launch", s.domain = "runtime", s.detail = "{\"a\":1}", s.kind = RIDGELINE_CALL, s.status = -3,
  s.correlation = 4;
  ridgeline_spool_record(spool, RIDGELINE_RECORD_SPAN, &s);
  auto n = RIDGELINE_INIT(RidgelineCount);
  n.counter = "bytes", n.time_ns = 30, n.correlation = 4, n.value = 0.25;
  ridgeline_spool_record(spool, RIDGELINE_RECORD_COUNT, &n);
  auto t = RIDGELINE_INIT(RidgelineClock);
  t.clock = 2, t.device_ns = 100, t.host_ns = 200, t.uncertainty_ns = 3;
  ridgeline_spool_record(spool, RIDGELINE_RECORD_CLOCK, &t);
  auto note = RIDGELINE_INIT(RidgelineNote);
  note.severity = RIDGELINE_WARNING, note.text = "b\xc3\xa4h";
  ridgeline_spool_record(spool, RIDGELINE_RECORD_NOTE, &note);
  ridgeline_spool_record(spool, 1234, &note);  // of a type that is not known
  ridgeline_spool_close(spool);

  const auto files = folder.files();
  REQUIRE(files.size() == 1);
  const auto info = readSpoolInfo(files[0]);
  REQUIRE(info);
  CHECK(info->plugin == "test");
  CHECK(info->process == ::getpid());
  CHECK(info->program == "test_plugins");
  Seen seen;
  const auto damage = readSpool(files[0], seen);
  REQUIRE(damage);
  CHECK(damage->blocks == 0);
  CHECK(damage->unknown == 0);
  CHECK(seen.lines == std::vector<std::string>{"device 0 A name (null) 7", "track 5 stream 5 2 2 0",
                                               "kernel 5 gemm 1 2 3 5x6x7 8x9x10 4 11 12 13 14 15",
                                               "copy (null) 1073741824 2 1 20 21",
                                               "span launch runtime {\"a\":1} 1 -3 4", "count bytes 30 4 0.25",
                                               "clock 2 100 200 3", "note 1 b\xc3\xa4h"});
}

TEST_CASE("a spool cut off anywhere gives what stands before the cut") {
  Folder folder;
  auto* spool = ridgeline_spool_open("test");
  for (int block = 0; block < 4; ++block) {
    writeKernels(spool, 25, block * 25);
    ridgeline_spool_flush(spool);
  }
  ridgeline_spool_close(spool);
  const auto whole = contentOf(folder.files()[0]);
  const auto cut = folder.folder.path() / "cut";
  int64_t most = 0;
  for (size_t size = 0; size <= whole.size(); size += size + 200 < whole.size() ? 13 : 1) {
    write(cut, whole.substr(0, size));
    Seen seen;
    const auto damage = readSpool(cut, seen);
    INFO(size << " of " << whole.size());
    if (size < sizeof(RidgelineSpoolHeader)) {
      CHECK_FALSE(damage);
      continue;
    }
    REQUIRE(damage);
    CHECK(seen.kernels % 25 == 0);
    CHECK(seen.kernels >= most);  // more of the file is never less of the recording
    most = seen.kernels;
    CHECK(damage->blocks == 0);
  }
  CHECK(most == 100);
}

TEST_CASE("a damaged block costs its own records and no others") {
  Folder folder;
  auto* spool = ridgeline_spool_open("test");
  std::vector<size_t> ends;
  for (int block = 0; block < 4; ++block) {
    writeKernels(spool, 25, block * 25);
    ridgeline_spool_flush(spool);
    ends.push_back(fs::file_size(folder.files()[0]));
  }
  ridgeline_spool_close(spool);
  const auto whole = contentOf(folder.files()[0]);
  const auto bad = folder.folder.path() / "bad";
  for (size_t at = ends[0]; at < ends[1]; at += 7) {  // anything in the second block
    auto content = whole;
    content[at] = static_cast<char>(content[at] ^ 0x55);
    write(bad, content);
    Seen seen;
    const auto damage = readSpool(bad, seen);
    INFO("byte " << at - ends[0] << " of the block");
    REQUIRE(damage);
    const bool counted = at >= ends[0] + 8 && at < ends[0] + 16;  // the number of records and the reserve: for people
    CHECK(seen.kernels == (counted ? 100 : 75));
    CHECK(damage->blocks + damage->missingBytes >= (counted ? 0 : 1));
  }
}

TEST_CASE("what is no spool is refused, and noise is survived") {
  Folder folder;
  const auto file = folder.folder.path() / "zz-noise";
  write(file, "");
  Seen seen;
  CHECK_FALSE(readSpool(file, seen));
  CHECK_FALSE(readSpool("/no/such/file", seen));
  auto* spool = ridgeline_spool_open("test");
  writeKernels(spool, 10);
  ridgeline_spool_close(spool);
  const auto head = contentOf(folder.files()[0]).substr(0, sizeof(RidgelineSpoolHeader));
  uint64_t state = 1;
  for (int round = 0; round < 200; ++round) {
    std::string content = head;
    for (int i = 0; i < 400; ++i) {
      state = state * 6364136223846793005ull + 1442695040888963407ull;
      content += static_cast<char>(state >> 56);
    }
    // Blocks that are sound outside and noise inside.
    RidgelineSpoolBlock block{RIDGELINE_SPOOL_BLOCK_MAGIC, 400, 1, 0, 0};
    block.checksum = ridgeline_spool_checksum(content.data() + head.size(), 400);
    content.insert(head.size(), reinterpret_cast<const char*>(&block), sizeof block);
    write(file, content);
    CHECK(readSpool(file, seen));
  }
  auto version = contentOf(folder.files().back());
  std::string newer = head;
  newer[8] = 2;
  write(file, newer);
  const auto refused = readSpool(file, seen);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("spool version 2") != std::string::npos);
}

TEST_CASE("a process that is forked off spools into a file of its own, and its parent's goes on") {
  Folder folder;
  auto* spool = ridgeline_spool_open("test");
  writeKernels(spool, 10);  // in the buffer, which the child inherits
  const pid_t child = ::fork();
  if (child == 0) {
    writeKernels(spool, 5, 1000);
    ridgeline_spool_close(spool);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(status == 0);
  writeKernels(spool, 10, 10);
  ridgeline_spool_close(spool);
  std::map<int64_t, int64_t> kernels;
  for (const auto& file : folder.files()) {
    Seen seen;
    REQUIRE(readSpool(file, seen));
    kernels[readSpoolInfo(file)->process] = seen.kernels;
    for (const auto& line : seen.lines) CHECK(line.find("name lost") == std::string::npos);
  }
  CHECK(kernels == std::map<int64_t, int64_t>{{::getpid(), 20}, {child, 5}});
}

TEST_CASE("kill -9 costs at most the last block") {
  Folder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    auto* spool = ridgeline_spool_open("test");
    writeKernels(spool, 20000);
    ::kill(::getpid(), SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  Seen seen;
  const auto damage = readSpool(folder.files()[0], seen);
  REQUIRE(damage);
  constexpr int64_t perBlock = (256 << 10) / (sizeof(RidgelineWire) + sizeof(RidgelineWireKernel));
  CHECK(seen.kernels >= 20000 - perBlock);
  CHECK(seen.kernels < 20000);
  CHECK(damage->blocks == 0);
}

TEST_CASE("several threads spool at once") {
  Folder folder;
  auto* spool = ridgeline_spool_open("test");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) threads.emplace_back([spool, t] { writeKernels(spool, 5000, t * 5000); });
  for (auto& t : threads) t.join();
  ridgeline_spool_close(spool);
  Seen seen;
  REQUIRE(readSpool(folder.files()[0], seen));
  CHECK(seen.kernels == 20000);
  std::sort(seen.starts.begin(), seen.starts.end());
  CHECK(std::unique(seen.starts.begin(), seen.starts.end()) == seen.starts.end());
  CHECK(seen.starts.back() == 20000);
}

TEST_CASE("when there is no room, what was lost is counted") {
  Folder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    auto* spool = ridgeline_spool_open("test");
    writeKernels(spool, 100);
    ridgeline_spool_flush(spool);
    const rlimit none{fs::file_size(folder.files()[0]) + 100, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &none);
    writeKernels(spool, 50, 100);
    ridgeline_spool_flush(spool);
    const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &all);
    writeKernels(spool, 30, 150);
    ridgeline_spool_close(spool);
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  Seen seen;
  const auto damage = readSpool(folder.files()[0], seen);
  REQUIRE(damage);
  CHECK(damage->blocks == 0);
  CHECK(seen.kernels == 130);
  CHECK(seen.lostCount == 50);
  CHECK(seen.lostWhy == "there was no room to write them");
  CHECK(seen.lines.back().find("kernel_") != std::string::npos);
}

TEST_CASE("nobody spools when nobody records") {
  ::unsetenv(RIDGELINE_SPOOL_VARIABLE);
  CHECK(ridgeline_spool_open("test") == nullptr);
  writeKernels(nullptr, 3);  // does nothing
  ridgeline_spool_flush(nullptr);
  ridgeline_spool_close(nullptr);
  ::setenv(RIDGELINE_SPOOL_VARIABLE, "/no/such/folder", 1);
  CHECK(ridgeline_spool_open("test") == nullptr);
  ::unsetenv(RIDGELINE_SPOOL_VARIABLE);
}

TEST_CASE("texts of any length and content are kept or cut") {
  Folder folder;
  auto* spool = ridgeline_spool_open("test");
  const std::string longest(100'000, 'x');
  auto k = RIDGELINE_INIT(RidgelineKernel);
  k.track = 1, k.name = longest.c_str(), k.start_ns = 1, k.end_ns = 2;
  ridgeline_spool_record(spool, RIDGELINE_RECORD_KERNEL, &k);
  k.name = "";
  ridgeline_spool_record(spool, RIDGELINE_RECORD_KERNEL, &k);
  k.name = nullptr;
  ridgeline_spool_record(spool, RIDGELINE_RECORD_KERNEL, &k);
  ridgeline_spool_close(spool);
  Seen seen;
  REQUIRE(readSpool(folder.files()[0], seen));
  REQUIRE(seen.lines.size() == 3);
  CHECK(seen.lines[0].find(std::string(16384, 'x') + " ") != std::string::npos);
  CHECK(seen.lines[1].starts_with("kernel 1  "));
  CHECK(seen.lines[2].starts_with("kernel 1 (null) "));
}

TEST_CASE("records of an older, shorter struct are whole") {
  Folder folder;
  auto* spool = ridgeline_spool_open("test");
  auto k = RIDGELINE_INIT(RidgelineKernel);
  k.size = offsetof(RidgelineKernel, grid);
  k.track = 1, k.name = "old", k.start_ns = 1, k.end_ns = 2, k.grid[0] = 99, k.graph_node = 99;
  ridgeline_spool_record(spool, RIDGELINE_RECORD_KERNEL, &k);
  ridgeline_spool_close(spool);
  Seen seen;
  REQUIRE(readSpool(folder.files()[0], seen));
  REQUIRE(seen.lines.size() == 1);
  CHECK(seen.lines[0] == "kernel 1 old 0 1 2 0x0x0 0x0x0 0 0 0 0 0 0");
}

TEST_CASE("a clock's offset and drift are taken from what was seen of it") {
  constexpr int64_t second = 1'000'000'000;
  CHECK(ClockMap().toHost(42) == 42);
  CHECK(ClockMap({{100, 1100, 5}}).toHost(200) == 1200);
  // The device runs 100 ns a second slow, and one of two moments in a second is surer.
  const ClockMap drifting({{10 * second, 20 * second, 10},
                           {10 * second + 5, 20 * second + 9000, 9000},
                           {12 * second, 22 * second + 200, 10}});
  CHECK(drifting.toHost(10 * second) == 20 * second);
  CHECK(drifting.toHost(11 * second) == 21 * second + 100);
  CHECK(drifting.toHost(9 * second) == 19 * second);
  CHECK(drifting.toHost(13 * second) == 23 * second + 200);
  CHECK(drifting.uncertaintyNs() == 10);
  // A moment that would need a clock half as fast is wrong.
  const ClockMap wrong({{second, second, 10}, {3 * second, 2 * second, 10}, {4 * second, 4 * second, 10}});
  CHECK(wrong.toHost(3 * second) == 3 * second);
}
