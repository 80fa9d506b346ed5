#include "advisor/optimize.h"

#include "advisor/memory.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/units.h"
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

class Optimizer {
 public:
  Optimizer(const OptimizeRequest& request, Job job) : m_request(request), m_job(job) {}

  Result<OptimizeResult> run() {
    const Stopwatch watch;
    // The output first: nobody wants to learn after ten minutes that it cannot be written.
    auto pending = PendingFile::create(m_request.output);
    if (!pending) return passOn(pending);
    m_job.progress.phase("load");
    auto model = graph::Model::load(m_request.model);
    if (!model) return passOn(model);
    auto inputs = gatherInputs(m_request, *model);
    if (!inputs) return passOn(inputs);
    m_result.syntheticInputs = inputs->search.synthetic;
    m_result.notes = inputs->search.notes;
    Constraints constraints = m_request.constraints;
    if (inputs->search.synthetic) constraints.minCosine += (1 - constraints.minCosine) * kSyntheticReserve;

    auto bench = Workbench::create(*model, inputs->search, inputs->calibration, constraints, m_request.threads, false,
                                   m_job, std::min(60.0, m_request.budgetSeconds / 5));
    if (!bench) return passOn(bench);
    bench->setDeviceAdvice(m_request.deviceAdvice);
    m_result.threads = bench->threads();
    m_result.engine = engine::Session::engineName();
    m_result.device = cpu::detectProcessor().model;

    // What comes behind the search builds and runs models as often as what came before it, three times over.
    const double setup = watch.seconds(), reserve = proofSeconds() + 3 * setup;
    auto found = search(*bench, {.budgetSeconds = std::max(m_request.budgetSeconds - setup - reserve, 1.0)});
    if (!found) return passOn(found);
    m_result.trials = std::move(found->trials);
    m_result.nearMisses = std::move(found->nearMisses);
    m_result.outOfBudget = found->outOfBudget;
    auto result = proveLatestGoodStep(*bench, *found, inputs->proof);
    if (!result) return passOn(result);
    m_result.searchSeconds = watch.seconds();
    if (auto s = hand(*bench, std::move(*result)); !s) return passOn(s);
    return std::move(m_result);
  }

 private:
  double proofSeconds() const { return std::clamp(m_request.budgetSeconds * 0.1, 3.0, 20.0); }

  bool lossyUpTo(const SearchOutcome& found, size_t steps) const {
    for (size_t i = 0; i < steps; ++i) {
      if (m_result.trials[found.steps[i].trial].lossy) return true;
    }
    return false;
  }

  // The last step whose proof holds; earlier ones are tried in turn when it does not. nullopt: the original stays.
  Result<std::optional<graph::Model>> proveLatestGoodStep(Workbench& bench, SearchOutcome& found,
                                                          const engine::InputSet& fresh) {
    while (!found.steps.empty()) {
      auto proof = prove(bench, found.steps.back().model, lossyUpTo(found, found.steps.size()), fresh, proofSeconds());
      if (!proof) return passOn(proof);
      if (proof->holds()) {
        m_result.judgement = std::move(proof->judgement);
        m_result.verification = std::move(proof->verification);
        return std::optional(std::move(found.steps.back().model));
      }
      auto& trial = m_result.trials[found.steps.back().trial];
      trial.accepted = false;
      trial.reason = "not kept: " + proof->failure;
      m_job.progress.note(fmt::format("{}: {}", trial.opportunity.rule, trial.reason));
      found.steps.pop_back();
    }
    return std::nullopt;
  }

  Status hand(Workbench& bench, std::optional<graph::Model> result) {
    m_job.progress.phase("write");
    m_result.changed = result.has_value();
    auto written = result ? writeRewritten(*result) : writeUntouched(bench.original());
    if (!written) return written;
    if (!result) {
      if (auto s = describeUntouched(bench); !s) return s;
    }
    m_result.modelBytes.before = static_cast<double>(bench.original().byteSize());
    m_result.modelBytes.after = result ? static_cast<double>(result->byteSize()) : m_result.modelBytes.before;
    measureMemory();
    return checkConstraints();
  }

