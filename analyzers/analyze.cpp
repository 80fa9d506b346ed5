#include "analyzers/analyze.h"

#include "analyzers/hotspots/hotspots.h"
#include "analyzers/measurement/measurement.h"
#include "analyzers/roofline/roofline.h"
#include "analyzers/timeline/timeline.h"

#include <array>

namespace ridgeline::analyzers {
namespace {

constexpr std::array kAnalyzers{
    Analyzer{"measurement", "whether the recording can be trusted", analyzeMeasurement},
    Analyzer{"roofline", "what bounds every operator, and its headroom", analyzeRoofline},
    Analyzer{"hotspots", "where the headroom is", analyzeHotspots},
    Analyzer{"timeline", "what devices did and waited for, kernels, trees, the critical path", analyzeTimeline},
};

// Raised when the analyzers would write other rows for the same recording.
constexpr std::string_view kVersion = "3";
constexpr std::string_view kVersionKey = "analysis_version";

}  // namespace

std::span<const Analyzer> allAnalyzers() { return kAnalyzers; }

Status analyze(profile::Profile& profile) {
  auto transaction = profile.begin();
  if (!transaction) return passOn(transaction);
  for (const auto& analyzer : kAnalyzers) {
    if (auto s = analyzer.run(profile); !s) return s;
  }
  if (auto s = profile.setMeta(kVersionKey, kVersion); !s) return s;
  return transaction->commit();
}

bool isAnalyzed(const profile::Profile& profile) { return profile.metaValue(kVersionKey) == kVersion; }

}  // namespace ridgeline::analyzers
