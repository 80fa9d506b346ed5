// Measured roofs: relations that hold on any machine, the cache, stopping.
#include "base/clock.h"
#include "base/files.h"
#include "plugins/cpu/detect/isa.h"
#include "plugins/cpu/roofs.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>

using namespace ridgeline;
using namespace ridgeline::cpu;

namespace {

const Roof* find(const std::vector<Roof>& roofs, const std::string& what) {
  for (const auto& roof : roofs) {
    if (roof.what == what) return &roof;
  }
  return nullptr;
}

double valueOf(const std::vector<Roof>& roofs, const std::string& what) {
  const auto* roof = find(roofs, what);
  return roof ? roof->value : 0;
}

// Once for all cases: it takes seconds.
const std::vector<Roof>& measuredOnce() {
  static const auto roofs = measureRoofs(detectProcessor(), 1, quietJob());
  REQUIRE(roofs);
  return *roofs;
}

// The cache in a folder of its own.
class OwnCache {
 public:
  OwnCache() {
    auto folder = TemporaryFolder::create("roofs");
    REQUIRE(folder);
    m_folder = std::make_unique<TemporaryFolder>(std::move(*folder));
    if (const char* before = std::getenv("RIDGELINE_CACHE_DIR")) m_before = before;
    ::setenv("RIDGELINE_CACHE_DIR", m_folder->path().c_str(), 1);
  }
  ~OwnCache() {
    if (m_before.empty()) {
      ::unsetenv("RIDGELINE_CACHE_DIR");
    } else {
      ::setenv("RIDGELINE_CACHE_DIR", m_before.c_str(), 1);
    }
  }
  std::filesystem::path file() const { return m_folder->path() / "roofs.json"; }
  void write(const std::string& text) const { std::ofstream(file()) << text; }
  std::string read() const { return readFile(file()).value_or(""); }

 private:
  std::unique_ptr<TemporaryFolder> m_folder;
  std::string m_before;
};

// Stops at the first sign of progress.
class StopsAtOnce : public Progress {
 public:
  explicit StopsAtOnce(StopFlag& stop) : m_stop(stop) {}
  void phase(std::string_view) override { m_stop.request(); }

 private:
  StopFlag& m_stop;
};

}  // namespace

TEST_CASE("every level and the data types of this processor have a roof") {
  const auto& roofs = measuredOnce();
  for (const char* what : {"float32", "L1 read", "L1 triad", "L2 read", "L2 triad", "DRAM read", "DRAM triad"}) {
    INFO(what);
    const auto* roof = find(roofs, what);
    if (roof == nullptr && what[0] == 'L' && detectProcessor().caches.empty()) continue;
    REQUIRE(roof);
    CHECK(roof->value > 1e8);  // an order below the slowest machine that runs this
    CHECK(roof->value < 1e15);
    CHECK(roof->threads == 1);
    CHECK(roof->spread >= 0);
    CHECK(roof->spread < 1);
    CHECK(roof->how.find("best of") != std::string::npos);
  }
  const auto processor = detectProcessor();
  CHECK((find(roofs, "bfloat16") != nullptr) ==
        (hasIsa(processor, "avx512_bf16") || hasIsa(processor, "bf16") || hasIsa(processor, "amx_bf16")));
}

TEST_CASE("a nearer level is not slower than a farther one") {
  const auto& roofs = measuredOnce();
  if (!find(roofs, "L1 read")) {
    WARN("skipped: this machine does not describe its caches");
    return;
  }
  constexpr double kTolerance = 0.9;
  for (const char* pattern : {" read", " triad"}) {
    CHECK(valueOf(roofs, std::string("L1") + pattern) > kTolerance * valueOf(roofs, std::string("L2") + pattern));
    CHECK(valueOf(roofs, std::string("L2") + pattern) > kTolerance * valueOf(roofs, std::string("DRAM") + pattern));
    if (find(roofs, "L3 read")) {
      CHECK(valueOf(roofs, std::string("L2") + pattern) > kTolerance * valueOf(roofs, std::string("L3") + pattern));
      CHECK(valueOf(roofs, std::string("L3") + pattern) > kTolerance * valueOf(roofs, std::string("DRAM") + pattern));
    }
  }
}

