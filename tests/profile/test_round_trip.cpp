#include "base/files.h"
#include "profile/profile.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::profile;

namespace {

Work someWork() { return {1e9, 2e6, 3e5, 4e4, 5e3, "float32"}; }

struct Filled {
  TemporaryFolder folder = *TemporaryFolder::create("test");
  std::filesystem::path path = folder.path() / "p.ridge";
  DeviceId device;
  OperatorId conv, loop;
};

Profile fill(Filled& f) {
  auto p = *Profile::create(f.path);
  f.device = *p.add(Device{{}, "EPYC", "cpu", "AMD", R"({"isa":["avx2"]})"});
  const auto model =
      *p.add(Model{{}, "resnet50.onnx", "ab12", 102000000, 17, "pytorch", {"x float32 1x3x224x224", "y"}});
  const auto node = *p.add(Node{{}, model, "conv1_out", "Conv", "", 3, someWork()});
  REQUIRE(p.add(Node{{}, model, "loop_out", "Loop", "ai.onnx", 4, std::nullopt}));
  f.conv = *p.add(Operator{{},
                           f.device,
                           "conv1",
                           "Conv",
                           "CPUExecutionProvider",
                           0,
                           1.5,
                           2e6,
                           1e4,
                           someWork(),
                           8e6,
                           "float32 1x3x8x8",
                           "float32 1x8x8x8",
                           Provenance::Measured,
                           Provenance::Modelled});
  f.loop = *p.add(Operator{.name = "loop", .opType = "Loop"});
  REQUIRE(p.add(OperatorNode{f.conv, node}));
  return p;
}

}  // namespace

TEST_CASE("What is written is read back after the profile is closed", "[profile]") {
  Filled f;
  {
    auto p = fill(f);
    REQUIRE(p.finish());
  }
  auto p = Profile::open(f.path, Profile::Mode::ReadOnly);
  REQUIRE(p);
  const auto operators = *p->all<Operator>();
  REQUIRE(operators.size() == 2);
  const auto& conv = operators[0];
  CHECK(conv.id == f.conv);
  CHECK(conv.device == f.device);
  CHECK(conv.name == "conv1");
  CHECK(conv.callsPerRun == 1.5);
  CHECK(conv.timeNs == 2e6);
  CHECK(conv.timeMadNs == 1e4);
  REQUIRE(conv.work);
  CHECK(conv.work->flops == 1e9);
  CHECK(conv.work->intOps == 2e6);
  CHECK(conv.work->bytesRead == 3e5);
  CHECK(conv.work->bytesWritten == 4e4);
  CHECK(conv.work->constantBytes == 5e3);
  CHECK(conv.work->computeType == "float32");
  CHECK(conv.workingSetBytes == 8e6);
  CHECK(conv.inputShapes == "float32 1x3x8x8");
  CHECK(conv.provenanceWork == Provenance::Modelled);
  const auto& loop = operators[1];
  CHECK_FALSE(loop.device);
  CHECK_FALSE(loop.work);
  CHECK_FALSE(loop.workingSetBytes);
  CHECK_FALSE(loop.provenanceWork);

  const auto models = *p->all<Model>();
  REQUIRE(models.size() == 1);
  CHECK(models[0].inputs == std::vector<std::string>{"x float32 1x3x224x224", "y"});
  CHECK(models[0].bytes == 102000000);
  const auto nodes = *p->all<Node>();
  REQUIRE(nodes.size() == 2);
  CHECK(nodes[1].domain == "ai.onnx");
  CHECK_FALSE(nodes[1].work);
  const auto links = *p->all<OperatorNode>();
  REQUIRE(links.size() == 1);
  CHECK(links[0].node == nodes[0].id);
}

TEST_CASE("Unknown work is NULL in the file, not zero", "[profile]") {
  Filled f;
  auto p = fill(f);
  const auto table =
      *p.query("SELECT flops, compute_type, work_known, working_set_bytes FROM operator WHERE name = 'loop'");
  REQUIRE(table.rows.size() == 1);
  CHECK(table.rows[0] == std::vector<Cell>{std::monostate{}, std::monostate{}, int64_t{0}, std::monostate{}});
}

