// `ridgeline source` as a user runs it: exit status, one line for each problem, and the formats programs read.
#include "base/files.h"
#include "profile/profile.h"
#include "profile/timeline_vocabulary.h"
#include "tests/source/fixture.h"
#include "tests/support/sarif.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace ridgeline;
using namespace ridgeline::tests;
using Json = nlohmann::json;

namespace {

constexpr const char* kCode = R"(__global__ void rows(const float* in, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = in[i * n + 1];
}
__global__ void halves(const float* in, float* out) { out[threadIdx.x] = fmax(in[threadIdx.x], 0.5); }
)";

// stdout and stderr apart.
struct Ran {
  int status = 0;
  std::string out, err;
};
Ran run(const std::string& arguments) {
  const auto err = scratchFile("err", "");
  const auto out = scratchFile("out", "");
  const auto done = shell(std::string(RIDGELINE_PROGRAM) + " source --cuda-path none " + arguments + " >" +
                          out.string() + " 2>" + err.string() + "; echo $?");
  return {std::stoi(done.out), *readFile(out), *readFile(err)};
}

int linesIn(const std::string& text) { return static_cast<int>(std::count(text.begin(), text.end(), '\n')); }

}  // namespace

TEST_CASE("Findings are told with their place, the line, and the reason", "[command]") {
  const auto file = scratchFile("told.cu", kCode);
  const auto ran = run(file.string());
  CHECK(ran.status == 0);
  CHECK(ran.out.find("told.cu:3:12: threads of a warp read 'in' n elements apart [gpu-strided-access]") !=
        std::string::npos);
  CHECK(ran.out.find("out[i] = in[i * n + 1];") != std::string::npos);
  CHECK(ran.out.find("2 of 2 kernels read") != std::string::npos);
  CHECK(ran.err.empty());
}

TEST_CASE("JSON has a place, a fix and a reason for each finding", "[command]") {
  const auto file = scratchFile("json.cu", kCode);
  const auto ran = run(file.string() + " --format json --checks gpu-double-arithmetic,gpu-strided-access");
  REQUIRE(ran.status == 0);
  const auto j = Json::parse(ran.out);
  CHECK(j["schema_version"] == 1);
  REQUIRE(j["findings"].size() == 2);
  CHECK(j["files"][0]["kernels"] == 2);
  for (const auto& f : j["findings"]) {
    if (f["check"] != "gpu-double-arithmetic") continue;
    CHECK(f["line"] == 5);
    CHECK(f["function"] == "halves");
    CHECK(f["fix"]["exact"] == true);
    CHECK(f["fix"]["edits"][0]["text"] == "f");
  }
}

TEST_CASE("SARIF names its rules and results as the standard wants them", "[command]") {
  const auto file = scratchFile("a name.cu", kCode);
  const auto ran = run("'" + file.string() + "' --format sarif");
  REQUIRE(ran.status == 0);
  if (tests::canValidateSarif()) CHECK(tests::whyNotSarif(ran.out) == "");
  const auto j = Json::parse(ran.out);
  CHECK(j["version"] == "2.1.0");
  const auto& one = j["runs"][0];
  CHECK(one["tool"]["driver"]["rules"].size() == source::checks().size());
  REQUIRE_FALSE(one["results"].empty());
  for (const auto& result : one["results"]) {
    const auto rule = one["tool"]["driver"]["rules"][result["ruleIndex"].get<size_t>()];
    CHECK(rule["id"] == result["ruleId"]);
    const auto& place = result["locations"][0]["physicalLocation"];
    CHECK(place["artifactLocation"]["uri"].get<std::string>().find("a%20name.cu") != std::string::npos);
    CHECK(place["region"]["startLine"].get<int>() >= 1);
    CHECK(place["region"]["endColumn"].get<int>() > place["region"]["startColumn"].get<int>());
  }
}

