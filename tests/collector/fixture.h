// Recording in tests: a folder of its own, and roofs that are given instead of measured.
#pragma once

#include "base/files.h"
#include "plugins/cpu/roofs.h"
#include "tests/engine/models.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace ridgeline::collector::test {

namespace fs = std::filesystem;
using namespace engine::test;

inline nlohmann::json roofJson(const char* kind, const char* dtype, const char* level, const char* pattern,
                               double value, int threads) {
  const std::string what = *dtype ? dtype : std::string(level) + " " + pattern;
  return {{"kind", kind},        {"what", what},       {"dtype", dtype},          {"level", level},
          {"pattern", pattern},  {"value", value},     {"spread", 0.01},          {"threads", threads},
          {"capacity_bytes", 0}, {"disturbed", false}, {"how", "given by a test"}};
}

class Workplace {
 public:
  Workplace() : m_folder(makeFolder()) {
    ::setenv("RIDGELINE_CACHE_DIR", (m_folder.path() / "cache").c_str(), 1);
    fs::create_directories(m_folder.path() / "cache");
    nlohmann::json entries = nlohmann::json::array();
    for (const int threads : {1, 2}) {
      nlohmann::json roofs = {roofJson("compute", "float32", "", "", 100e9 * threads, threads),
                              roofJson("compute", "int8", "", "", 400e9 * threads, threads),
                              roofJson("bandwidth", "", "L1", "read", 200e9 * threads, threads),
                              roofJson("bandwidth", "", "L1", "triad", 200e9 * threads, threads),
                              roofJson("bandwidth", "", "DRAM", "read", 10e9 * threads, threads),
                              roofJson("bandwidth", "", "DRAM", "triad", 8e9 * threads, threads)};
      entries.push_back({{"fingerprint", cpu::detectProcessor().fingerprint()},
                         {"threads", threads},
                         {"measured", "2026-01-01T00:00:00Z"},
                         {"attempts", 1},
                         {"roofs", roofs}});
    }
    std::ofstream(m_folder.path() / "cache" / "roofs.json")
        << nlohmann::json{{"version", 2}, {"entries", entries}}.dump();
  }
  fs::path operator/(const std::string& name) const { return m_folder.path() / name; }
  const fs::path& path() const { return m_folder.path(); }

 private:
  static TemporaryFolder makeFolder() {
    auto folder = TemporaryFolder::create("collector");
    REQUIRE(folder);
    return std::move(*folder);
  }
  TemporaryFolder m_folder;
};

// Names of the files in a folder, hidden ones too.
inline std::vector<std::string> filesIn(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) names.push_back(entry.path().filename().string());
  }
  return names;
}

inline Tensor filled(Dims dims, float value) {
  const std::vector<float> values(static_cast<size_t>(graph::elementCount(dims)), value);
  return Tensor::of<float>(std::move(dims), std::span<const float>(values));
}

// y = relu(x . a) . b, with x of N rows and square weights of `width`: two heavy products.
inline graph::Model twoProducts(int64_t width) {
  const auto w = std::to_string(width);
  auto model = makeModel({{"x", {"N", w}}}, {{"y", {"N", w}}});
  auto& graph = model.graphProto();
  addWeight(graph, "a", filled({width, width}, 0.01f));
  addWeight(graph, "b", filled({width, width}, 0.02f));
  addNode(graph, "MatMul", {"x", "a"}, {"xa"}, "first");
  addNode(graph, "Relu", {"xa"}, {"r"}, "clip");
  addNode(graph, "MatMul", {"r", "b"}, {"y"}, "second");
  return model;
}

}  // namespace ridgeline::collector::test
