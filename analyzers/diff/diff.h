// Two recordings compared: did the whole get slower, and which operator or kernel explains it.
#pragma once

#include "analyzers/diff/items.h"
#include "analyzers/diff/latency.h"
#include "base/result.h"
#include "profile/profile.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ridgeline::analyzers {

// One recording, as far as a comparison needs it.
struct DiffSide {
  std::string profileName, model, modelSha256, device, engine, created;
  int threads = 0;
  bool complete = true;
  std::vector<double> runsMs;  // plain runs, else steps of an imported recording, in order
  std::vector<DiffItem> operators, kernels;
};

Result<DiffSide> loadDiffSide(const profile::Profile& profile);

struct Diff {
  DiffSide a, b;
  std::optional<LatencyChange> latency;  // none where neither runs nor items are on both sides
  std::string latencyOf;                 // "runs"; "kernels" or "operators": their sum, where there are no runs
  std::vector<std::string> settings;     // what differs: "threads: 1, then 2"
  ItemDiff operators, kernels;
  std::vector<std::string> notes;
};

Diff compare(DiffSide a, DiffSide b);
Result<Diff> diffProfiles(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace ridgeline::analyzers
