// The fixed part of one optimization: the inputs, the reference outputs, the constraints, and how sessions are built,
// so that every candidate is treated alike.
#pragma once

#include "advisor/calibration.h"
#include "advisor/judge.h"
#include "advisor/preflight.h"
#include "advisor/rule.h"
#include "advisor/verify.h"
#include "engine/inputs.h"
#include "engine/session.h"

#include <memory>
#include <span>
#include <string>

namespace ridgeline::advisor {

class Workbench {
 public:
  // `inputs` are what is measured and verified with; `calibration` what ranges are taken from (may be the same set).
  // Both, and `original`, must outlive the workbench. Timing single operators may take up to `preflightSeconds`.
  static Result<Workbench> create(const graph::Model& original, const engine::InputSet& inputs,
                                  const engine::InputSet& calibration, const Constraints& constraints, int threads,
                                  bool pinnedShapes, Job job, double preflightSeconds = 60);

  // A session as every candidate gets it, bound to the first sample.
  Result<engine::Session> build(const graph::Model& model) const;

  // What is known of a model: shapes, node times, latency. Runs it.
  struct Facts {
    engine::ShapeMap shapes;
    NodeTimes times;
    double latencyMs = 0;
  };
  Result<Facts> study(const graph::Model& model) const;
  Subject subject(const graph::Model& model, const Facts& facts);
  void setDeviceAdvice(std::vector<DeviceAdvice> advice) { m_deviceAdvice = std::move(advice); }

  const graph::Model& original() const { return m_original; }
  const Reference& reference() const { return m_reference; }
  const Constraints& constraints() const { return m_constraints; }
  const engine::InputSet& inputs() const { return m_inputs; }
  int threads() const { return m_threads; }
  Job job() const { return m_job; }

 private:
  Workbench(const graph::Model& original, const engine::InputSet& inputs, const engine::InputSet& calibration,
            const Constraints& constraints, int threads, bool pinnedShapes, Job job, double preflightSeconds);
  const graph::Model& m_original;
  const engine::InputSet& m_inputs;
  Constraints m_constraints;
  int m_threads;
  bool m_pinnedShapes;
  Job m_job;
  Reference m_reference;
  std::vector<DeviceAdvice> m_deviceAdvice;
  std::unique_ptr<KernelTimes> m_kernels;
  std::unique_ptr<Calibration> m_calibration;
};

}  // namespace ridgeline::advisor
