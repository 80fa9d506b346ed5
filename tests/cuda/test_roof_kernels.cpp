// The kernels that roofs are measured with are accepted by NVIDIA's assembler, for the generations there are.
#include "base/files.h"
#include "plugins/cuda/roofs/kernel_text.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace ridgeline;

TEST_CASE("the kernels assemble for four generations, without spilling") {
  const std::string ptxas = std::string(RIDGELINE_PTXAS_FOLDER) + "/ptxas";
  if (!std::filesystem::exists(ptxas)) {
    WARN("there is no ptxas here");
    return;
  }
  const auto folder = TemporaryFolder::create("test-roofs");
  REQUIRE(folder);
  const auto path = [&](const char* name) { return (folder->path() / name).string(); };
  std::ofstream(path("kernels.ptx")) << cuda::roofKernels();
  for (const std::string target : {"sm_80", "sm_89", "sm_90", "sm_100"}) {
    const auto command = ptxas + " -v -arch=" + target + " " + path("kernels.ptx") + " -o " + path("kernels.cubin") +
                         " > " + path("said") + " 2>&1";
    const int status = std::system(command.c_str());
    const auto said = *readFile(path("said"));
    INFO(target << "\n" << said);
    CHECK(status == 0);
    size_t kernels = 0, spilling = 0;
    for (size_t at = 0; (at = said.find("bytes spill stores", at)) != std::string::npos; ++at) {
      ++kernels;
      spilling += said.compare(at - 2, 2, "0 ") != 0 || said.compare(at - 3, 1, " ") != 0;
    }
    CHECK(kernels == 5);
    CHECK(spilling == 0);
  }
}
