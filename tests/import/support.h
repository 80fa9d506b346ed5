// Recordings for tests: shared ones where they are, small ones written by hand.
#pragma once

#include "analyzers/timeline/timeline.h"
#include "base/files.h"
#include "collector/import/import.h"
#include "profile/profile.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace ridgeline::tests {

// The folder of shared recordings, or empty.
inline std::filesystem::path sharedTraces() {
  const char* given = std::getenv("RIDGELINE_SHARED_DATA");
  const std::filesystem::path root = std::filesystem::path(RIDGELINE_TEST_DATA).parent_path().parent_path();
  const auto folder = (given != nullptr ? std::filesystem::path(given) : root / "../shared/data") / "traces";
  return std::filesystem::is_directory(folder) ? folder : std::filesystem::path();
}

struct Imported {
  profile::Profile profile;
  collector::import::ImportSummary summary;
};

inline Imported import(const std::vector<std::filesystem::path>& files) {
  auto profile = *profile::Profile::createInMemory();
  auto summary = collector::import::importInto(profile, files, quietJob());
  INFO((summary ? "" : summary.error().text()));
  REQUIRE(summary);
  return {std::move(profile), std::move(*summary)};
}

// Files that go away with the test.
class Scratch {
 public:
  std::filesystem::path write(const std::string& name, std::string_view content) const {
    std::ofstream(m_folder.path() / name, std::ios::binary) << content;
    return m_folder.path() / name;
  }
  std::filesystem::path at(const std::string& name) const { return m_folder.path() / name; }

 private:
  TemporaryFolder m_folder = *TemporaryFolder::create("import");
};

// Recordings given as text, a rank each, with their timeline analyzed.
inline Imported analyzed(const std::vector<std::string>& texts) {
  const Scratch s;
  std::vector<std::filesystem::path> files;
  for (const auto& text : texts) files.push_back(s.write(fmt::format("{}.json", files.size()), text));
  auto made = import(files);
  REQUIRE(analyzers::analyzeTimeline(made.profile));
  return made;
}

// The error of importing a file that is to be refused: bad input, on one line.
inline std::string refusal(const std::filesystem::path& file) {
  auto profile = *profile::Profile::createInMemory();
  const auto summary = collector::import::importInto(profile, {file}, quietJob());
  REQUIRE_FALSE(summary);
  CHECK(summary.error().code == ErrorCode::BadInput);
  CHECK(summary.error().text().find('\n') == std::string::npos);
  CHECK(summary.error().text().find(file.filename().string()) != std::string::npos);
  return summary.error().text();
}

// Rows of one statement, cells as text.
inline std::vector<std::vector<std::string>> rowsOf(const profile::Profile& p, const std::string& sql) {
  const auto table = p.query(sql);
  INFO(sql << ": " << (table ? "" : table.error().text()));
  REQUIRE(table);
  std::vector<std::vector<std::string>> out;
  for (const auto& row : table->rows) {
    out.emplace_back();
    for (const auto& cell : row) out.back().push_back(profile::textOf(cell));
  }
  return out;
}

inline std::string one(const profile::Profile& p, const std::string& sql) {
  const auto rows = rowsOf(p, sql);
  REQUIRE(rows.size() == 1);
  return rows[0][0];
}

}  // namespace ridgeline::tests
