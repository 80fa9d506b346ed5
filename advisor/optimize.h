// The whole job: from a model file and what the user demands to a faster model file and its proof.
#pragma once

#include "advisor/device_advice.h"
#include "advisor/proof.h"
#include "advisor/search.h"
#include "engine/port_orders.h"

#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace ridgeline::advisor {

struct OptimizeRequest {
  std::filesystem::path model;
  std::filesystem::path output;
  std::vector<std::string> shapes;    // as --shape gave them
  std::filesystem::path inputs;       // empty: synthesized
  std::filesystem::path calibration;  // empty: the inputs
  int threads = 0;
  std::filesystem::path engineSettings;  // the model's; empty: the file beside it, if there is one
  Constraints constraints;
  Goal goal = Goal::Latency;
  bool tuneEngine = false;     // try settings of the engine for speed
  bool pinShapes = false;      // the result may be for the shapes it is run with only
  bool allowIoLayout = false;  // axes of the result's inputs and outputs may come in another order
  int64_t maxOpset = std::numeric_limits<int64_t>::max();  // the model may be raised this far
  double budgetSeconds = 300;
  // How to start a process that loads and runs a model and prints its peak memory: the model's path is appended. Empty:
  // memory is not measured.
  std::vector<std::string> memoryProbe;
  std::vector<DeviceAdvice> deviceAdvice;
};

struct OptimizeResult {
  std::string engine, device;
  int threads = 0;
  Goal goal = Goal::Latency;
  bool changed = false;             // false: the output is the model that came in, byte for byte
  Judgement judgement;              // original against result, from scratch; a ratio of 1 when nothing changed
  std::optional<Judgement> asleep;  // the same where the engine's idle threads sleep; see Proof
  // The result surely pays only where idle threads sleep: `judgement` is of that, and this of where they spin.
  std::optional<Judgement> spinning;
  Verification verification;
  bool syntheticInputs = true;
  bool constraintsMet = true;
  std::vector<std::string> unmet;      // which, and by how much
  std::vector<std::string> obstacles;  // where some are not: what stood in the way
  BeforeAfter peakMemoryBytes, tensorBytes, modelBytes;
  engine::Settings settings;           // to run the result with; empty: the engine's defaults
  std::filesystem::path settingsFile;  // where they were written; empty: there are none
  std::string specialization;          // "for the input shapes x 1x3 only"; empty: it is none
  engine::PortOrders ioLayout;         // where the result takes or gives axes in another order
  std::optional<double> metric;
  double searchSeconds = 0;
  bool outOfBudget = false;
  std::vector<Trial> trials;  // accepted ones are those that are in the result
  std::vector<NearMiss> nearMisses;
  std::vector<std::string> notes;
};

Result<OptimizeResult> optimize(const OptimizeRequest& request, Job job);

}  // namespace ridgeline::advisor
