// The gate: is a model, or a recording, worse than its baseline?
#pragma once

#include "advisor/check/blame.h"
#include "advisor/check/config.h"
#include "advisor/check/gates.h"
#include "advisor/check/measure.h"
#include "advisor/check/run_store.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ridgeline::advisor {

struct CheckRequest {
  std::filesystem::path subject;        // an ONNX file, or a .ridge file
  std::string baseline;                 // a .ridge or ONNX file, a folder, or a database
  std::filesystem::path baselineModel;  // the baseline's model, where it is not found by itself
  std::vector<std::string> shapes;      // as --shape gave them; empty: as the baseline was recorded
  std::filesystem::path inputs;         // a folder with samples; empty: synthesized
  int threads = 0;                      // 0: as the baseline was recorded, else the engine's default
  double maxRegression = 0.03;
  double budgetSeconds = 60;
  bool mayRun = true;  // false: compare recordings only
  Limits limits;       // over those of the configuration
  std::optional<CheckConfig> config;
  RunLabels labels;           // of the current run
  std::string againstBranch;  // take baselines of this branch only; empty: any
  // How to start a process that loads and runs a model and prints its peak memory; the model's path is appended.
  std::vector<std::string> memoryProbe;
};

// How the speed was compared.
enum class CheckMethod { None, InTurns, Past, Recordings };
std::string_view nameOf(CheckMethod method);

struct CheckSide {
  std::string name;  // base name of the file, or the place
  std::string model, modelSha256, device, engine, commit, created;
  int threads = 0;
  std::optional<double> latencyMs;
};

struct CheckResult {
  bool madeBaseline = false;  // there was none; there is one now
  CheckVerdict verdict = CheckVerdict::Inconclusive;
  CheckMethod method = CheckMethod::None;
  double allowed = 0.03;
  std::optional<double> ratio;  // current / baseline
  std::optional<Interval> ci95;
  int rounds = 0;       // in turns
  size_t pastRuns = 0;  // by the past
  CheckSide baseline, current;
  std::optional<analyzers::ItemDiff> blame;
  std::vector<Gate> gates;
  std::vector<std::string> notes;
  double seconds = 0;

  // Whether the pipeline goes on: no regression, and no gate that failed or could not be looked at.
  bool passes() const;
  // What keeps it from it, a line each, the regression first.
  std::vector<std::string> failures() const;
};

// Without a baseline, makes one of the subject and passes.
Result<CheckResult> check(const CheckRequest& request, Job job);

}  // namespace ridgeline::advisor
