// Runs a fuzzer's entry point over every file of a folder, where libFuzzer is not at hand.
#include "base/files.h"

#include <cstdint>
#include <cstdio>
#include <filesystem>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  int count = 0;
  std::error_code ec;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1], ec)) {
    const auto bytes = ridgeline::readFile(entry.path());
    if (!bytes) {
      std::fprintf(stderr, "%s\n", bytes.error().text().c_str());
      return 1;
    }
    std::printf("%s\n", entry.path().filename().c_str());
    std::fflush(stdout);  // so that a crash shows which one
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes->data()), bytes->size());
    ++count;
  }
  if (count == 0) std::fprintf(stderr, "no files in %s\n", argv[1]);
  return count > 0 ? 0 : 1;
}
