// Every shared recording against a count made by a script that shares no code with the importer.
#include "tests/import/support.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <set>

using namespace ridgeline;
using namespace ridgeline::tests;
namespace fs = std::filesystem;

namespace {

nlohmann::json counted(const fs::path& file) {
  const auto script = fs::path(RIDGELINE_TEST_DATA).parent_path() / "import/count_traces.py";
  const auto command = fmt::format("python3 '{}' '{}'", script.string(), file.string());
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string out;
  char chunk[4096];
  for (size_t n = 0; (n = fread(chunk, 1, sizeof chunk, pipe)) > 0;) out.append(chunk, n);
  REQUIRE(pclose(pipe) == 0);
  return nlohmann::json::parse(out);
}

std::set<std::string> kernelNames(const profile::Profile& p) {
  std::set<std::string> names;
  for (const auto& row : rowsOf(p,
                                "SELECT DISTINCT l.text FROM slice s JOIN label l ON l.id = s.label "
                                "WHERE s.kind = 'kernel'")) {
    names.insert(row[0]);
  }
  return names;
}

void compare(const fs::path& file) {
  INFO(file.filename());
  const auto expected = counted(file);
  const auto made = import({file});
  const auto& p = made.profile;
  for (const char* kind : {"kernel", "copy", "set"}) {
    INFO(kind);
    const auto rows = rowsOf(p, fmt::format("SELECT COUNT(*), COALESCE(SUM(duration_ns), 0) FROM slice "
                                            "WHERE kind = '{}'",
                                            kind));
    CHECK(rows[0][0] == std::to_string(expected[kind]["count"].get<int64_t>()));
    CHECK(rows[0][1] == std::to_string(expected[kind]["ns"].get<int64_t>()));
  }
  CHECK(one(p, "SELECT COUNT(*) FROM kernel") == std::to_string(expected["kernel"]["count"].get<int64_t>()));
  CHECK(one(p, "SELECT COALESCE(SUM(bytes), 0) FROM copy WHERE direction <> 'set'") ==
        std::to_string(expected["copied_bytes"].get<int64_t>()));
  const auto names = expected["names"].get<std::set<std::string>>();
  CHECK(kernelNames(p) == names);
}

bool skipped() {
  if (!sharedTraces().empty()) return false;
  WARN("skipped: the shared recordings are not here; set RIDGELINE_SHARED_DATA");
  return true;
}

}  // namespace

TEST_CASE("Kernels, copies and names of every Kineto recording equal an independent count", "[import]") {
  if (skipped()) return;
  int count = 0;
  for (const auto& entry : fs::directory_iterator(sharedTraces() / "kineto")) compare(entry.path()), ++count;
  CHECK(count >= 9);
}

TEST_CASE("Kernels, copies and names of every Nsight Systems export equal an independent count", "[import]") {
  if (skipped()) return;
  int count = 0;
  for (const auto& entry : fs::directory_iterator(sharedTraces() / "nsys")) compare(entry.path()), ++count;
  CHECK(count >= 2);
}

TEST_CASE("A TensorRT profile and its graph become one recording with every layer's time and shape", "[import]") {
  if (skipped()) return;
  for (const char* engine : {"A100_resnet18_fp32", "A100_resnet18_fp16"}) {
    INFO(engine);
    const auto folder = sharedTraces() / "tensorrt" / engine;
    const auto layers = nlohmann::json::parse(*readFile(folder / "resnet.onnx.engine.profile.json"));
    double ms = 0;
    std::multiset<std::string> names;
    for (const auto& layer : layers) {
      if (!layer.contains("name")) continue;
      ms += layer["averageMs"].get<double>();
      names.insert(layer["name"].get<std::string>());
    }
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
    const auto made = import(files);
    CHECK(made.summary.ranks.size() == 1);
    std::multiset<std::string> imported;
    const auto operators = *made.profile.all<profile::Operator>();
    for (const auto& op : operators) imported.insert(op.name);
    CHECK(imported == names);
    CHECK(std::stod(one(made.profile, "SELECT SUM(time_ns) / 1e6 FROM operator")) == Approx(ms));
    CHECK(one(made.profile, "SELECT name FROM device").find("A100") != std::string::npos);
    // 2 x outputs x window x input channels: 32 x 64 x 112 x 112 outputs, 7 x 7 x 3 inputs each.
    CHECK(one(made.profile, "SELECT flops FROM operator WHERE name = 'Conv_0 + Relu_1'") == "7552892928");
  }
}

TEST_CASE("Nothing personal of a recording is in its profile", "[import]") {
  if (skipped()) return;
  std::vector<fs::path> files;
  for (const char* kind : {"kineto", "nsys"}) {
    for (const auto& entry : fs::directory_iterator(sharedTraces() / kind)) files.push_back(entry.path());
  }
  const Scratch scratch;
  const auto path = scratch.at("all.ridge");
  const auto summary = collector::import::importTraces({files, path, {"ridgeline", "import"}}, quietJob());
  REQUIRE(summary);
  CHECK(summary->ranks.size() >= files.size());
  const auto bytes = *readFile(path);
  for (const char* word : {"/home/", "/private/", "login03", "anaconda3", "site-packages", "slurm", "pyper:"}) {
    INFO(word);
    CHECK(bytes.find(word) == std::string::npos);
  }
}
