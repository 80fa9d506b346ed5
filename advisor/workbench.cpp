#include "advisor/workbench.h"

#include "collector/observe.h"

namespace ridgeline::advisor {
namespace {

// Enough to rank operators; what decides is the judge.
collector::ObserveOptions shortLook(int threads) {
  collector::ObserveOptions options;
  options.threads = threads;
  options.maxRuns = 15;
  options.seconds = 3;
  return options;
}

}  // namespace

Workbench::Workbench(const graph::Model& original, const engine::InputSet& inputs, const engine::InputSet& calibration,
                     const Constraints& constraints, int threads, bool pinnedShapes, Job job, double preflightSeconds)
    : m_original(original),
      m_inputs(inputs),
      m_constraints(constraints),
      m_threads(threads),
      m_pinnedShapes(pinnedShapes),
      m_job(job),
      m_kernels(std::make_unique<KernelTimes>(threads, preflightSeconds)),
      m_calibration(std::make_unique<Calibration>(calibration.samples, calibration.synthetic, threads)) {}

Result<Workbench> Workbench::create(const graph::Model& original, const engine::InputSet& inputs,
                                    const engine::InputSet& calibration, const Constraints& constraints, int threads,
                                    bool pinnedShapes, Job job, double preflightSeconds) {
  engine::SessionOptions options;
  options.threads = threads;
  options.quietBetweenRuns = true;
  auto session = engine::Session::create(original, options);
  if (!session) return passOn(session);
  Workbench bench(original, inputs, calibration, constraints, session->threads(), pinnedShapes, job, preflightSeconds);
  job.progress.phase("reference outputs");
  auto reference = Reference::take(*session, inputs.samples, job);
  if (!reference) return passOn(reference);
  bench.m_reference = std::move(*reference);
  return bench;
}

Result<engine::Session> Workbench::build(const graph::Model& model) const {
  engine::SessionOptions options;
  options.threads = m_threads;
  options.quietBetweenRuns = true;
  auto session = engine::Session::create(model, options);
  if (!session) return passOn(session);
  if (auto bound = session->bind(m_inputs.samples.front()); !bound) return passOn(bound);
  return session;
}

Result<Workbench::Facts> Workbench::study(const graph::Model& model) const {
  const auto& sample = m_inputs.samples.front();
  auto shapes = engine::probeShapes(model, sample, m_threads);
  if (!shapes) return passOn(shapes);
  auto seen = collector::observe(model, sample, *shapes, shortLook(m_threads), m_job);
  if (!seen) return passOn(seen);
  return Facts{std::move(*shapes), std::move(seen->nodeMs), seen->latencyMs};
}

Subject Workbench::subject(const graph::Model& model, const Facts& facts) {
  return Subject{.model = model,
                 .shapes = facts.shapes,
                 .times = facts.times,
                 .latencyMs = facts.latencyMs,
                 .threads = m_threads,
                 .pinnedShapes = m_pinnedShapes,
                 .kernels = *m_kernels,
                 .calibration = *m_calibration,
                 .job = m_job,
                 .deviceAdvice = m_deviceAdvice};
}

}  // namespace ridgeline::advisor
