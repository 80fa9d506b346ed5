// The fixed part of one optimization: the inputs, the reference outputs, the constraints, and how sessions are built,
// so that every candidate is treated alike.
#pragma once

#include "advisor/calibration.h"
#include "advisor/experience.h"
#include "advisor/goal.h"
#include "advisor/judge.h"
#include "advisor/preflight.h"
#include "advisor/rule.h"
#include "advisor/verify.h"
#include "engine/inputs.h"
#include "engine/session.h"

#include <limits>
#include <memory>
#include <span>
#include <string>

namespace ridgeline::advisor {

// How sessions behave between their runs. Shared: their threads stop at once, so that another session can take its
// turn. Own: as in a user's program, which is what settings of the engine are judged by; turns then need a rest between
// them. Asleep: threads sleep as soon as they have nothing to do, as many programs ask for; every operator then pays
// for waking them.
enum class Pace { Shared, Own, Asleep };
JudgeOptions judgingAt(Pace pace);

struct WorkbenchOptions {
  int threads = 0;
  bool pinnedShapes = false;                               // the user wants a model for these shapes only
  bool ioLayout = false;                                   // axes of inputs and outputs may come in another order
  int64_t maxOpset = std::numeric_limits<int64_t>::max();  // models may be raised this far
  double preflightSeconds = 60;                            // what timing single operators may take
  // As OptimizeRequest::memoryProbe; empty: memory cannot be measured.
  std::vector<std::string> memoryProbe;
};

class Workbench {
 public:
  // `inputs` are what is measured and verified with; `calibration` what ranges are taken from (may be the same set).
  // Both, and `original`, must outlive the workbench.
  static Result<Workbench> create(const graph::Model& original, const engine::InputSet& inputs,
                                  const engine::InputSet& calibration, const Constraints& constraints,
                                  WorkbenchOptions options, Job job);

  // A session as every candidate gets it, with the settings the model carries, bound to the first sample.
  Result<engine::Session> build(const graph::Model& model, Pace pace = Pace::Shared) const;

  // Size of the model, or peak memory of a process that loads and runs it. Not for Goal::Latency.
  Result<double> bytes(Goal goal, const graph::Model& model) const;

  // What is known of a model: shapes, node times, latency. Runs it.
  struct Facts {
    engine::ShapeMap shapes;
    NodeTimes times;
    double latencyMs = 0;
    FusedNodes fused;
  };
  Result<Facts> study(const graph::Model& model) const;
  Subject subject(const graph::Model& model, const Facts& facts, Goal goal = Goal::Latency, double lookSeconds = 0);
  void setDeviceAdvice(std::vector<DeviceAdvice> advice) { m_deviceAdvice = std::move(advice); }

  Experience& experience() { return *m_experience; }
  const graph::Model& original() const { return m_original; }
  const Reference& reference() const { return m_reference; }
  const Constraints& constraints() const { return m_constraints; }
  const engine::InputSet& inputs() const { return m_inputs; }
  int threads() const { return m_options.threads; }
  bool pinnedShapes() const { return m_options.pinnedShapes; }
  Job job() const { return m_job; }

 private:
  Workbench(const graph::Model& original, const engine::InputSet& inputs, const engine::InputSet& calibration,
            const Constraints& constraints, WorkbenchOptions options, Job job);
  const graph::Model& m_original;
  const engine::InputSet& m_inputs;
  Constraints m_constraints;
  WorkbenchOptions m_options;
  Job m_job;
  Reference m_reference;
  std::vector<DeviceAdvice> m_deviceAdvice;
  std::unique_ptr<KernelTimes> m_kernels;
  std::unique_ptr<Calibration> m_calibration;
  std::unique_ptr<Experience> m_experience;
};

}  // namespace ridgeline::advisor