TEST_CASE("Findings, advice, trials and proofs keep every field", "[profile]") {
  auto p = *Profile::createInMemory();
  Finding finding{{}, "hotspots", Severity::Warning, "Conv_12: \"slow\"", "Conv_12", {"a, b", "\xff is no UTF-8", ""},
                  1.9};
  REQUIRE(p.add(finding));
  const auto advice =
      *p.add(Advice{{}, "quantize", "quantization", true, "u8s8", "53 Conv", {"/a/Conv", "b"}, {"e"}, 4.5, "r"});
  REQUIRE(p.add(Advice{{}, "fuse", "fusion", false, "", "", {}, {}, std::nullopt, ""}));
  Trial trial{{},  advice, 1,   "quantize",      "quantization", true,   "u8s8", "53 Conv", 4.5, 3.5,
              1.2, 1.1,    1.3, Verdict::Faster, true,           "kept", 0.999,  0.01,      12,  3.5};
  REQUIRE(p.add(trial));
  REQUIRE(p.add(Trial{.ordinal = 2, .rule = "fuse", .reason = "did not build"}));
  REQUIRE(p.add(
      Proof{{},   10,  5,     2,           1.9, 2.1, Verdict::Faster, 0.99, 0.5, 1.0, 4, InputKind::Given, 100, 50,
            1000, 500, false, "fast.onnx", 20,  99.5}));
  REQUIRE(p.add(NearMiss{{}, "fuse", "/a", "no mask"}));

  const auto findings = *p.all<Finding>();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].severity == Severity::Warning);
  CHECK(findings[0].text == "Conv_12: \"slow\"");
  CHECK(findings[0].evidence == std::vector<std::string>{"a, b", "\xef\xbf\xbd is no UTF-8", ""});
  CHECK(findings[0].value == 1.9);
  const auto advices = *p.all<Advice>();
  REQUIRE(advices.size() == 2);
  CHECK(advices[0].places == std::vector<std::string>{"/a/Conv", "b"});
  CHECK(advices[0].lossy);
  CHECK(advices[0].predictedGainMs == 4.5);
  CHECK_FALSE(advices[1].predictedGainMs);
  CHECK(advices[1].places.empty());
  const auto trials = *p.all<Trial>();
  REQUIRE(trials.size() == 2);
  CHECK(trials[0].advice == advice);
  CHECK(trials[0].verdict == Verdict::Faster);
  CHECK(trials[0].ratioHi == 1.3);
  CHECK(trials[0].accepted);
  CHECK_FALSE(trials[1].verdict);
  CHECK_FALSE(trials[1].ratio);
  CHECK_FALSE(trials[1].advice);
  const auto proofs = *p.all<Proof>();
  REQUIRE(proofs.size() == 1);
  CHECK(proofs[0].inputs == InputKind::Given);
  CHECK(proofs[0].peakMemoryAfter == 50);
  CHECK_FALSE(proofs[0].constraintsMet);
  CHECK(proofs[0].outputFile == "fast.onnx");
  CHECK(proofs[0].searchSeconds == 99.5);
  CHECK((*p.all<NearMiss>()).at(0).why == "no mask");
}