  Status writeRewritten(graph::Model& model) {
    std::string applied;
    for (const auto& t : m_result.trials) {
      if (!t.accepted) continue;
      if (!applied.empty()) applied += ", ";
      applied += t.opportunity.rule + (t.opportunity.variant.empty() ? "" : " " + t.opportunity.variant);
    }
    model.setMetadata("rewrites", applied);
    return model.save(m_request.output);
  }

  Status writeUntouched(const graph::Model& original) {
    std::error_code ec;
    if (fs::equivalent(m_request.model, m_request.output, ec)) return {};
    const bool external =
        std::any_of(original.graphProto().initializer().begin(), original.graphProto().initializer().end(),
                    [](const auto& t) { return t.data_location() == onnx::TensorProto::EXTERNAL; });
    if (external) return original.save(m_request.output);
    auto bytes = readFile(m_request.model);
    if (!bytes) return passOn(bytes);
    return writeFileAtomically(m_request.output, *bytes);
  }

  // Latency of the original alone, so that the report has one.
  Status describeUntouched(Workbench& bench) {
    auto a = bench.build(bench.original());
    if (!a) return passOn(a);
    std::vector<double> ms;
    for (int i = 0; i < 8; ++i) {
      auto ns = a->run();
      if (!ns) return passOn(ns);
      if (i >= 3) ms.push_back(static_cast<double>(*ns) * 1e-6);
    }
    m_result.judgement.baselineMs = m_result.judgement.candidateMs = median(ms);
    m_result.judgement.ratio = 1;
    m_result.judgement.ci95 = {1, 1};
    for (const auto& port : a->outputs()) {
      m_result.verification.outputs.push_back({.name = port.name, .floating = graph::isFloating(port.type)});
    }
    m_result.verification.samples = static_cast<int>(bench.inputs().samples.size());
    return {};
  }

  void measureMemory() {
    if (m_request.memoryProbe.empty()) return;
    const auto peak = [&](const fs::path& model) -> std::optional<double> {
      auto command = m_request.memoryProbe;
      command.push_back(model.string());
      auto bytes = peakMemoryOf(command);
      if (bytes) return *bytes;
      m_result.notes.push_back("peak memory is not known: " + bytes.error().message);
      return std::nullopt;
    };
    m_result.peakMemoryBytes.before = peak(m_request.model);
    m_result.peakMemoryBytes.after = m_result.changed ? peak(m_request.output) : m_result.peakMemoryBytes.before;
  }

  Status checkConstraints() {
    const auto& c = m_request.constraints;
    auto& unmet = m_result.unmet;
    if (c.maxLatencyMs && m_result.judgement.candidateMs > *c.maxLatencyMs) {
      unmet.push_back(
          fmt::format("latency {} is above {}", formatMs(m_result.judgement.candidateMs), formatMs(*c.maxLatencyMs)));
    }
    const auto& after = m_result.peakMemoryBytes.after;
    if (c.maxMemoryBytes && (!after || *after > *c.maxMemoryBytes)) {
      unmet.push_back(
          after ? fmt::format("peak memory {} is above {}", formatBytes(*after), formatBytes(*c.maxMemoryBytes))
                : "peak memory could not be measured");
    }
    if (!c.metricCommand.empty() && c.minMetric) {
      auto metric = runMetric(c.metricCommand, m_request.output);
      if (!metric) return passOn(metric);
      m_result.metric = *metric;
      if (*metric < *c.minMetric) unmet.push_back(fmt::format("metric {:.4g} is below {:.4g}", *metric, *c.minMetric));
    }
    m_result.constraintsMet = unmet.empty();
    return {};
  }

  const OptimizeRequest& m_request;
  Job m_job;
  OptimizeResult m_result;
};

}  // namespace

Result<OptimizeResult> optimize(const OptimizeRequest& request, Job job) { return Optimizer(request, job).run(); }

}  // namespace ridgeline::advisor
