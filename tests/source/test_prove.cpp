// What is kept is faster and prints the same.
#include "base/files.h"
#include "tests/source/fixture.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::tests;

namespace {

// A layout and a loop order planted to stride: one member of large records, a matrix by columns.
constexpr const char* kStrided = R"(#include <cstdio>
#include <vector>

struct Voxel {
  float density, pressure, temperature, velocity;
  float a, b, c, d, e, f, g, h, i, j, k, l;
};

static float grid[2048][2048];

int main() {
  const int n = 1 << 20;
  std::vector<Voxel> voxels(n);
  for (int v = 0; v < n; ++v) voxels[v].density = static_cast<float>(v % 8);
  double total = 0;
  for (int round = 0; round < 20; ++round) {
    float sum = 0;
    for (int v = 0; v < n; ++v) sum += voxels[v].density;
    total += sum;
  }
  for (int round = 0; round < 4; ++round) {
    for (int x = 0; x < 2048; ++x) {
      for (int y = 0; y < 2048; ++y) grid[y][x] = grid[y][x] * 0.5f + static_cast<float>(x + y);
    }
  }
  std::printf("%.1f %.1f\n", total, static_cast<double>(grid[7][9]));
  return 0;
}
)";

source::ProveOptions command(const std::filesystem::path& folder) {
  source::ProveOptions how;
  how.folder = folder.string();
  how.command = clang19() + "++ -O2 -std=c++17 program.cpp -o program && ./program";
  how.budgetS = 20;
  return how;
}

}  // namespace

TEST_CASE("A planted strided layout is proven to be at least twice as fast when it is fixed") {
  const auto file = scratchFile("strided/program.cpp", kStrided);
  source::Options options;
  options.files = {file};
  options.flags = {"-DX"};
  options.checks = {"array-of-structs", "cpu-loop-order"};
  const auto proof = source::prove(options, command(file.parent_path()), quietJob());
  REQUIRE(proof.has_value());
  REQUIRE(proof->final.has_value());
  CHECK(proof->improved);
  CHECK(proof->trials.size() == 2);
  for (const auto& trial : proof->trials) {
    INFO(trial.check << ": " << trial.ratio << " " << trial.reason);
    CHECK(trial.kept);
  }
  INFO("ratio " << proof->final->ratio << " from " << proof->final->ratioLo);
  CHECK(proof->final->ratioLo > 2);
  // Nothing is written by proving.
  CHECK(*readFile(file) == kStrided);
}

TEST_CASE("A fix that makes nothing faster is not kept") {
  const auto file = scratchFile("idle/program.cpp",
                                "#include <cmath>\n#include <cstdio>\n#include <unistd.h>\n"
                                "int main(int argc, char**) {\n  double d = argc, s = 0;\n"
                                "  for (int i = 0; i < 3; ++i) {\n    s += std::exp(d);\n  }\n"
                                "  usleep(20000);\n  std::printf(\"%f\\n\", s);\n}\n");
  source::Options options;
  options.files = {file};
  options.flags = {"-DX"};
  options.checks = {"cpu-invariant-call"};
  auto how = command(file.parent_path());
  how.budgetS = 1;
  const auto proof = source::prove(options, how, quietJob());
  REQUIRE(proof.has_value());
  REQUIRE(proof->trials.size() == 1);
  CHECK_FALSE(proof->trials[0].kept);
  CHECK_FALSE(proof->improved);
  CHECK_FALSE(proof->files[0].changed());
}

TEST_CASE("Of two fixes of one check the one that does not pay is not kept") {
  const auto file = scratchFile("each/program.cpp",
                                "#include <cmath>\n"
                                "double hot(double d, int n) {\n  double s = 0;\n"
                                "  for (int i = 0; i < n; ++i) {\n    s += std::exp(d);\n  }\n  return s;\n}\n"
                                "double cold(double d, int n) {\n  double s = 0;\n"
                                "  for (int i = 0; i < n; ++i) {\n    s += std::log(d);\n  }\n  return s;\n}\n");
  source::Options options;
  options.files = {file};
  options.flags = {"-DX"};
  options.checks = {"cpu-invariant-call"};
  source::ProveOptions how;
  how.folder = file.parent_path().string();
  how.budgetS = 20;
  // Stands for a program that takes a third of the time once the call of exp is hoisted, and longer with that of log.
  how.command =
      "t=0.06; grep -q '+= std::exp' program.cpp || t=0.02; grep -q '+= std::log' program.cpp || t=\"$t\"5; "
      "sleep $t; echo done";
  const auto proof = source::prove(options, how, quietJob());
  REQUIRE(proof.has_value());
  REQUIRE(proof->trials.size() == 2);
  for (const auto& trial : proof->trials) {
    INFO(trial.function << ": " << trial.ratio << " " << trial.reason);
    CHECK(trial.kept == (trial.function == "hot"));
  }
  CHECK(proof->improved);
  const auto& fixed = proof->files[0].after;
  CHECK(fixed.find("+= std::exp") == std::string::npos);
  CHECK(fixed.find("+= std::log") != std::string::npos);
}

TEST_CASE("A program that does not build or run before anything is changed is bad input") {
  const auto file = scratchFile("broken/program.cpp", kStrided);
  source::Options options;
  options.files = {file};
  options.flags = {"-DX"};
  options.checks = {"array-of-structs"};
  auto how = command(file.parent_path());
  how.command = "false && ./program";
  const auto unbuilt = source::prove(options, how, quietJob());
  REQUIRE_FALSE(unbuilt.has_value());
  CHECK(unbuilt.error().code == ErrorCode::BadInput);
  how.command = "exit 3";
  CHECK_FALSE(source::prove(options, how, quietJob()).has_value());
}
