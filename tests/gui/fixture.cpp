#include "tests/gui/fixture.h"

#include "base/files.h"
#include "profile/level_vocabulary.h"
#include "profile/timeline_vocabulary.h"
#include "tests/support/trace_text.h"

#include <catch2/catch.hpp>

#include <QElapsedTimer>
#include <QProcess>
#include <QThread>
#include <cstdlib>

namespace ridgeline::tests {
namespace {

using namespace profile;

template <class T>
auto must(T result) {
  if (!result) throw std::runtime_error(result.error().text());
  if constexpr (!std::is_same_v<T, Status>) return *result;
}

Operator operatorOf(const std::string& name, const std::string& type, double ms, double flops, double bytes) {
  Operator op{.name = name, .opType = type, .provider = "CPUExecutionProvider", .timeNs = ms * 1e6};
  op.work = Work{.flops = flops, .bytesRead = bytes * 0.75, .bytesWritten = bytes * 0.25, .computeType = "float32"};
  op.workingSetBytes = bytes;
  op.inputShapes = "float32 1x64x56x56";
  op.outputShapes = "float32 1x64x56x56";
  op.provenanceWork = Provenance::Modelled;
  return op;
}

void addRoofs(Profile& p, DeviceId device) {
  const auto roof = [&](RoofKind kind, const char* type, const char* level, const char* pattern, double value) {
    must(p.add(Roof{.device = device,
                    .kind = kind,
                    .dtype = type,
                    .level = level,
                    .pattern = pattern,
                    .value = value,
                    .unit = kind == RoofKind::Compute ? "FLOP/s" : "B/s",
                    .threads = 2,
                    .spread = 0.01,
                    .how = "a test"}));
  };
  roof(RoofKind::Compute, "float32", "", "", 100e9);
  roof(RoofKind::Bandwidth, "", "L2", "read", 200e9);
  roof(RoofKind::Bandwidth, "", "DRAM", "read", 10e9);
  roof(RoofKind::Bandwidth, "", "DRAM", "triad", 8e9);
}

// conv1, relu1 (fused), pool, then four times (conv, norm, gelu -> the last two fused), fc.
void addModel(Profile& p, DeviceId device) {
  const auto model = must(
      p.add(Model{.name = "net.onnx", .sha256 = std::string(64, 'a'), .bytes = 1000, .opset = 17, .producer = "test"}));
  std::vector<NodeId> nodes;
  const auto node = [&](const std::string& name, const std::string& type) {
    nodes.push_back(must(
        p.add(Node{.model = model, .name = name, .opType = type, .position = static_cast<int64_t>(nodes.size())})));
    return nodes.back();
  };
  const auto runs = [&](OperatorId op, std::initializer_list<NodeId> of) {
    for (const auto n : of) must(p.add(OperatorNode{op, n}));
  };
  // 600 MFLOP at 100 GFLOP/s: a roof of 6 ms under 10 ms.
  runs(must(p.add(operatorOf("conv1", "Conv", 10, 600e6, 1e6))), {node("conv1", "Conv"), node("relu1", "Relu")});
  // 40 MB at 10 GB/s: a roof of about 4 ms under 5 ms, bound by memory.
  runs(must(p.add(operatorOf("pool", "MaxPool", 5, 1e6, 40e6))), {node("pool", "MaxPool")});
  for (int i = 0; i < 4; ++i) {
    const auto n = std::to_string(i);
    runs(must(p.add(operatorOf("block" + n + "/conv", "Conv", 1 + i, 50e6, 1e5))),
         {node("block" + n + "/conv", "Conv")});
    runs(must(p.add(operatorOf("block" + n + "/gelu", "FusedGelu", 0.5, 1e6, 1e6))),
         {node("block" + n + "/norm", "Mul"), node("block" + n + "/gelu", "Gelu")});
  }
  runs(must(p.add(operatorOf("fc", "Gemm", 2, 100e6, 4e6))), {node("fc", "Gemm")});
  std::vector<NodeEdge> edges;
  for (size_t i = 1; i < nodes.size(); ++i) edges.push_back({nodes[i - 1], nodes[i]});
  must(p.addAll(edges));
  (void)device;
}

void addRuns(Profile& p, DeviceId device) {
  const auto track = must(p.add(Track{.device = device, .name = "thread 1"}));
  const auto operators = must(p.all<Operator>());
  int64_t at = 1'000'000'000;
  for (int i = 0; i < 6; ++i) {
    must(p.add(Run{.kind = RunKind::Plain, .ordinal = 2 * i, .startNs = at, .durationNs = 29'000'000 + i * 100'000}));
    at += 40'000'000;
    const auto run =
        must(p.add(Run{.kind = RunKind::Observed, .ordinal = 2 * i + 1, .startNs = at, .durationNs = 31'000'000}));
    int64_t t = at;
    for (const auto& op : operators) {
      if (i < 2)
        must(p.add(Slice{
            .track = track, .op = op.id, .run = run, .startNs = t, .durationNs = static_cast<int64_t>(op.timeNs)}));
      t += static_cast<int64_t>(op.timeNs) + 2000;
    }
    at += 40'000'000;
  }
}

void addTrials(Profile& p) {
  const auto first = must(p.add(Advice{.rule = "fuse-gelu",
                                       .kind = "fusion",
                                       .target = "4 Gelu",
                                       .places = {"block0/gelu"},
                                       .evidence = {"four nodes", "0.5 ms each"},
                                       .predictedGainMs = 1.5}));
  must(p.add(Advice{.rule = "quantize-static",
                    .kind = "quantization",
                    .lossy = true,
                    .variant = "u8s8-qdq",
                    .target = "5 Conv",
                    .evidence = {"INT8 is 4 times as fast"},
                    .predictedGainMs = 9.25,
                    .risk = "weights drop to INT8"}));
  must(p.add(Trial{.advice = first,
                   .ordinal = 1,
                   .rule = "fuse-gelu",
                   .kind = "fusion",
                   .target = "4 Gelu",
                   .predictedGainMs = 1.5,
                   .measuredGainMs = 1.25,
                   .ratio = 1.05,
                   .ratioLo = 1.03,
                   .ratioHi = 1.07,
                   .verdict = Verdict::Faster,
                   .accepted = true,
                   .cosine = 1.0,
                   .rounds = 20,
                   .seconds = 2}));
  must(p.add(Trial{.ordinal = 2,
                   .rule = "quantize-static",
                   .kind = "quantization",
                   .lossy = true,
                   .variant = "u8s8-qdq",
                   .target = "5 Conv",
                   .predictedGainMs = 9.25,
                   .reason = "output y has cosine 0.98, below 0.99",
                   .cosine = 0.98}));
  must(p.add(Proof{.baselineMs = 29.25,
                   .optimizedMs = 26,
                   .speedup = 1.125,
                   .speedupLo = 1.1,
                   .speedupHi = 1.15,
                   .verdict = Verdict::Faster,
                   .cosine = 0.9999,
                   .samples = 4,
                   .outputFile = "net.fast.onnx",
                   .rounds = 30}));
  must(p.add(NearMiss{.rule = "fuse-layer-norm", .place = "block0/norm", .why = "its scale is no constant"}));
}

}  // namespace

QApplication& application() {
  static QApplication* const made = [] {
    setenv("QT_QPA_PLATFORM", "offscreen", 1);
    setenv("XDG_RUNTIME_DIR", scratch("").c_str(), 0);
    static int argc = 1;
    static char name[] = "test_gui";
    static char* argv[] = {name, nullptr};
    return new QApplication(argc, argv);
  }();
  return *made;
}

bool waitUntil(const std::function<bool()>& done) {
  QElapsedTimer timer;
  timer.start();
  while (!done()) {
    if (timer.elapsed() > 60'000) return false;
    QApplication::processEvents(QEventLoop::AllEvents, 10);
    QThread::msleep(1);
  }
  return true;
}

std::filesystem::path scratch(const std::string& name) {
  static const auto folder = must(TemporaryFolder::create("gui").map(
      [](TemporaryFolder&& f) { return std::make_shared<TemporaryFolder>(std::move(f)); }));
  return name.empty() ? folder->path() : folder->path() / name;
}

std::filesystem::path cpuProfile() {
  static const auto path = [] {
    const auto file = scratch("cpu.ridge");
    auto p = *Profile::create(file);
    const auto device = must(p.add(Device{.name = "Test CPU", .kind = "cpu"}));
    for (const auto& [key, value] : {std::pair{meta::model, "net.onnx"},
                                     {meta::device, "Test CPU"},
                                     {meta::engine, "ONNX Runtime 1.30.0"},
                                     {meta::threads, "2"},
                                     {meta::inputs, "synthetic"},
                                     {meta::notes, "N taken as 1"}}) {
      must(p.setMeta(key, value));
    }
    addRoofs(p, device);
    addModel(p, device);
    addRuns(p, device);
    addTrials(p);
    must(p.finish());
    return file;
  }();
  return path;
}

std::filesystem::path gpuProfile() {
  static const auto path = [] {
    const auto file = scratch("gpu.ridge");
    auto p = *Profile::create(file);
    const auto device = must(p.add(Device{.name = "Test GPU", .kind = "gpu"}));
    const auto host = must(p.add(Track{.name = "thread 1"}));
    const auto stream =
        must(p.add(Track{.device = device, .name = "stream 7", .kind = TrackKind::Stream, .ordinal = 1}));
    const auto outer = must(p.label("aten::linear")), launch = must(p.label("cudaLaunchKernel"));
    const auto gemm = must(p.label("ampere_sgemm_128x64_nn")), add = must(p.label("vectorized_add"));
    std::vector<Slice> slices;
    std::vector<KernelLaunch> kernels;
    const auto slice = [&](TrackId track, LabelId name, int64_t start, int64_t duration, SliceKind kind) {
      slices.push_back({.id = SliceId{static_cast<int64_t>(slices.size()) + 1},
                        .track = track,
                        .label = name,
                        .startNs = start,
                        .durationNs = duration,
                        .kind = kind});
      return slices.back().id;
    };
    for (int i = 0; i < 1000; ++i) {
      const int64_t at = i * 100'000;
      const auto op = slice(host, outer, at, 60'000, SliceKind::Operator);
      const auto call = slice(host, launch, at + 10'000, 8000, SliceKind::Call);
      const auto kernel =
          slice(stream, i % 4 == 3 ? add : gemm, at + 30'000, i % 4 == 3 ? 5000 : 50'000, SliceKind::Kernel);
      kernels.push_back({.slice = kernel, .launch = call, .caller = op, .correlation = i});
    }
    must(p.addAll(slices));
    must(p.addAll(kernels));
    must(p.finish());
    return file;
  }();
  return path;
}

std::filesystem::path traceProfile() {
  static const auto path = [] {
    must(writeFileAtomically(scratch("steps.json"), trace(twoSteps("void add<float>(int, float const*)"), 0, kAmpere)));
    const auto file = scratch("steps.ridge");
    runRidgeline({"import", QString::fromStdString(scratch("steps.json").string()), "-o",
                  QString::fromStdString(file.string())});
    return file;
  }();
  return path;
}

std::filesystem::path emptyProfile() {
  static const auto path = [] {
    const auto file = scratch("empty.ridge");
    auto p = *Profile::create(file);
    must(p.finish());
    return file;
  }();
  return path;
}

QByteArray runRidgeline(const QStringList& arguments) {
  application();
  setenv("RIDGELINE_CACHE_DIR", scratch("cache").c_str(), 1);
  QProcess program;
  program.start(QStringLiteral(RIDGELINE_PROGRAM), arguments);
  REQUIRE(program.waitForFinished(60'000));
  INFO(program.readAllStandardError().toStdString());
  REQUIRE(program.exitCode() == 0);
  return program.readAllStandardOutput();
}

gui::DocumentPtr documentOf(const std::filesystem::path& path) {
  auto document = gui::loadDocument(path);
  INFO((document ? "" : document.error().text()));
  REQUIRE(document);
  return *document;
}

}  // namespace ridgeline::tests