TEST_CASE("Roofs, runs, tracks, slices and counters keep every field", "[profile]") {
  auto p = *Profile::createInMemory();
  const auto device = *p.add(Device{.name = "d", .kind = "cpu"});
  REQUIRE(p.add(
      Roof{{}, device, RoofKind::Bandwidth, "", "L2", "triad", 1e11, "B/s", 2, 0.03, Provenance::Imported, "how"}));
  const auto run = *p.add(Run{{}, RunKind::Observed, 7, 1000, 2000});
  const auto track = *p.add(Track{{}, device, "worker 1", TrackKind::Stream, 3});
  const auto op = *p.add(Operator{.name = "o", .opType = "Add"});
  const auto label = *p.label("gemm");
  CHECK(*p.label("gemm") == label);
  CHECK(*p.label("other") != label);
  REQUIRE(p.add(Slice{{}, track, op, label, run, -5, 9}));
  const auto counter = *p.add(CounterKind{{}, "CONTEXT-SWITCHES", "1", "d"});
  REQUIRE(p.add(CounterValue{counter, op, 3, Provenance::Measured}));
  REQUIRE(p.add(Classification{op, Bound::Memory, "DRAM", 1.0, 2.0, std::nullopt, 4.0, std::nullopt}));

  const auto roof = (*p.all<Roof>()).at(0);
  CHECK(roof.kind == RoofKind::Bandwidth);
  CHECK(roof.level == "L2");
  CHECK(roof.pattern == "triad");
  CHECK(roof.threads == 2);
  CHECK(roof.spread == 0.03);
  CHECK(roof.provenance == Provenance::Imported);
  CHECK((*p.all<Run>()).at(0).kind == RunKind::Observed);
  CHECK((*p.all<Run>()).at(0).durationNs == 2000);
  CHECK((*p.all<Track>()).at(0).kind == TrackKind::Stream);
  const auto slice = (*p.all<Slice>()).at(0);
  CHECK(slice.label == label);
  CHECK(slice.run == run);
  CHECK(slice.startNs == -5);
  CHECK((*p.all<CounterValue>()).at(0).value == 3);
  const auto classification = (*p.all<Classification>()).at(0);
  CHECK(classification.bound == Bound::Memory);
  CHECK(classification.headroomNs == 2.0);
  CHECK_FALSE(classification.intensity);
  CHECK(classification.achievedOpsPerS == 4.0);
}

TEST_CASE("A row is changed by its id", "[profile]") {
  auto p = *Profile::createInMemory();
  Trial trial{.rule = "fuse"};
  trial.id = *p.add(trial);
  trial.accepted = true;
  trial.reason = "kept";
  REQUIRE(p.update(trial));
  CHECK((*p.all<Trial>()).at(0).reason == "kept");
  trial.id = {77};
  CHECK_FALSE(p.update(trial));
  trial.id = {};
  CHECK_FALSE(p.update(trial));
}

TEST_CASE("A transaction that is not committed leaves nothing", "[profile]") {
  auto p = *Profile::createInMemory();
  {
    auto outer = p.begin();
    REQUIRE(p.add(Run{.ordinal = 1}));
    {
      auto inner = p.begin();
      REQUIRE(p.add(Run{.ordinal = 2}));
      REQUIRE(p.label("lost"));
    }
    CHECK(*p.count<Run>() == 1);
    CHECK(p.label("lost")->value == 1);  // not a remembered id of a row that is gone
    {
      auto inner = p.begin();
      REQUIRE(p.add(Run{.ordinal = 3}));
      REQUIRE(inner->commit());
      CHECK_FALSE(inner->commit());
    }
    CHECK(*p.count<Run>() == 2);
    REQUIRE(outer->commit());
  }
  CHECK(*p.count<Run>() == 2);
  {
    auto outer = p.begin();
    REQUIRE(p.clear<Run>());
  }
  CHECK(*p.count<Run>() == 2);
}

TEST_CASE("A row that refers to nothing is refused", "[profile]") {
  auto p = *Profile::createInMemory();
  const auto added = p.add(Slice{.track = {99}, .startNs = 1});
  REQUIRE_FALSE(added);
  CHECK(added.error().code == ErrorCode::Internal);
}

TEST_CASE("A command is kept without folders", "[profile]") {
  const std::vector<std::string> command{
      "record", "/home/me/models/net.onnx", "--shape",  "x=1x3", "--inputs=/data/set/",
      "-o",     "../out/p.ridge",           "relative/"};
  CHECK(commandForProfile(command) == "record net.onnx --shape x=1x3 --inputs=set -o p.ridge relative");
}

TEST_CASE("Meta values are set and replaced", "[profile]") {
  auto p = *Profile::createInMemory();
  CHECK_FALSE(p.metaValue(meta::threads));
  REQUIRE(p.setMeta(meta::threads, "2"));
  REQUIRE(p.setMeta(meta::threads, "4"));
  CHECK(p.metaValue(meta::threads) == "4");
  CHECK(p.metaValue(meta::created)->size() == 20);
  CHECK_FALSE(p.complete());
}
