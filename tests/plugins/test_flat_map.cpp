#include "collector/launch/flat_map.h"

#include <catch2/catch.hpp>

#include <map>
#include <random>

using ridgeline::collector::FlatMap;

TEST_CASE("a flat map holds what a map holds, through insertions and erasures") {
  FlatMap<int> flat;
  std::map<uint64_t, int> reference;
  std::mt19937 random(7);
  for (int i = 0; i < 200'000; ++i) {
    // Few keys, so that they come again; some far apart.
    const uint64_t key = (1 + random() % 3000) << (random() % 3 * 20);
    if (random() % 3 == 0) {
      flat.erase(key);
      reference.erase(key);
    } else {
      const auto [value, fresh] = flat.insert(key);
      REQUIRE(fresh == !reference.contains(key));
      *value = reference[key] = i;
    }
    if (i % 5000 != 0) continue;
    REQUIRE(flat.size() == reference.size());
    for (const auto& [k, v] : reference) {
      REQUIRE(flat.find(k) != nullptr);
      REQUIRE(*flat.find(k) == v);
    }
  }
  CHECK(flat.find(12345678901) == nullptr);
}
