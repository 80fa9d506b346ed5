// Runs the source advisor over a fixture, and the compilers over what it makes of it.
#pragma once

#include "advisor/source/source.h"

#include <filesystem>
#include <string>
#include <vector>

namespace ridgeline::tests {

struct Expected {
  unsigned line = 0;
  std::string message, noFix;
  bool hasFix = true;  // unless a CHECK-NOFIX says otherwise, or the check has none
};

struct Fixture {
  std::filesystem::path path;
  std::string text;
  source::Options options;  // as its RUN line says; CUDA with the built-in headers
  std::vector<Expected> expected;
  bool isClean() const { return path.stem().string().ends_with("_clean"); }
  std::filesystem::path fixedPath() const;  // need not be there
};

std::vector<Fixture> allFixtures();

// What a shell command printed, and its exit status.
struct Shell {
  int status = 0;
  std::string out;
};
Shell shell(const std::string& command);

// A copy of `text` in a folder that lives as long as the test program.
std::filesystem::path scratchFile(const std::string& name, const std::string& text);

// Clang 19's driver, and the flags with which it compiles a fixture's device code for `architecture` without a toolkit.
std::string clang19();
std::string deviceFlags(const std::string& architecture);

}  // namespace ridgeline::tests
