#include "advisor/workbench.h"

#include "advisor/memory.h"
#include "collector/observe.h"

namespace ridgeline::advisor {
namespace {

// Enough to rank operators; what decides is the judge.
collector::ObserveOptions shortLook(int threads, const engine::Settings& settings) {
  collector::ObserveOptions options;
  options.threads = threads;
  options.settings = settings;
  options.maxRuns = 15;
  options.seconds = 3;
  return options;
}

}  // namespace

JudgeOptions judgingAt(Pace pace) {
  JudgeOptions options;
  // Idle threads of the engine give up after a millisecond or so.
  if (pace == Pace::Own) options.restMs = 3;
  return options;
}

Workbench::Workbench(const graph::Model& original, const engine::InputSet& inputs, const engine::InputSet& calibration,
                     const Constraints& constraints, WorkbenchOptions options, Job job)
    : m_original(original),
      m_inputs(inputs),
      m_constraints(constraints),
      m_options(std::move(options)),
      m_job(job),
      m_kernels(std::make_unique<KernelTimes>(m_options.threads, m_options.preflightSeconds)),
      m_calibration(std::make_unique<Calibration>(calibration.samples, calibration.synthetic, m_options.threads)),
      m_experience(std::make_unique<Experience>(m_options.threads)) {}

Result<Workbench> Workbench::create(const graph::Model& original, const engine::InputSet& inputs,
                                    const engine::InputSet& calibration, const Constraints& constraints,
                                    WorkbenchOptions options, Job job) {
  engine::SessionOptions running{.threads = options.threads};
  auto session = engine::Session::create(original, running);
  if (!session) return passOn(session);
  options.threads = session->threads();
  Workbench bench(original, inputs, calibration, constraints, std::move(options), job);
  job.progress.phase("reference outputs");
  auto reference = Reference::take(*session, inputs.samples, job);
  if (!reference) return passOn(reference);
  bench.m_reference = std::move(*reference);
  return bench;
}

Result<engine::Session> Workbench::build(const graph::Model& model, Pace pace) const {
  engine::SessionOptions options;
  options.threads = m_options.threads;
  options.settings = engine::settingsIn(model);
  options.quietBetweenRuns = pace == Pace::Shared;
  if (pace == Pace::Asleep) options.settings.spinning = false;
  auto session = engine::Session::create(model, options);
  if (!session) return passOn(session);
  if (auto bound = session->bind(m_inputs.samples.front()); !bound) return passOn(bound);
  return session;
}

Result<double> Workbench::bytes(Goal goal, const graph::Model& model) const {
  if (goal == Goal::Size) return static_cast<double>(model.byteSize());
  return peakMemoryOf(m_options.memoryProbe, model);
}

Result<Workbench::Facts> Workbench::study(const graph::Model& model) const {
  const auto& sample = m_inputs.samples.front();
  auto shapes = engine::probeShapes(model, sample, m_options.threads);
  if (!shapes) return passOn(shapes);
  auto seen =
      collector::observe(model, sample, *shapes, shortLook(m_options.threads, engine::settingsIn(model)), m_job);
  if (!seen) return passOn(seen);
  return Facts{std::move(*shapes), std::move(seen->nodeMs), seen->latencyMs, std::move(seen->fusedNodes)};
}

Subject Workbench::subject(const graph::Model& model, const Facts& facts, Goal goal, double lookSeconds) {
  return Subject{.model = model,
                 .shapes = facts.shapes,
                 .times = facts.times,
                 .latencyMs = facts.latencyMs,
                 .threads = m_options.threads,
                 .pinnedShapes = m_options.pinnedShapes,
                 .ioLayout = m_options.ioLayout,
                 .maxOpset = m_options.maxOpset,
                 .kernels = *m_kernels,
                 .calibration = *m_calibration,
                 .job = m_job,
                 .deviceAdvice = m_deviceAdvice,
                 .sample = &m_inputs.samples.front(),
                 .lookSeconds = lookSeconds,
                 .experience = m_experience.get(),
                 .goal = goal,
                 .fused = &facts.fused};
}

}  // namespace ridgeline::advisor
