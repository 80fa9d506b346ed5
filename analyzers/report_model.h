// What a report says, for whoever prints or draws it. Read from the profile's rows and nothing else, so that the
// command line and the window show the same numbers.
#pragma once

#include "analyzers/report_devices.h"
#include "base/result.h"
#include "profile/profile.h"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ridgeline::analyzers {

struct ReportOperator {
  profile::OperatorId id;
  std::string name;
  std::string opType;
  std::string provider;
  std::string rank;  // of an imported recording
  std::string inputShapes, outputShapes;
  std::string computeType;  // empty when the work is not known
  int depth = 0;            // above 0: inside the time of the operator that holds it
  double calls = 1;         // per run
  double timeMs = 0;        // per run
  double timeMadMs = 0;
  std::optional<double> share;  // of the time of all operators of its rank; depth 0 only
  std::optional<double> flops;  // operations of either kind, per run
  std::optional<double> bytes;  // per run
  std::optional<double> intensity;
  std::optional<double> achievedGflops;  // 1e9 operations of either kind / s
  std::optional<double> achievedGbps;    // 1e9 bytes / s
  profile::Bound bound = profile::Bound::Unknown;
  std::string level;  // of the memory that bounds it
  std::optional<double> roofTimeMs;
  std::optional<double> headroomMs;
  profile::Provenance provenanceTime = profile::Provenance::Measured;
  std::optional<profile::Provenance> provenanceWork;  // of flops and bytes
  // "memory (DRAM)", "compute", ...
  std::string boundText() const;
};

struct Report {
  std::string profileName;  // base names
  std::string model;
  std::string device;
  std::string engine;
  std::string created;
  int threads = 0;
  bool complete = true;  // false: the recording was cut short
  bool syntheticInputs = true;
  std::vector<std::string> notes;

  std::optional<double> latencyMs;                 // median of the plain runs
  std::optional<double> latencyLoMs, latencyHiMs;  // 95 % bootstrap interval of that median
  std::optional<double> observedLatencyMs;         // median of the observed runs; larger, as observing costs
  int64_t plainRuns = 0, observedRuns = 0;
  double operatorTimeMs = 0;  // sum over operators of depth 0
  double headroomMs = 0;      // likewise, of those whose headroom is known

  std::vector<profile::Roof> roofs;
  std::vector<ReportOperator> operators;   // most headroom first, then those of unknown headroom, most time first
  std::vector<profile::Finding> findings;  // warnings first, then notices, then information
  std::vector<profile::Advice> advice;     // most predicted gain first
  ReportDevices recorded;                  // what accelerators did
};

// From a profile that has been analyzed.
Result<Report> loadReport(const profile::Profile& profile);

// From a file. A profile that was not analyzed yet, or by older analyzers, is analyzed first: in the file if it can be
// written, else in a copy in memory.
Result<Report> loadReport(const std::filesystem::path& path);

// "memory (DRAM)", "compute", ...
std::string boundText(profile::Bound bound, const std::string& level);

}  // namespace ridgeline::analyzers
