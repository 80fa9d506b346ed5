// What a person is told of a recording that other tools made.
#include "base/files.h"
#include "tests/cli/program.h"
#include "tests/support/trace_text.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fstream>

using namespace ridgeline;
using namespace ridgeline::tests;
using nlohmann::json;

namespace {

const std::string kLongName = "void at::native::(anonymous namespace)::a_kernel_of_a_very_long_name" +
                              std::string(200, 'x') + "<float>(int, float const*)";

std::string imported(const TemporaryFolder& folder, int ranks) {
  std::vector<std::string> command{"import"};
  for (int rank = 0; rank < ranks; ++rank) {
    command.push_back(folder.path() / fmt::format("rank{}.json", rank));
    std::ofstream(command.back()) << trace(twoSteps(kLongName), rank, kAmpere);
  }
  const auto profile = (folder.path() / "trace.ridge").string();
  command.insert(command.end(), {"-o", profile});
  const auto ran = runProgram(command);
  INFO(ran.err);
  REQUIRE(ran.status == 0);
  return profile;
}

std::string report(const std::string& profile, const std::string& format) {
  const auto ran = runProgram({"report", profile, "--format", format});
  INFO(ran.err);
  REQUIRE(ran.status == 0);
  return ran.out;
}

}  // namespace

TEST_CASE("the report of a recording has its kernels, devices, copies and critical path") {
  auto folder = TemporaryFolder::create("recordings");
  const auto j = json::parse(report(imported(*folder, 1), "json"));
  REQUIRE(j["kernels"].size() == 2);
  const auto& gemm = j["kernels"][0];
  CHECK(gemm["name"] == "gemm");
  CHECK(gemm["calls"] == 2);
  CHECK(gemm["time_ms"].get<double>() == Approx(0.4));
  CHECK(gemm["share"].get<double>() == Approx(2.0 / 3));
  CHECK(gemm["grid"] == "16x2x1");
  CHECK(gemm["block"] == "128x1x1");
  CHECK(gemm["operator"] == "aten::mm");
  CHECK(gemm["bound"] == "unknown");
  CHECK(gemm["roof_time_ms"].is_null());
  CHECK(j["kernels"][1]["name"] == kLongName);

  REQUIRE(j["devices"].size() == 1);
  const auto& device = j["devices"][0];
  CHECK(device["span_ms"].get<double>() == Approx(1.7));  // from 30 us to 1730 us
  CHECK(device["busy_ms"].get<double>() == Approx(0.8));
  CHECK(device["compute_ms"].get<double>() == Approx(0.6));
  CHECK(device["copy_ms"].get<double>() == Approx(0.2));
  REQUIRE(device["idle"].size() == 1);
  CHECK(device["idle"][0]["reason"] == "host");
  CHECK(device["idle"][0]["count"] == 3);
  CHECK(device["idle"][0]["time_ms"].get<double>() == Approx(0.9));

  REQUIRE(j["copies"].size() == 1);
  CHECK(j["copies"][0]["pinned"] == false);
  CHECK(j["ranks"][0]["steps"] == 2);
  REQUIRE(j["critical_paths"].size() == 1);
  CHECK(j["critical_paths"][0]["of"].get<std::string>().starts_with("ProfilerStep#"));
  CHECK(j["latency_ms"].is_null());
  CHECK(j["observed_latency_ms"].get<double>() == Approx(1));
}

TEST_CASE("the text of a recording's report says what is known, once, in 100 columns") {
  auto folder = TemporaryFolder::create("recordings");
  const auto profile = imported(*folder, 2);
  const auto text = report(profile, "text");
  INFO(text);
  CHECK(widestLine(text) <= 100);
  for (const auto* unknown : {"no latency", "0 threads", "no plain run", "no observed run", "made up from shapes"}) {
    CHECK(text.find(unknown) == std::string::npos);
  }
  // Ranks are not summed and held against a step.
  CHECK(text.find("add up to") == std::string::npos);
  for (const auto* said : {"1.00 ms a step", "NVIDIA A100", "busy 47.1 %", "the host launched too late", "gemm",
                           "aten::mm", "pageable", "2 in each of 2 ranks"}) {
    INFO(said);
    CHECK(text.find(said) != std::string::npos);
  }
  const auto markdown = report(profile, "markdown");
  CHECK(markdown.find("### Kernels") != std::string::npos);
  CHECK(markdown.find("0 threads") == std::string::npos);
  const auto html = report(profile, "html");
  CHECK(html.find("the host launched too late") != std::string::npos);
}

TEST_CASE("a note that every rank makes is said once") {
  // Nothing marks steps, but the kernels repeat.
  const auto repeating = [](int rank) {
    std::string events;
    for (int n = 0; n < 12; ++n) {
      for (const auto* name : {"a", "b", "c"}) {
        events += work("kernel", name, 0, n * 1000 + 100 * (name[0] - 'a'), 50);
      }
    }
    return trace(events, rank);
  };
  auto folder = TemporaryFolder::create("recordings");
  std::vector<std::string> command{"import"};
  for (int rank = 0; rank < 2; ++rank) {
    command.push_back(folder->path() / fmt::format("rank{}.json", rank));
    std::ofstream(command.back()) << repeating(rank);
  }
  const auto profile = (folder->path() / "trace.ridge").string();
  command.insert(command.end(), {"-o", profile});
  const auto ran = runProgram(command);
  REQUIRE(ran.status == 0);
  for (const auto& text : {ran.out, report(profile, "text")}) {
    INFO(text);
    const auto at = text.find("no steps are marked");
    CHECK(at != std::string::npos);
    CHECK(text.find("no steps are marked", at + 1) == std::string::npos);
  }
}
