#include "advisor/optimize.h"

#include "advisor/hand_out.h"
#include "advisor/limits.h"
#include "advisor/memory.h"
#include "advisor/tensor_memory.h"
#include "base/clock.h"
#include "base/files.h"
#include "plugins/cpu/roofs.h"

namespace ridgeline::advisor {
namespace fs = std::filesystem;
namespace {

constexpr int kSyntheticSamples = 4;
constexpr uint64_t kSearchSeed = 1, kProofSeed = 1001;
// Synthetic inputs say little about the user's own: a fifth of the allowed error is kept back.
constexpr double kSyntheticReserve = 0.2;

struct Inputs {
  engine::InputSet search, proof, calibration;
};

Result<Inputs> gatherInputs(const OptimizeRequest& request, const graph::Model& model) {
  Inputs in;
  auto shapes = engine::parseShapes(request.shapes, model);
  if (!shapes) return passOn(shapes);
  if (request.inputs.empty()) {
    auto search = engine::synthesizeInputs(model, *shapes, kSyntheticSamples, kSearchSeed);
    if (!search) return passOn(search);
    auto proof = engine::synthesizeInputs(model, *shapes, kSyntheticSamples, kProofSeed);
    if (!proof) return passOn(proof);
    in.search = std::move(*search);
    in.proof = std::move(*proof);
  } else {
    auto given = engine::readInputs(request.inputs, model);
    if (!given) return passOn(given);
    in.search = *given;
    in.proof = std::move(*given);
  }
  if (request.calibration.empty()) {
    in.calibration = in.search;
  } else {
    auto given = engine::readInputs(request.calibration, model);
    if (!given) return passOn(given);
    in.calibration = std::move(*given);
  }
  return in;
}

// A specialization is for one shape of each input.
Status allOfOneShape(const engine::InputSet& inputs) {
  for (const auto& sample : inputs.samples) {
    for (const auto& [name, tensor] : sample) {
      if (tensor.dims() == inputs.samples.front().at(name).dims()) continue;
      return fail(ErrorCode::Usage, fmt::format("--pin-shapes: the samples have input {} in several shapes", name),
                  "give samples of one shape, or leave the shapes open");
    }
  }
  return {};
}

// What the search came to, proved; or the original.
struct Candidate {
  std::optional<graph::Model> model;  // nullopt: the original
  bool lossy = false;
  Judgement judgement;
  std::optional<Judgement> asleep;
  Verification verification;
  Standing standing;
  std::vector<Shortfall> shortfalls;
};

class Optimizer {
 public:
  Optimizer(const OptimizeRequest& request, Job job) : m_request(request), m_job(job) {}

  Result<OptimizeResult> run() {
    // The output first: nobody wants to learn after ten minutes that it cannot be written.
    auto pending = PendingFile::create(m_request.output);
    if (!pending) return passOn(pending);
    m_job.progress.phase("load");
    auto model = graph::Model::load(m_request.model);
    if (!model) return passOn(model);
    model->setWeightsAside();
    auto settings = engine::settingsFor(m_request.model, m_request.engineSettings, m_request.threads);
    if (!settings) return passOn(settings);
    engine::keepSettings(*model, *settings);
    auto inputs = gatherInputs(m_request, *model);
    if (!inputs) return passOn(inputs);
    if (m_request.pinShapes) {
      if (auto one = allOfOneShape(inputs->search); !one) return passOn(one);
    }
    if (const auto& metric = m_request.constraints.metricCommand; !metric.empty()) {
      if (auto works = runMetric(metric, m_request.model); !works) return passOn(works);
    }
    describe(*inputs, *settings);
    Constraints constraints = m_request.constraints;
    if (inputs->search.synthetic) constraints.minCosine += (1 - constraints.minCosine) * kSyntheticReserve;
    auto bench = Workbench::create(*model, inputs->search, inputs->calibration, constraints,
                                   {.threads = m_request.threads,
                                    .pinnedShapes = m_request.pinShapes,
                                    .ioLayout = m_request.allowIoLayout,
                                    .maxOpset = m_request.maxOpset,
                                    .preflightSeconds = std::min(60.0, m_request.budgetSeconds / 5),
                                    .memoryProbe = m_request.memoryProbe},
                                   m_job);
    if (!bench) return passOn(bench);
    bench->setDeviceAdvice(m_request.deviceAdvice);
    m_result.threads = bench->threads();

    // What comes behind the search builds and runs models as often as what came before it, three times over.
    m_reserve = proofSeconds() + 3 * m_watch.seconds();
    auto best = seek(*bench, {.budgetSeconds = left(), .goal = m_request.goal, .tuneEngine = m_request.tuneEngine},
                     inputs->proof);
    if (!best) return passOn(best);
    if (auto s = comeNearer(*bench, *best, inputs->proof); !s) return passOn(s);
    m_result.searchSeconds = m_watch.seconds();
    if (auto s = hand(*bench, std::move(*best)); !s) return passOn(s);
    return std::move(m_result);
  }

