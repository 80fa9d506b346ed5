// A machine described by files, as Linux describes one, in a temporary folder.
#pragma once

#include "base/files.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>

namespace ridgeline::cpu::test {

class FakeMachine {
 public:
  FakeMachine() : m_folder(makeFolder()) {}
  const std::filesystem::path& root() const { return m_folder.path(); }

  void write(const std::string& path, const std::string& content) const {
    const auto file = root() / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << content;
  }

  void addCache(int processor, int index, int level, const char* type, const char* size, const char* sharedBy) const {
    const auto folder =
        "sys/devices/system/cpu/cpu" + std::to_string(processor) + "/cache/index" + std::to_string(index) + "/";
    write(folder + "level", std::to_string(level) + "\n");
    write(folder + "type", std::string(type) + "\n");
    write(folder + "size", std::string(size) + "\n");
    write(folder + "shared_cpu_list", std::string(sharedBy) + "\n");
  }

  void addCore(int processor, const char* siblings) const {
    write("sys/devices/system/cpu/cpu" + std::to_string(processor) + "/topology/core_cpus_list", siblings);
  }

 private:
  static TemporaryFolder makeFolder() {
    auto folder = TemporaryFolder::create("machine");
    REQUIRE(folder);
    return std::move(*folder);
  }
  TemporaryFolder m_folder;
};

}  // namespace ridgeline::cpu::test
