// Small recordings for the stores.
#pragma once

#include "base/files.h"
#include "profile/profile.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <string>

namespace ridgeline::test {

// Of `model` at `ms` a run. `salt` makes it another recording.
inline std::filesystem::path recordingOf(const std::filesystem::path& path, const std::string& model, double ms,
                                         const std::string& salt, const std::string& created = {}) {
  using namespace profile;
  auto p = Profile::create(path);
  REQUIRE(p);
  REQUIRE(p->setMeta(meta::model, model));
  REQUIRE(p->setMeta(meta::modelSha256, std::string(64, 'a')));
  REQUIRE(p->setMeta(meta::device, "Round CPU"));
  REQUIRE(p->setMeta(meta::threads, "2"));
  REQUIRE(p->setMeta(meta::notes, salt));
  if (!created.empty()) REQUIRE(p->setMeta(meta::created, created));
  for (int i = 0; i < 12; ++i) {
    REQUIRE(p->add(Run{.kind = RunKind::Plain, .ordinal = i, .durationNs = static_cast<int64_t>(ms * 1e6) + i % 3}));
  }
  REQUIRE(p->add(Operator{.name = "only", .opType = "Conv", .timeNs = ms * 1e6, .timeMadNs = 1}));
  REQUIRE(p->finish());
  return path;
}

}  // namespace ridgeline::test
