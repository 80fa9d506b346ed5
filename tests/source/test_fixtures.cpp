// Every fixture: exactly the expected findings and fixes, nothing on its clean twin, and code that still compiles and
// does the same.
#include "base/files.h"
#include "tests/source/fixture.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace ridgeline;
using namespace ridgeline::tests;

namespace {

source::Report reportOn(const Fixture& f) {
  const auto report = source::analyze(f.options, quietJob());
  REQUIRE(report.has_value());
  return *report;
}

std::string fixedText(const Fixture& f) {
  const auto fixed = source::fixAll(f.options, quietJob());
  REQUIRE(fixed.has_value());
  REQUIRE(fixed->size() == 1);
  CHECK(fixed->front().dropped.empty());
  return fixed->front().after;
}

bool isCuda(const Fixture& f) { return f.path.extension() == ".cu"; }
bool runsHere(const Fixture& f) { return f.path.extension() == ".cpp" || f.path.extension() == ".c"; }

std::string outputOf(const std::filesystem::path& file, const std::string& name) {
  const auto program = scratchFile(name, "");
  const auto compiler = file.extension() == ".c" ? clang19() + " -w -O1" : clang19() + "++ -std=c++20 -w -O1 -pthread";
  const auto built = shell(compiler + " " + file.string() + " -o " + program.string() + " -lm");
  INFO(built.out);
  REQUIRE(built.status == 0);
  const auto ran = shell(program.string());
  CHECK(ran.status == 0);
  return ran.out;
}

}  // namespace

TEST_CASE("There are enough fixtures, and each has a clean twin") {
  const auto all = allFixtures();
  int dirty = 0;
  std::set<std::string> covered;
  for (const auto& f : all) {
    INFO(f.path.filename());
    if (f.isClean()) {
      // And so nothing may be found in it, by the next case.
      CHECK(f.expected.empty());
      continue;
    }
    ++dirty;
    for (const auto& name : f.options.checks) covered.insert(name);
    const auto twin = f.path.stem().string() + "_clean" + f.path.extension().string();
    CHECK(std::filesystem::exists(f.path.parent_path() / twin));
    CHECK_FALSE(f.expected.empty());
  }
  CHECK(dirty >= 25);
  for (const auto& check : source::checks()) {
    INFO(check.name);
    CHECK(covered.count(check.name) == 1);
  }
}

TEST_CASE("Findings are those that the fixtures name, and no others") {
  for (const auto& f : allFixtures()) {
    const auto report = reportOn(f);
    CHECK(report.errors.empty());
    for (const auto& file : report.files) {
      INFO(f.path.filename());
      CHECK(file.problems.empty());
    }
    auto left = report.findings;
    for (const auto& e : f.expected) {
      INFO(f.path.filename() << ":" << e.line << ": expected: " << e.message);
      const auto at = std::find_if(left.begin(), left.end(), [&](const source::Finding& found) {
        return found.line == e.line && found.message.find(e.message) != std::string::npos;
      });
      CHECK(at != left.end());
      if (at == left.end()) continue;
      CHECK(at->whyNoFix == e.noFix);
      CHECK_FALSE(at->evidence.empty());
      left.erase(at);
    }
    for (const auto& found : left) {
      INFO(f.path.filename() << ":" << found.line << ": not expected: " << found.message << " [" << found.check << "]");
      CHECK(false);
    }
  }
}

TEST_CASE("Fixes are made to the letter, and a second run changes nothing") {
  for (const auto& f : allFixtures()) {
    if (f.isClean()) continue;
    INFO(f.path.filename());
    const auto expected = std::filesystem::exists(f.fixedPath()) ? *readFile(f.fixedPath()) : f.text;
    const auto fixed = fixedText(f);
    CHECK(fixed == expected);
    Fixture again = f;
    again.options.files = {scratchFile("again/" + f.path.filename().string(), fixed)};
    CHECK(fixedText(again) == fixed);
  }
}

TEST_CASE("Fixed device code compiles to PTX for two generations") {
  for (const auto& f : allFixtures()) {
    if (!isCuda(f) || !std::filesystem::exists(f.fixedPath())) continue;
    for (const auto* architecture : {"sm_80", "sm_90"}) {
      const auto built =
          shell(clang19() + " " + deviceFlags(architecture) + " -S -o /dev/null " + f.fixedPath().string());
      INFO(f.path.filename() << " for " << architecture << ": " << built.out);
      CHECK(built.status == 0);
    }
  }
}

TEST_CASE("Fixed programs print what they printed before") {
  for (const auto& f : allFixtures()) {
    if (!runsHere(f) || !std::filesystem::exists(f.fixedPath())) continue;
    INFO(f.path.filename());
    CHECK(outputOf(f.path, "before") == outputOf(f.fixedPath(), "after"));
  }
}