TEST_CASE("Problems end with the right status and one line", "[command]") {
  const auto missing = run("/nowhere/x.cu");
  CHECK(missing.status == 3);
  CHECK(linesIn(missing.err) == 1);
  CHECK(missing.out.empty());
  CHECK(run("--fix").status == 2);
  CHECK(run(scratchFile("u.cu", kCode).string() + " --checks nonsense").status == 2);

  const auto readOnly = scratchFile("ro.cu", kCode);
  std::filesystem::permissions(readOnly, std::filesystem::perms::owner_read);
  const auto refused = run(readOnly.string() + " --fix");
  CHECK(refused.status == 4);
  CHECK(linesIn(refused.err) == 1);
  CHECK(*readFile(readOnly) == kCode);

  // One that is missing does not hide the other, and nothing is rewritten.
  const auto other = scratchFile("other.cu", kCode);
  const auto both = run(other.string() + " /nowhere/y.cu --fix");
  CHECK(both.status == 3);
  CHECK(both.out.find("other.cu") != std::string::npos);
  CHECK(*readFile(other) == kCode);
}

TEST_CASE("Fixing rewrites the file, a patch can be had instead, and a second fix has nothing to do", "[command]") {
  const auto file = scratchFile("fixme.cu", kCode), patch = scratchFile("fixme.patch", "");
  REQUIRE(run(file.string() + " --checks gpu-double-arithmetic --patch " + patch.string()).status == 0);
  CHECK(*readFile(file) == kCode);
  CHECK(readFile(patch)->find("+__global__ void halves(const float* in, float* out) { out[threadIdx.x] = "
                              "fmaxf(in[threadIdx.x], 0.5f); }") != std::string::npos);
  REQUIRE(run(file.string() + " --checks gpu-double-arithmetic --fix").status == 0);
  const auto once = *readFile(file);
  CHECK(once.find("0.5f") != std::string::npos);
  REQUIRE(run(file.string() + " --checks gpu-double-arithmetic --fix").status == 0);
  CHECK(*readFile(file) == once);
}

TEST_CASE("With a profile, what sits in the slowest kernel comes first, with a predicted gain", "[command]") {
  const auto path = scratchFile("kernels.ridge", "");
  std::filesystem::remove(path);
  {
    auto p = profile::Profile::create(path);
    REQUIRE(p.has_value());
    const auto device = p->add(profile::Device{.name = "GPU", .kind = "gpu"});
    REQUIRE(device.has_value());
    for (const auto& [name, ms] :
         {std::pair{"rows(float const*, float*, int)", 1.0}, std::pair{"halves(float const*, float*)", 40.0}}) {
      profile::KernelGroup group;
      group.device = *device;
      group.label = *p->label(name);
      group.calls = 10;
      group.totalNs = ms * 1e6;
      group.headroomNs = ms * 0.5e6;
      REQUIRE(p->add(group).has_value());
    }
    REQUIRE(p->finish().has_value());
  }
  const auto file = scratchFile("ranked.cu", kCode);
  const auto ran = run(file.string() + " --format json --checks gpu-double-arithmetic,gpu-strided-access --profile " +
                       path.string());
  INFO(ran.err);
  REQUIRE(ran.status == 0);
  const auto j = Json::parse(ran.out);
  REQUIRE(j["findings"].size() == 2);
  CHECK(j["findings"][0]["function"] == "halves");
  CHECK(j["findings"][0]["kernel_time_ms"] == Approx(40));
  CHECK(j["findings"][0]["kernel_headroom_ms"] == Approx(20));
  CHECK(j["findings"][0]["predicted_gain_ms"].get<double>() > 0);
  CHECK(j["findings"][0]["predicted_gain_ms"].get<double>() <= 20);
  // The strided kernel could win nearly all of its time, but no more than its headroom.
  CHECK(j["findings"][1]["predicted_gain_ms"].get<double>() == Approx(0.5));
}
