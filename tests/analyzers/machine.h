// A made-up machine with round numbers, and operators on it.
#pragma once

#include "analyzers/roofline/ceilings.h"
#include "profile/profile.h"

#include <string>
#include <vector>

namespace ridgeline::test {

inline profile::Device device() {
  return {{1},
          "Round CPU",
          "cpu",
          "",
          R"({"caches":[{"name":"L1d","bytes":32000,"shared_by":1},{"name":"L2","bytes":1000000,"shared_by":1},)"
          R"({"name":"L3","bytes":32000000,"shared_by":8}]})"};
}

inline profile::Roof computeRoof(const std::string& dtype, double value, double spread = 0, int threads = 2) {
  return {{}, {1}, profile::RoofKind::Compute, dtype, "", "", value, "FLOP/s", threads, spread};
}
inline profile::Roof bandwidthRoof(const std::string& level, const std::string& pattern, double value,
                                   double spread = 0, int threads = 2) {
  return {{}, {1}, profile::RoofKind::Bandwidth, "", level, pattern, value, "B/s", threads, spread};
}

// 200 GFLOP/s, 800 GOP/s as int8; DRAM 50 GB/s (triad 40), L3 100, L2 400. Ridge at DRAM: 4 FLOP/B. Two threads.
inline std::vector<profile::Roof> roofs() {
  return {computeRoof("float32", 200e9),        computeRoof("int8", 800e9),         bandwidthRoof("DRAM", "read", 50e9),
          bandwidthRoof("DRAM", "triad", 40e9), bandwidthRoof("L3", "read", 100e9), bandwidthRoof("L2", "read", 400e9)};
}

// Only reads, so that the read roofs hold alone.
inline profile::Operator op(const std::string& name, double timeNs, double flops, double bytes, double workingSet) {
  profile::Operator o{.name = name, .opType = "Conv", .timeNs = timeNs};
  o.work = profile::Work{flops, 0, bytes, 0, 0, "float32"};
  o.workingSetBytes = workingSet;
  o.provenanceWork = profile::Provenance::Modelled;
  return o;
}

}  // namespace ridgeline::test