 private:
  double proofSeconds() const { return std::clamp(m_request.budgetSeconds * 0.1, 3.0, 20.0); }
  double left() const { return std::max(m_request.budgetSeconds - m_reserve - m_watch.seconds(), 1.0); }

  void describe(const Inputs& inputs, const engine::Settings& settings) {
    m_result.syntheticInputs = inputs.search.synthetic;
    m_result.notes = inputs.search.notes;
    m_result.engine = engine::Session::engineName();
    m_result.goal = m_request.goal;
    m_result.device = cpu::detectProcessor().model;
    if (!settings.empty()) {
      m_result.notes.push_back("the model that came in ran with its own engine settings: " +
                               engine::describe(settings));
    }
  }

  // Searches, and proves the outcome. Trials are added to the result's.
  Result<Candidate> seek(Workbench& bench, const SearchOptions& options, const engine::InputSet& fresh) {
    auto found = search(bench, options);
    if (!found) return passOn(found);
    const size_t before = m_result.trials.size();
    std::ranges::move(found->trials, std::back_inserter(m_result.trials));
    for (auto& step : found->steps) step.trial += before;
    if (before == 0) m_result.nearMisses = std::move(found->nearMisses);
    m_result.outOfBudget = m_result.outOfBudget || found->outOfBudget;
    auto best = proveLatestGoodStep(bench, *found, options, fresh);
    if (!best) return passOn(best);
    if (!best->model) {
      giveUp(before, m_result.trials.size(), "nothing that builds on it held");
      if (auto s = describeUntouched(bench, *best); !s) return passOn(s);
    }
    measure(bench, *best);
    return best;
  }

  bool lossyUpTo(const SearchOutcome& found, size_t steps) const {
    for (size_t i = 0; i < steps; ++i) {
      if (m_result.trials[found.steps[i].trial].lossy) return true;
    }
    return false;
  }

  // The last step whose proof holds; earlier ones are tried in turn when it does not. Without one, the original.
  Result<Candidate> proveLatestGoodStep(Workbench& bench, SearchOutcome& found, const SearchOptions& options,
                                        const engine::InputSet& fresh) {
    Candidate best;
    while (!found.steps.empty()) {
      auto& step = found.steps.back();
      best.lossy = options.startIsLossy || lossyUpTo(found, found.steps.size());
      auto proof = prove(bench, step.model, best.lossy, fresh, proofSeconds(), options.goal);
      if (!proof) return passOn(proof);
      if (proof->holds()) {
        best.judgement = std::move(proof->judgement);
        best.asleep = std::move(proof->asleep);
        best.verification = std::move(proof->verification);
        best.model = std::move(step.model);
        return best;
      }
      auto& trial = m_result.trials[step.trial];
      trial.accepted = false;
      trial.reason = "not kept: " + proof->failure;
      m_job.progress.note(fmt::format("{}: {}", trial.opportunity.rule, trial.reason));
      found.steps.pop_back();
    }
    return Candidate{};
  }

  // Latency of the original alone, so that the report has one.
  Status describeUntouched(Workbench& bench, Candidate& candidate) {
    auto a = bench.build(bench.original());
    if (!a) return passOn(a);
    std::vector<double> ms;
    for (int i = 0; i < 8; ++i) {
      auto ns = a->run();
      if (!ns) return passOn(ns);
      if (i >= 3) ms.push_back(static_cast<double>(*ns) * 1e-6);
    }
    candidate.judgement.baselineMs = candidate.judgement.candidateMs = median(ms);
    candidate.judgement.ratio = 1;
    candidate.judgement.ci95 = {1, 1};
    for (const auto& port : a->outputs()) {
      candidate.verification.outputs.push_back({.name = port.name, .floating = graph::isFloating(port.type)});
    }
    candidate.verification.samples = static_cast<int>(bench.inputs().samples.size());
    return {};
  }

  // What there are limits for.
  void measure(Workbench& bench, Candidate& candidate) {
    const auto& c = bench.constraints();
    const auto& model = candidate.model ? *candidate.model : bench.original();
    const auto known = [](Result<double> value) { return value ? std::optional(*value) : std::nullopt; };
    auto& s = candidate.standing;
    s.latencyMs = candidate.judgement.candidateMs;
    s.modelBytes = static_cast<double>(model.byteSize());
    if (c.maxMemoryBytes) s.memoryBytes = known(bench.bytes(Goal::Memory, model));
    if (c.maxTensorBytes) s.tensorBytes = tensorBytes(bench, model);
    if (!c.metricCommand.empty()) s.metric = known(runMetric(c.metricCommand, model));
    candidate.shortfalls = shortfalls(s, c);
  }

