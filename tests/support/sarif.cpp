#include "tests/support/sarif.h"

#include "base/files.h"

#include <catch2/catch.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace ridgeline::tests {

namespace {

// Debian's Python, which has the module; others on the path may not.
const std::string kPython = "/usr/bin/python3";

}  // namespace

bool canValidateSarif() {
  if (!std::filesystem::exists(RIDGELINE_SARIF_SCHEMA)) {
    WARN("not validated: SARIF's schema is missing; scripts/setup fetches it");
    return false;
  }
  if (std::system((kPython + " -c 'import jsonschema' 2>/dev/null").c_str()) != 0) {
    WARN("not validated: python3-jsonschema is not installed");
    return false;
  }
  return true;
}

std::string whyNotSarif(const std::string& sarif) {
  auto folder = TemporaryFolder::create("sarif");
  REQUIRE(folder);
  const auto file = folder->path() / "result.sarif";
  std::ofstream(file) << sarif;
  const auto command = kPython + " -m jsonschema -i '" + file.string() + "' '" RIDGELINE_SARIF_SCHEMA "' 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe);
  std::string said;
  std::array<char, 4096> buffer{};
  while (const auto n = std::fread(buffer.data(), 1, buffer.size(), pipe)) said.append(buffer.data(), n);
  const int status = ::pclose(pipe);
  return status == 0 ? std::string() : said.empty() ? "not valid" : said;
}

}  // namespace ridgeline::tests
