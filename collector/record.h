// Records a model into a profile.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "collector/count_operators.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ridgeline::collector {

struct RecordRequest {
  std::filesystem::path model;
  std::vector<std::string> shapes;       // as --shape gave them: "input_ids=1x128"
  std::filesystem::path inputs;          // a folder with samples, of which the first is run; empty: synthesized
  int threads = 0;                       // 0: the engine's default
  std::filesystem::path engineSettings;  // a file; empty: the one beside the model, if there is one
  std::filesystem::path output;          // the .ridge file
  double seconds = 10;                   // for the runs; a few of each kind are made in any case
  CountRequest counting;
  std::vector<std::string> command;  // the command line, kept in the profile with its paths shortened; may be empty
};

// What a caller may want to say without opening the profile.
struct RecordSummary {
  std::string device, engine;
  int threads = 0;
  double latencyMs = 0;          // median of the plain runs
  double observedLatencyMs = 0;  // median of the observed runs
  double operatorMs = 0;         // sum of the operators' times
  int64_t plainRuns = 0, observedRuns = 0;
  int64_t operators = 0, nodes = 0;
  std::vector<std::string> counters;  // that were read around each operator
  bool syntheticInputs = true;
  std::vector<std::string> notes;  // what was assumed, or is not known
};

// The profile appears under its name when it is whole; stopped (Interrupted) or failed, nothing is left.
Result<RecordSummary> recordModel(const RecordRequest& request, Job job);

}  // namespace ridgeline::collector
