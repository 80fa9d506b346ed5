// What every form of a report says in the same words.
#pragma once

#include "analyzers/report_model.h"

#include <string>
#include <utility>
#include <vector>

namespace ridgeline::cli {

// "resnet50.onnx: 43.5 ms", "trace.ridge: 127 ms a step".
std::string reportTitle(const analyzers::Report& report);
// What ran it, with what, when; what is not known is left out.
std::vector<std::string> reportOrigin(const analyzers::Report& report);
// Latency, or steps: a label and a value each.
std::vector<std::pair<std::string, std::string>> reportFacts(const analyzers::Report& report);
// What a reader must know to trust the rest.
std::vector<std::string> reportRemarks(const analyzers::Report& report);

struct TimeByBound {
  std::string bound;
  profile::Bound kind = profile::Bound::Unknown;
  double timeMs = 0, share = 0;
};
// Operators' time by what bounds them, largest first; empty where that is known of next to nothing.
std::vector<TimeByBound> timeByBound(const analyzers::Report& report);
std::string boundHeading(const analyzers::Report& report);

// "12.3 ms a step", or of the recording where it has no steps.
std::string gainText(const analyzers::Report& report, const profile::Advice& advice);

// "rank 1: GPU 0", where there are several ranks.
std::string deviceTitle(const analyzers::Report& report, const std::string& rank, const std::string& device);
// "critical path of ProfilerStep#7 (130 ms)".
std::string pathTitle(const analyzers::Report& report, const analyzers::ReportPath& path);

}  // namespace ridgeline::cli