  static std::optional<double> tensorBytes(Workbench& bench, const graph::Model& model) {
    auto shapes = engine::probeShapes(model, bench.inputs().samples.front(), bench.threads());
    if (!shapes) return std::nullopt;
    return peakTensorBytes(model, *shapes);
  }

  // Where the fastest takes too much memory or is too large: goes on from there with that as the goal, and, when that
  // does not help, from the original, whose other rewrites may.
  Status comeNearer(Workbench& bench, Candidate& best, const engine::InputSet& fresh) {
    for (const bool again : {false, true}) {
      const auto it = std::ranges::find_if(best.shortfalls, [](const Shortfall& s) { return s.cure.has_value(); });
      if (it == best.shortfalls.end() || (again && !best.model)) return {};
      SearchOptions options{.budgetSeconds = left(), .goal = *it->cure, .enoughBytes = it->wanted};
      std::optional<graph::Model> start;
      if (!again && best.model) {
        start = best.model->clone();
        options.start = &*start;
        options.startIsLossy = best.lossy;
      }
      const size_t before = m_result.trials.size();
      auto other = seek(bench, options, fresh);
      if (!other) return passOn(other);
      const bool nearer = other->model && totalExcess(other->shortfalls) < totalExcess(best.shortfalls);
      constexpr std::string_view kWhy = "another way came nearer to the limits";
      if (!nearer) giveUp(before, m_result.trials.size(), kWhy);
      if (nearer && !options.start) giveUp(0, before, kWhy);
      if (nearer) best = std::move(*other);
    }
    return {};
  }

  // Trials of this range are not in the result after all.
  void giveUp(size_t from, size_t to, std::string_view why) {
    for (size_t i = from; i < to; ++i) {
      auto& trial = m_result.trials[i];
      if (!trial.accepted) continue;
      trial.accepted = false;
      trial.reason = why;
    }
  }

  Status hand(Workbench& bench, Candidate best) {
    m_job.progress.phase("write");
    m_result.changed = best.model.has_value();
    const auto& result = best.model ? *best.model : bench.original();
    m_result.settings = engine::settingsIn(result);
    if (!m_result.settings.empty()) m_result.settingsFile = engine::settingsPathOf(m_request.output);
    m_result.specialization = result.metadata("specialization").value_or("");
    m_result.ioLayout = engine::portOrdersIn(result);
    m_result.modelBytes = {static_cast<double>(bench.original().byteSize()), best.standing.modelBytes};
    m_result.tensorBytes.before = tensorBytes(bench, bench.original());
    m_result.tensorBytes.after = best.model ? tensorBytes(bench, *best.model) : m_result.tensorBytes.before;
    const bool rewritten = best.model && std::ranges::any_of(m_result.trials, [](const Trial& t) {
                             return t.accepted && t.kind != RuleKind::Engine;
                           });
    auto written = rewritten ? writeRewritten(*best.model, m_result.trials, m_request.output)
                             : writeUntouched(bench.original(), m_result.settings, m_request.model, m_request.output);
    if (!written) return written;
    measureMemory();
    m_result.judgement = std::move(best.judgement);
    m_result.asleep = std::move(best.asleep);
    if (m_result.asleep && m_result.judgement.verdict != Verdict::Faster) {
      m_result.spinning = std::exchange(m_result.judgement, *m_result.asleep);
    }
    m_result.verification = std::move(best.verification);
    m_result.metric = best.standing.metric;
    for (auto& s : best.shortfalls) m_result.unmet.push_back(std::move(s.text));
    m_result.constraintsMet = m_result.unmet.empty();
    if (!m_result.constraintsMet) {
      m_result.obstacles = obstacles(m_result.trials, m_request.constraints, m_result.outOfBudget);
    }
    return {};
  }

  void measureMemory() {
    if (m_request.memoryProbe.empty()) return;
    const auto peak = [&](const fs::path& model, const fs::path& settings) -> std::optional<double> {
      auto command = m_request.memoryProbe;
      if (!settings.empty()) command.insert(command.end(), {"--engine-settings", settings.string()});
      command.push_back(model.string());
      auto bytes = peakMemoryOf(command);
      if (bytes) return *bytes;
      m_result.notes.push_back("peak memory is not known: " + bytes.error().message);
      return std::nullopt;
    };
    m_result.peakMemoryBytes.before = peak(m_request.model, m_request.engineSettings);
    m_result.peakMemoryBytes.after = m_result.changed ? peak(m_request.output, {}) : m_result.peakMemoryBytes.before;
  }

  const OptimizeRequest& m_request;
  Job m_job;
  Stopwatch m_watch;
  double m_reserve = 0;  // s, for what comes behind the search
  OptimizeResult m_result;
};

}  // namespace

Result<OptimizeResult> optimize(const OptimizeRequest& request, Job job) { return Optimizer(request, job).run(); }

}  // namespace ridgeline::advisor
