// What is remembered of this machine goes into a folder of the test's own, so that no test depends on what ran before.
#pragma once

#include "base/files.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <optional>

namespace ridgeline::test {

class OwnCache {
 public:
  OwnCache() {
    auto folder = TemporaryFolder::create("cache");
    REQUIRE(folder.has_value());
    m_folder.emplace(std::move(*folder));
    ::setenv("RIDGELINE_CACHE_DIR", m_folder->path().c_str(), 1);
  }
  ~OwnCache() { ::unsetenv("RIDGELINE_CACHE_DIR"); }
  OwnCache(const OwnCache&) = delete;
  OwnCache& operator=(const OwnCache&) = delete;

  const std::filesystem::path& path() const { return m_folder->path(); }

 private:
  std::optional<TemporaryFolder> m_folder;
};

}  // namespace ridgeline::test