TEST_CASE("dot-product instructions beat float arithmetic") {
  const auto processor = detectProcessor();
  if (!hasIsa(processor, "avx512_vnni") && !hasIsa(processor, "avx_vnni") && !hasIsa(processor, "dotprod")) {
    WARN("skipped: this processor has no INT8 dot product");
    return;
  }
  CHECK(valueOf(measuredOnce(), "int8") > 1.5 * valueOf(measuredOnce(), "float32"));
}

TEST_CASE("the usable last-level cache is between the working set and what the processor reports") {
  const auto* l3 = find(measuredOnce(), "L3 read");
  if (!l3) {
    WARN("skipped: no L3 roof on this machine");
    return;
  }
  int64_t reported = 0;
  for (const auto& cache : detectProcessor().caches) reported = cache.name == "L3" ? cache.bytes : reported;
  CHECK(l3->capacityBytes >= 0);
  CHECK(l3->capacityBytes <= reported);
}

TEST_CASE("no threads, or absurdly many, are a usage error") {
  for (const int threads : {0, -1, 1 << 20}) {
    const auto roofs = measureRoofs(detectProcessor(), threads, quietJob());
    REQUIRE_FALSE(roofs);
    CHECK(roofs.error().code == ErrorCode::Usage);
  }
}

TEST_CASE("more threads than processors still measure") {
  const int many = 2 * detectProcessor().logicalProcessors + 1;
  double best = 0;
  for (int attempt = 0; attempt < 3 && best <= 0.2; ++attempt) {  // other programs may hold a processor for a while
    const auto roofs = measureRoofs(detectProcessor(), many, quietJob());
    REQUIRE(roofs);
    best = std::max(best, valueOf(*roofs, "float32") / valueOf(measuredOnce(), "float32"));
  }
  CHECK(best > 0.2);
}

TEST_CASE("a stop is honoured at once and leaves no cache") {
  const OwnCache cache;
  StopFlag stop;
  StopsAtOnce progress(stop);
  const Stopwatch watch;
  const auto roofs = cachedRoofs(detectProcessor(), 1, false, Job{progress, stop});
  REQUIRE_FALSE(roofs);
  CHECK(roofs.error().code == ErrorCode::Interrupted);
  CHECK(watch.seconds() < 2);
  CHECK_FALSE(std::filesystem::exists(cache.file()));
}

namespace {

// A cache file as this version writes it, for this machine, with one roof of this value.
std::string cacheText(const std::string& fingerprint, const nlohmann::json& value, bool disturbed = false,
                      int attempts = 1) {
  const nlohmann::json roof = {{"kind", "compute"},   {"what", "float32"},      {"dtype", "float32"}, {"level", ""},
                               {"pattern", ""},       {"value", value},         {"spread", 0.01},     {"threads", 1},
                               {"capacity_bytes", 0}, {"disturbed", disturbed}, {"how", "by hand"}};
  const nlohmann::json entry = {{"fingerprint", fingerprint},
                                {"threads", 1},
                                {"measured", "2026-01-01T00:00:00Z"},
                                {"attempts", attempts},
                                {"roofs", {roof}}};
  return nlohmann::json{{"version", 2}, {"entries", {entry}}}.dump();
}

}  // namespace

