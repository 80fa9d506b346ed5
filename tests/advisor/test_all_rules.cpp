#include "advisor/rule.h"
#include "base/files.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <set>

using namespace ridgeline;

TEST_CASE("every rule has a name of its own, a summary, and a place in the documentation") {
  const auto page = std::filesystem::path(RIDGELINE_TEST_DATA) / "../../docs/rewrites.md";
  const auto text = readFile(page);
  REQUIRE(text);
  std::set<std::string> names;
  for (const auto& rule : advisor::allRules()) {
    const auto& info = rule->info();
    INFO(info.name);
    CHECK(names.insert(info.name).second);
    CHECK_FALSE(info.summary.empty());
    CHECK(text->find("`" + info.name + "`") != std::string::npos);
    for (const auto& before : info.after) CHECK(advisor::findRule(before) != nullptr);
  }
}
