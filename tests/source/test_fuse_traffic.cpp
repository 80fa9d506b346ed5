// Two fused elementwise kernels move half the bytes: counted in the PTX that Clang makes of them.
#include "base/files.h"
#include "tests/source/fixture.h"

#include <catch2/catch.hpp>

#include <sstream>

using namespace ridgeline;
using namespace ridgeline::tests;

namespace {

struct Traffic {
  int loads = 0, stores = 0, kernels = 0;
};

// Of all kernels of a file together: what one element costs.
Traffic trafficOf(const std::filesystem::path& file) {
  const auto ptx = scratchFile("out.ptx", "");
  const auto built = shell(clang19() + " " + deviceFlags("sm_80") + " -S -o " + ptx.string() + " " + file.string());
  INFO(built.out);
  REQUIRE(built.status == 0);
  Traffic traffic;
  std::istringstream lines(*readFile(ptx));
  for (std::string line; std::getline(lines, line);) {
    traffic.loads += line.find("ld.global") != std::string::npos;
    traffic.stores += line.find("st.global") != std::string::npos;
    traffic.kernels +=
        line.find(".visible .entry") != std::string::npos || line.find(".weak .entry") != std::string::npos;
  }
  return traffic;
}

// Static kernels that nothing launches on the device's side are left out of the PTX.
std::string visible(std::string text) {
  for (size_t at; (at = text.find("static __global__")) != std::string::npos;) text.erase(at, 7);
  return text;
}

}  // namespace

TEST_CASE("A kernel fused of two loads once and stores once where there were two of each") {
  const std::filesystem::path folder = RIDGELINE_SOURCE_FIXTURES;
  const auto before = trafficOf(scratchFile("before.cu", visible(*readFile(folder / "fuse_two.cu"))));
  const auto after = trafficOf(scratchFile("after.cu", visible(*readFile(folder / "fuse_two.fixed.cu"))));
  CHECK(before.kernels == 2);
  CHECK(before.loads == 2);
  CHECK(before.stores == 2);
  CHECK(after.kernels == 1);
  CHECK(after.loads == 1);
  CHECK(after.stores == 1);
}