TEST_CASE("cached roofs come back without measuring, for this machine and thread count only") {
  const OwnCache cache;
  const auto processor = detectProcessor();
  cache.write(cacheText(processor.fingerprint(), 123e9));
  StopFlag stop;
  StopsAtOnce progress(stop);
  const Job job{progress, stop};

  const Stopwatch watch;
  const auto hit = cachedRoofs(processor, 1, false, job);
  REQUIRE(hit);
  CHECK(watch.seconds() < 0.5);
  REQUIRE(hit->size() == 1);
  CHECK(hit->front().value == 123e9);
  CHECK(hit->front().how == "by hand");

  // Each of these would measure, and is stopped as it begins to.
  CHECK(cachedRoofs(processor, 2, false, job).error().code == ErrorCode::Interrupted);
  CHECK(cachedRoofs(processor, 1, true, job).error().code == ErrorCode::Interrupted);
  auto other = processor;
  other.model += " v2";
  CHECK(cachedRoofs(other, 1, false, job).error().code == ErrorCode::Interrupted);
}

TEST_CASE("roofs of a busy machine are measured again, but not for ever") {
  const OwnCache cache;
  const auto processor = detectProcessor();
  StopFlag stop;
  StopsAtOnce progress(stop);
  const Job job{progress, stop};
  cache.write(cacheText(processor.fingerprint(), 123e9, true, 2));
  CHECK(cachedRoofs(processor, 1, false, job).error().code == ErrorCode::Interrupted);
  cache.write(cacheText(processor.fingerprint(), 123e9, true, 3));
  CHECK(cachedRoofs(processor, 1, false, job));
}

TEST_CASE("of two measurements of a busy machine the higher value is kept") {
  const OwnCache cache;
  const auto processor = detectProcessor();
  cache.write(cacheText(processor.fingerprint(), 1e15, true, 1));
  const auto roofs = cachedRoofs(processor, 1, false, quietJob());
  REQUIRE(roofs);
  CHECK(valueOf(*roofs, "float32") == 1e15);
  CHECK(valueOf(*roofs, "DRAM read") > 0);
  const auto afresh = cachedRoofs(processor, 1, true, quietJob());
  REQUIRE(afresh);
  CHECK(valueOf(*afresh, "float32") < 1e15);
}

TEST_CASE("a damaged cache counts as none") {
  const OwnCache cache;
  const auto processor = detectProcessor();
  const auto print = processor.fingerprint();
  const auto good = cacheText(print, 123e9);
  for (const auto& text :
       {std::string("not json"), std::string(""), std::string("[]"), std::string("{\"version\": 2}"),
        std::string("{\"version\":99,\"entries\":[]}"), good.substr(0, good.size() / 2), cacheText(print, "fast"),
        cacheText(print, -1.0), cacheText(print, 0.0), cacheText(print, nullptr)}) {
    INFO(text);
    cache.write(text);
    StopFlag stop;
    StopsAtOnce progress(stop);
    const auto roofs = cachedRoofs(processor, 1, false, Job{progress, stop});
    REQUIRE_FALSE(roofs);
    CHECK(roofs.error().code == ErrorCode::Interrupted);
  }
}

TEST_CASE("what was measured is stored, in place of a damaged file, and found again") {
  const OwnCache cache;
  cache.write("{ damaged");
  const auto processor = detectProcessor();
  const auto first = cachedRoofs(processor, 1, false, quietJob());
  REQUIRE(first);
  const auto parsed = nlohmann::json::parse(cache.read(), nullptr, false);
  REQUIRE(parsed.is_object());
  CHECK(parsed["entries"].size() == 1);
  // Stopped as it would begin to measure: on a busy machine it may want to.
  StopFlag stop;
  StopsAtOnce progress(stop);
  const auto second = cachedRoofs(processor, 1, false, Job{progress, stop});
  if (!second) {
    CHECK(std::any_of(first->begin(), first->end(), [](const Roof& roof) { return roof.disturbed; }));
    return;
  }
  REQUIRE(second->size() == first->size());
  for (size_t i = 0; i < first->size(); ++i) {
    CHECK((*second)[i].what == (*first)[i].what);
    CHECK((*second)[i].value == Approx((*first)[i].value).epsilon(1e-12));
    CHECK((*second)[i].how == (*first)[i].how);
    CHECK((*second)[i].capacityBytes == (*first)[i].capacityBytes);
  }
}
