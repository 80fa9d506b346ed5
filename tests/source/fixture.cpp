#include "tests/source/fixture.h"

#include "base/files.h"

#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <sstream>

namespace ridgeline::tests {
namespace fs = std::filesystem;
namespace {

std::string after(const std::string& line, const std::string& mark) {
  const auto at = line.find(mark);
  if (at == std::string::npos) return "";
  auto rest = line.substr(at + mark.size());
  rest.erase(0, rest.find_first_not_of(' '));
  return rest;
}

void readRunLine(const std::string& line, source::Options& options) {
  std::istringstream words(after(line, "// RUN:"));
  for (std::string word; words >> word;) {
    if (word == "rounding") options.allowRounding = true;
    if (word.rfind("checks=", 0) != 0) continue;
    std::istringstream names(word.substr(7));
    for (std::string name; std::getline(names, name, ',');) options.checks.push_back(name);
  }
}

Fixture readFixture(const fs::path& path) {
  Fixture f;
  f.path = path;
  f.text = *readFile(path);
  f.options.files = {path};
  f.options.cudaPath = "none";
  f.options.flags = {"-DRIDGELINE_FIXTURE"};  // no compile_commands.json is looked for
  std::istringstream lines(f.text);
  unsigned number = 0, code = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.find("// RUN:") != std::string::npos) readRunLine(line, f.options);
    const auto message = after(line, "// CHECK-MESSAGES:"), why = after(line, "// CHECK-NOFIX:");
    if (!message.empty())
      f.expected.push_back({code, message, "", true});
    else if (!why.empty())
      f.expected.back().noFix = why;
    else
      code = number;
  }
  return f;
}

}  // namespace

fs::path Fixture::fixedPath() const {
  return path.parent_path() / (path.stem().string() + ".fixed" + path.extension().string());
}

std::vector<Fixture> allFixtures() {
  std::vector<Fixture> all;
  for (const auto& entry : fs::directory_iterator(RIDGELINE_SOURCE_FIXTURES)) {
    const auto name = entry.path().filename().string();
    if (name == "README.md" || name == ".clang-format" || name.find(".fixed.") != std::string::npos) continue;
    all.push_back(readFixture(entry.path()));
  }
  std::sort(all.begin(), all.end(), [](const Fixture& a, const Fixture& b) { return a.path < b.path; });
  return all;
}

Shell shell(const std::string& command) {
  Shell ran;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (!pipe) return {127, "cannot run sh"};
  char buffer[4096];
  for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) ran.out.append(buffer, n);
  const int status = ::pclose(pipe);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return ran;
}

fs::path scratchFile(const std::string& name, const std::string& text) {
  static const auto folder = TemporaryFolder::create("source-tests");
  const auto path = folder->path() / name;
  fs::create_directories(path.parent_path());
  FILE* file = std::fopen(path.c_str(), "wb");
  std::fwrite(text.data(), 1, text.size(), file);
  std::fclose(file);
  return path;
}

std::string clang19() { return RIDGELINE_CLANG19; }

std::string deviceFlags(const std::string& architecture) {
  const std::string shim = RIDGELINE_CUDA_SHIM;
  return "-x cuda --cuda-device-only --cuda-gpu-arch=" + architecture +
         " -std=c++17 -O2 -nocudainc -nocudalib -w -isystem " + shim + " -include " + shim + "/ridgeline_cuda.h";
}

}  // namespace ridgeline::tests
