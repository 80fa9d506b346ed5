// Runs the built program as a user would.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ridgeline::tests {

struct Ran {
  int status = -1;  // exit status; 128 + signal when it was killed
  std::string out, err;
  int errLines() const;
};

// `ridgeline ARGUMENTS...` with its caches in a folder of the tests.
Ran runProgram(const std::vector<std::string>& arguments);
// The same, with a limit on the size of any file it writes, in 512-byte blocks: a disk with no room.
Ran runWithLittleDisk(const std::vector<std::string>& arguments, int blocks);
// Sends `signal` after `ms` milliseconds.
Ran runInterrupted(const std::vector<std::string>& arguments, int signal, int ms);

// Columns of the longest line.
int widestLine(const std::string& text);

// A small network in a temporary folder that lives as long as the test program.
std::filesystem::path sampleModel(const std::string& name);

}  // namespace ridgeline::tests
