// The whole line on a small network, through the program itself.
#include "base/files.h"
#include "graph/model.h"
#include "tests/cli/program.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace ridgeline;
using namespace ridgeline::tests;
using nlohmann::json;
namespace fs = std::filesystem;

TEST_CASE("a network is recorded, reported, advised on and queried") {
  auto folder = TemporaryFolder::create("main-job");
  REQUIRE(folder);
  const auto profile = (folder->path() / "net.ridge").string();
  const auto recorded = runProgram(
      {"record", sampleModel("tiny-resnet").string(), "-o", profile, "--duration", "1s", "--format", "json"});
  INFO(recorded.err);
  REQUIRE(recorded.status == 0);
  const auto summary = json::parse(recorded.out);
  CHECK(summary["latency_ms"].get<double>() > 0);

  const auto reported = runProgram({"report", profile, "--format", "json"});
  REQUIRE(reported.status == 0);
  const auto report = json::parse(reported.out);
  CHECK(report["schema_version"] == 1);
  CHECK(report["latency_ms"].get<double>() == Approx(summary["latency_ms"].get<double>()));
  CHECK(report["operators"].size() == summary["operators"].get<size_t>());
  double sum = 0, share = 0;
  for (const auto& o : report["operators"]) {
    sum += o["time_ms"].get<double>();
    share += o["share"].get<double>();
    CHECK(o["provenance"]["time"] == "measured");
    if (!o["headroom_ms"].is_null()) CHECK(o["headroom_ms"].get<double>() >= 0);
  }
  CHECK(share == Approx(1));
  CHECK(sum <= report["observed_latency_ms"].get<double>() * 1.05);
  CHECK(report["roofs"].size() >= 3);

  const auto text = runProgram({"report", profile});
  CHECK(text.status == 0);
  CHECK(widestLine(text.out) <= 100);
  CHECK(text.out.find("Where the time goes") != std::string::npos);

  const auto advised = runProgram({"advise", profile, "--format", "json"});
  INFO(advised.err);
  REQUIRE(advised.status == 0);
  CHECK(json::parse(advised.out)["advice"].is_array());

  const auto rows = runProgram({"query", profile, "SELECT count(*) AS n FROM operators", "--format", "json"});
  REQUIRE(rows.status == 0);
  CHECK(json::parse(rows.out)[0]["n"] == summary["operators"]);
  CHECK(runProgram({"query", profile, "DROP TABLE operator"}).status == 2);
}

TEST_CASE("optimize writes a model that runs, its proof, and the ledger") {
  auto folder = TemporaryFolder::create("main-job");
  REQUIRE(folder);
  const auto out = folder->path() / "fast.onnx", profile = folder->path() / "net.ridge";
  const auto ran =
      runProgram({"optimize", sampleModel("tiny-bert").string(), "-o", out.string(), "--profile", profile.string(),
                  "--shape", "N=1", "--shape", "T=16", "--budget", "20s", "--threads", "2", "--format", "json"});
  INFO(ran.err);
  REQUIRE(ran.status == 0);
  const auto result = json::parse(ran.out);
  for (const char* key : {"schema_version", "model", "output", "device", "threads", "baseline_ms", "optimized_ms",
                          "speedup", "speedup_ci95", "constraints_met", "output_error", "peak_memory_mb", "model_bytes",
                          "search_seconds", "accepted", "rejected"}) {
    INFO(key);
    CHECK(result.contains(key));
  }
  CHECK(result["constraints_met"] == true);
  CHECK(result["output_error"]["inputs"] == "synthetic");
  CHECK(graph::Model::load(out));
  if (result["changed"] == true) {
    CHECK(result["speedup_ci95"][0].get<double>() > 1);
    CHECK(result["sleeping_threads"]["speedup"].get<double>() >= 0.99);
    // Where it pays with sleeping threads alone, the speed-up is of those.
    const auto& spinning = result["spinning_threads"];
    if (!spinning.is_null()) CHECK(result["speedup"] == result["sleeping_threads"]["speedup"]);
    CHECK(result["output_error"]["cosine"].get<double>() >= 0.99);
    CHECK_FALSE(result["accepted"].empty());
  } else {
    CHECK(*readFile(out) == *readFile(sampleModel("tiny-bert")));
  }
  for (const auto& t : result["rejected"]) CHECK_FALSE(t["reason"].get<std::string>().empty());
  // A trial is measured where threads spin, unless it was kept for winning where they sleep.
  for (const auto& t : result["accepted"]) {
    if (!t.at("spinning_threads").is_null()) CHECK(t["verdict"] == "faster");
  }
  const auto ledger = runProgram({"query", profile.string(), "SELECT count(*) AS n FROM trial", "--format", "json"});
  CHECK(json::parse(ledger.out)[0]["n"] == result["accepted"].size() + result["rejected"].size());
}

TEST_CASE("what was advised and then tried is one row of the profile") {
  auto folder = TemporaryFolder::create("main-job");
  REQUIRE(folder);
  const auto profile = (folder->path() / "net.ridge").string(), model = sampleModel("tiny-bert").string();
  const std::vector<std::string> shapes{"--shape", "N=1", "--shape", "T=16", "--threads", "1"};
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), shapes.begin(), shapes.end());
    return runProgram(arguments).status;
  };
  REQUIRE(run({"record", model, "-o", profile, "--duration", "100ms"}) == 0);
  REQUIRE(runProgram({"advise", profile, "--model", model}).status == 0);
  REQUIRE(run({"optimize", model, "-o", (folder->path() / "o.onnx").string(), "--profile", profile, "--budget",
               "30s"}) == 0);
  REQUIRE(runProgram({"advise", profile, "--model", model}).status == 0);
  const auto rows = runProgram({"query", profile,
                                "SELECT count(*) AS n, count(DISTINCT rule || variant || target) AS different, "
                                "(SELECT count(*) FROM trial) AS trials FROM advice",
                                "--format", "json"});
  INFO(rows.out);
  const auto row = json::parse(rows.out)[0];
  CHECK(row["trials"] > 0);
  CHECK(row["n"] > 0);
  CHECK(row["n"] == row["different"]);
}

TEST_CASE("a bound that cannot be met is answered with no, and with what stands in the way") {
  auto folder = TemporaryFolder::create("main-job");
  REQUIRE(folder);
  const auto out = (folder->path() / "fast.onnx").string();
  const auto ran = runProgram({"optimize", sampleModel("tiny-resnet").string(), "-o", out, "--budget", "2s",
                               "--max-latency", "1ns", "--format", "json"});
  CHECK(ran.status == 1);
  CHECK(json::parse(ran.out)["constraints_met"] == false);
  CHECK(json::parse(ran.out)["unmet"][0].get<std::string>().find("latency") != std::string::npos);
}

TEST_CASE("help and version answer without a model") {
  const auto help = runProgram({"--help"});
  CHECK(help.status == 0);
  for (const char* verb : {"record", "report", "advise", "optimize", "query", "devices", "sample"}) {
    CHECK(help.out.find(verb) != std::string::npos);
    const auto own = runProgram({verb, "--help"});
    CHECK(own.status == 0);
    CHECK(own.out.size() > 200);
  }
  CHECK(runProgram({"--version"}).out.rfind("ridgeline ", 0) == 0);
}
