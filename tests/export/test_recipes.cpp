// The statements of docs/query-recipes.md run as they stand.
#include "base/files.h"
#include "profile/profile.h"

#include <catch2/catch.hpp>

#include <vector>

using namespace ridgeline;

namespace {

std::vector<std::string> blocksOf(const std::string& text, const std::string& language) {
  std::vector<std::string> out;
  const std::string open = "```" + language + "\n";
  for (size_t at = 0; (at = text.find(open, at)) != std::string::npos;) {
    at += open.size();
    const auto end = text.find("```", at);
    REQUIRE(end != std::string::npos);
    out.push_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

}  // namespace

TEST_CASE("every recipe is a statement that this schema answers") {
  const auto text = readFile(std::filesystem::path(RIDGELINE_TEST_DATA) / "../../docs/query-recipes.md");
  REQUIRE(text);
  const auto recipes = blocksOf(*text, "sql");
  CHECK(recipes.size() >= 15);
  const auto empty = profile::Profile::createInMemory();
  REQUIRE(empty);
  for (const auto& sql : recipes) {
    INFO(sql);
    const auto rows = empty->query(sql);
    if (!rows) INFO(rows.error().text());
    CHECK(rows);
  }
}
