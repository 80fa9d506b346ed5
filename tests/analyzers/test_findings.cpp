#include "analyzers/analyze.h"
#include "analyzers/report_model.h"
#include "base/files.h"
#include "tests/analyzers/machine.h"

#include <catch2/catch.hpp>

#include <random>

using namespace ridgeline;
using namespace ridgeline::analyzers;
using namespace ridgeline::profile;
using namespace ridgeline::test;

namespace {

// Fills a profile with the machine's device and roofs and runs of these durations.
void addMachine(Profile& p, double plainMs, double observedMs) {
  REQUIRE(p.add(device()));
  REQUIRE(p.addAll(roofs()));
  REQUIRE(p.setMeta(meta::threads, "2"));
  REQUIRE(p.setMeta(meta::device, "Round CPU"));
  for (int i = 0; i < 9; ++i) {
    REQUIRE(p.add(Run{{}, RunKind::Plain, 2 * i, 0, static_cast<int64_t>(plainMs * 1e6)}));
    REQUIRE(p.add(Run{{}, RunKind::Observed, 2 * i + 1, 0, static_cast<int64_t>(observedMs * 1e6)}));
  }
}

// 2 ms above a compute roof of 10 ms; 3 ms above a memory roof of 1 ms; 0.1 ms of unknown work.
void addOperators(Profile& p) {
  REQUIRE(p.add(op("conv", 12e6, 2e9, 50e6, 50e6)));
  auto add = op("add", 4e6, 10e6, 50e6, 50e6);
  add.opType = "Add";
  REQUIRE(p.add(add));
  REQUIRE(p.add(Operator{.name = "loop", .opType = "Loop", .timeNs = 1e5}));
}

std::vector<std::string> texts(const Profile& p, const std::string& analyzer) {
  std::vector<std::string> out;
  const auto findings = *p.all<Finding>();
  for (const auto& f : findings) {
    if (f.analyzer == analyzer) out.push_back(f.text);
  }
  return out;
}

bool anyContains(const std::vector<std::string>& lines, const std::string& part) {
  for (const auto& line : lines) {
    if (line.find(part) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("Hot spots are ranked by headroom, not by time", "[hotspots]") {
  auto p = *Profile::createInMemory();
  addMachine(p, 16, 16.1);
  addOperators(p);
  REQUIRE(analyze(p));
  const auto lines = texts(p, "hotspots");
  REQUIRE(lines.size() >= 2);
  CHECK(lines[0] == "add: 4.00 ms, memory-bound at DRAM, 3.00 ms above its roof");
  CHECK(lines[1] == "conv: 12.0 ms, compute-bound, 2.00 ms above its roof");
  CHECK(anyContains(lines, "Add (1 operator): 4.00 ms, 24.8 % of the time, 3.00 ms above roofs"));
  const auto findings = *p.all<Finding>();
  CHECK(findings[0].target == "add");
  CHECK(*findings[0].value == Approx(3));
  CHECK(findings[0].severity == Severity::Warning);
  CHECK(anyContains(findings[0].evidence, "moves 12.5 GB/s"));
  CHECK(anyContains(findings[1].evidence, "167 GFLOP/s in float32"));
  CHECK(texts(p, "measurement").empty());
}

TEST_CASE("Analyzing again changes nothing", "[analyzers]") {
  auto p = *Profile::createInMemory();
  addMachine(p, 10, 20);
  addOperators(p);
  REQUIRE_FALSE(isAnalyzed(p));
  REQUIRE(analyze(p));
  REQUIRE(isAnalyzed(p));
  const std::string findings = "SELECT analyzer, severity, text, target, evidence, value FROM finding ORDER BY id";
  const auto before = p.query(findings)->rows;
  const auto classes = p.query("SELECT * FROM classification")->rows;
  REQUIRE(before.size() > 3);
  REQUIRE(analyze(p));
  CHECK(p.query(findings)->rows == before);
  CHECK(p.query("SELECT * FROM classification")->rows == classes);
}

TEST_CASE("Findings of others stay", "[analyzers]") {
  auto p = *Profile::createInMemory();
  REQUIRE(p.add(Finding{.analyzer = "theirs", .text = "t"}));
  REQUIRE(analyze(p));
  CHECK(texts(p, "theirs").size() == 1);
}

TEST_CASE("A profile with nothing in it is analyzed to nothing", "[analyzers]") {
  auto p = *Profile::createInMemory();
  REQUIRE(analyze(p));
  CHECK(p.all<Finding>()->empty());
  CHECK(p.all<Classification>()->empty());
  const auto report = *loadReport(p);
  CHECK(report.operators.empty());
  CHECK_FALSE(report.latencyMs);
  CHECK_FALSE(report.observedLatencyMs);
  CHECK_FALSE(report.complete);
}

TEST_CASE("Few operators that hold most of the headroom are counted", "[hotspots]") {
  auto p = *Profile::createInMemory();
  addMachine(p, 20, 20);
  REQUIRE(p.add(op("one", 11e6, 10e6, 50e6, 50e6)));                               // 10 ms above 1 ms
  for (int i = 0; i < 9; ++i) REQUIRE(p.add(op("few", 1.1e6, 10e6, 50e6, 50e6)));  // 0.1 ms each
  REQUIRE(analyze(p));
  CHECK(anyContains(texts(p, "hotspots"), "1 of 10 operators holds 91.7 % of the headroom, 10.0 ms of 10.9 ms"));
}

TEST_CASE("Time that is no arithmetic has findings of its own", "[hotspots]") {
  auto p = *Profile::createInMemory();
  addMachine(p, 10, 10);
  REQUIRE(p.add(op("conv", 7e6, 1e9, 1e6, 1e6)));
  auto transpose = op("t", 2e6, 0, 50e6, 50e6);
  transpose.opType = "Transpose";
  REQUIRE(p.add(transpose));
  auto tiny = op("tiny", 7e3, 10, 100, 100);
  tiny.opType = "Add";
  for (int i = 0; i < 100; ++i) REQUIRE(p.add(tiny));
  REQUIRE(p.add(Operator{.name = "custom", .opType = "Custom", .timeNs = 1e6}));
  REQUIRE(analyze(p));
  const auto lines = texts(p, "hotspots");  // 10.7 ms in all
  CHECK(anyContains(lines, "reordering or converting data: 1 operator, 2.00 ms, 18.7 % of the time"));
  CHECK(anyContains(lines, "bound by dispatch: 100 operators, 700 us, 6.5 % of the time"));
  CHECK(anyContains(lines, "of unknown bound: 1 operator, 1.00 ms, 9.3 % of the time"));
}

TEST_CASE("What a loop's body takes is not counted twice", "[hotspots]") {
  auto p = *Profile::createInMemory();
  addMachine(p, 10, 10);
  REQUIRE(p.add(Operator{.name = "loop", .opType = "Loop", .timeNs = 10e6}));
  auto inner = op("inner", 9e6, 1e8, 1e6, 1e6);
  inner.depth = 1;
  REQUIRE(p.add(inner));
  REQUIRE(analyze(p));
  CHECK(texts(p, "measurement").empty());
  const auto report = *loadReport(p);
  CHECK(report.operatorTimeMs == Approx(10));
  CHECK(report.headroomMs == 0);
  REQUIRE(report.operators.size() == 2);
  CHECK_FALSE(report.operators[0].share);  // inner
  CHECK(*report.operators[1].share == Approx(1));
}

TEST_CASE("The recording is checked against itself", "[measurement]") {
  SECTION("observing that costs much") {
    auto p = *Profile::createInMemory();
    addMachine(p, 10, 11.5);
    REQUIRE(p.add(op("o", 11.4e6, 1e9, 1e6, 1e6)));
    REQUIRE(analyze(p));
    CHECK(anyContains(texts(p, "measurement"), "observing made runs 15.0 % slower"));
    CHECK(texts(p, "measurement").size() == 1);
  }
  SECTION("observing that costs more than the work") {
    auto p = *Profile::createInMemory();
    addMachine(p, 1, 12);
    REQUIRE(analyze(p));
    CHECK(anyContains(texts(p, "measurement"), "observing made runs 12 times as long"));
  }
  SECTION("operators that do not add up") {
    auto p = *Profile::createInMemory();
    addMachine(p, 10, 10);
    REQUIRE(p.add(op("o", 9e6, 1e9, 1e6, 1e6)));
    REQUIRE(analyze(p));
    CHECK(anyContains(texts(p, "measurement"),
                      "operator times add up to 9.00 ms, 10.0 % less than the observed latency of 10.0 ms"));
  }
  SECTION("operators that add up to too much") {
    auto p = *Profile::createInMemory();
    addMachine(p, 10, 10);
    REQUIRE(p.add(op("o", 12e6, 1e9, 1e6, 1e6)));
    REQUIRE(analyze(p));
    CHECK(anyContains(texts(p, "measurement"), "20.0 % more than"));
  }
  SECTION("a kept run that adds up says that medians do not because of noise") {
    auto p = *Profile::createInMemory();
    addMachine(p, 10, 10);
    const auto id = *p.add(op("o", 9e6, 1e9, 1e6, 1e6));
    const auto inner = *p.add(Operator{.name = "inner", .depth = 1, .timeNs = 8e6});
    const auto track = *p.add(Track{.name = "t"});
    REQUIRE(p.add(Slice{.track = track, .op = id, .run = {2}, .startNs = 0, .durationNs = 9'900'000}));
    REQUIRE(p.add(Slice{.track = track, .op = inner, .run = {2}, .startNs = 0, .durationNs = 8'000'000}));
    REQUIRE(analyze(p));
    CHECK(
        anyContains(texts(p, "measurement"),
                    "operator times add up to 9.00 ms, 10.0 % less than the observed latency of 10.0 ms: runs differ"));
    CHECK(p.all<Finding>()->front().severity == Severity::Notice);
  }
  SECTION("a kept run that does not add up") {
    auto p = *Profile::createInMemory();
    addMachine(p, 10, 10);
    const auto id = *p.add(op("o", 10e6, 1e9, 1e6, 1e6));
    const auto track = *p.add(Track{.name = "t"});
    REQUIRE(p.add(Slice{.track = track, .op = id, .run = {2}, .startNs = 0, .durationNs = 8'000'000}));
    REQUIRE(analyze(p));
    CHECK(anyContains(texts(p, "measurement"),
                      "operator times add up to 8.00 ms, 20.0 % less than the observed run of 10.0 ms"));
    CHECK(p.all<Finding>()->front().severity == Severity::Warning);
  }
  SECTION("noise") {
    auto p = *Profile::createInMemory();
    for (const int64_t ms : {10, 14, 9, 13, 11, 8}) REQUIRE(p.add(Run{.durationNs = ms * 1'000'000}));
    REQUIRE(analyze(p));
    CHECK(anyContains(texts(p, "measurement"), "plain runs vary by"));
  }
  SECTION("losses") {
    auto p = *Profile::createInMemory();
    REQUIRE(p.setMeta(meta::lostEvents, "17"));
    REQUIRE(analyze(p));
    CHECK(anyContains(texts(p, "measurement"), "17 operator events were lost"));
  }
}

TEST_CASE("Operators without a roof, and faster than it, are told", "[roofline]") {
  auto p = *Profile::createInMemory();
  addMachine(p, 10, 10);
  auto bf16 = op("bf16", 4e6, 1e9, 1e6, 1e6);
  bf16.work->computeType = "bfloat16";
  REQUIRE(p.add(bf16));
  REQUIRE(p.add(op("winograd", 5e6, 2e9, 1e6, 1e6)));
  REQUIRE(p.add(op("nearly", 9e6, 2e9, 1e6, 1e6)));
  REQUIRE(analyze(p));
  const auto lines = texts(p, "roofline");
  CHECK(anyContains(lines, "4.00 ms of operators have no roof to be held against (bfloat16)"));
  CHECK(anyContains(lines, "1 operator is faster than its roof, most of all winograd (5.00 ms for a roof of 10.0 ms)"));
}

TEST_CASE("The report holds what the rows hold", "[report]") {
  auto p = *Profile::createInMemory();
  addMachine(p, 16, 16.5);
  addOperators(p);
  REQUIRE(p.setMeta(meta::model, "net.onnx"));
  REQUIRE(p.setMeta(meta::engine, "ONNX Runtime 1.30.0"));
  REQUIRE(p.setMeta(meta::inputs, "given"));
  REQUIRE(p.setMeta(meta::notes, "first\nsecond"));
  REQUIRE(analyze(p));
  const auto r = *loadReport(p);
  CHECK(r.model == "net.onnx");
  CHECK(r.device == "Round CPU");
  CHECK(r.engine == "ONNX Runtime 1.30.0");
  CHECK(r.threads == 2);
  CHECK_FALSE(r.syntheticInputs);
  CHECK(r.notes == std::vector<std::string>{"first", "second"});
  CHECK(*r.latencyMs == Approx(16));
  CHECK(*r.latencyLoMs == Approx(16));
  CHECK(*r.observedLatencyMs == Approx(16.5));
  CHECK(r.plainRuns == 9);
  CHECK(r.operatorTimeMs == Approx(16.1));
  CHECK(r.headroomMs == Approx(5));
  CHECK(r.roofs.size() == 6);
  REQUIRE(r.operators.size() == 3);
  const auto& add = r.operators[0];
  CHECK(add.name == "add");
  CHECK(add.timeMs == Approx(4));
  CHECK(*add.share == Approx(4 / 16.1));
  CHECK(*add.bytes == Approx(50e6));
  CHECK(*add.flops == Approx(10e6));
  CHECK(*add.achievedGbps == Approx(12.5));
  CHECK(*add.achievedGflops == Approx(2.5));
  CHECK(add.boundText() == "memory (DRAM)");
  CHECK(*add.roofTimeMs == Approx(1));
  CHECK(*add.headroomMs == Approx(3));
  CHECK(add.provenanceWork == Provenance::Modelled);
  CHECK(r.operators[1].name == "conv");
  CHECK(r.operators[1].boundText() == "compute");
  CHECK(r.operators[2].name == "loop");
  CHECK_FALSE(r.operators[2].headroomMs);
  CHECK_FALSE(r.operators[2].flops);
  for (size_t i = 1; i < r.findings.size(); ++i) CHECK(r.findings[i - 1].severity >= r.findings[i].severity);
}

TEST_CASE("A report analyzes what was not, and leaves files alone that it may not change", "[report]") {
  const auto folder = *TemporaryFolder::create("test");
  const auto path = folder.path() / "p.ridge";
  {
    auto p = *Profile::create(path);
    addMachine(p, 16, 16);
    addOperators(p);
    REQUIRE(p.finish());
  }
  const auto first = loadReport(path);
  REQUIRE(first);
  CHECK(first->operators.at(0).bound == Bound::Memory);
  CHECK(isAnalyzed(*Profile::open(path, Profile::Mode::ReadOnly)));
  const auto bytes = *readFile(path);
  const auto second = loadReport(path);
  REQUIRE(second);
  CHECK(second->findings.size() == first->findings.size());
  CHECK(*readFile(path) == bytes);
  CHECK(loadReport(folder.path() / "absent.ridge").error().code == ErrorCode::BadInput);
}

TEST_CASE("A damaged profile gives a report or an error, never a crash", "[report]") {
  const auto folder = *TemporaryFolder::create("test");
  {
    auto p = *Profile::create(folder.path() / "p.ridge");
    addMachine(p, 16, 16);
    addOperators(p);
    REQUIRE(p.finish());
  }
  const auto whole = *readFile(folder.path() / "p.ridge");
  std::mt19937 random(1);
  int refused = 0;
  for (int round = 0; round < 200; ++round) {
    auto damaged = whole;
    for (int i = 0; i < 1 + round % 20; ++i)
      damaged[16 + random() % (damaged.size() - 16)] = static_cast<char>(random());
    const auto path = folder.path() / "damaged.ridge";
    REQUIRE(writeFileAtomically(path, damaged));
    auto p = Profile::open(path, Profile::Mode::Copy);
    const Status analyzed = p ? analyze(*p) : Status(passOn(p));
    if (analyzed && loadReport(*p)) continue;
    ++refused;
    if (!analyzed) CHECK(analyzed.error().message.find('\n') == std::string::npos);
  }
  CHECK(refused > 0);
  CHECK(refused < 200);
}

TEST_CASE("An operator that is faster than a GPU's lanes is of unknown bound", "[roofline]") {
  auto p = *Profile::createInMemory();
  auto gpu = device();
  gpu.kind = "gpu";
  REQUIRE(p.add(gpu));
  REQUIRE(p.addAll(roofs()));
  REQUIRE(p.setMeta(meta::threads, "2"));
  REQUIRE(p.add(op("tensor cores", 5e6, 2e9, 50e6, 50e6)));  // 10 ms at the roof
  REQUIRE(p.add(op("lanes", 12e6, 2e9, 50e6, 50e6)));
  REQUIRE(analyze(p));
  const auto rows = *p.all<Classification>();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].bound == Bound::Unknown);
  CHECK_FALSE(rows[0].roofTimeNs);
  CHECK(rows[1].bound == Bound::Compute);
  CHECK(rows[1].headroomNs.value() == Approx(2e6));
}
