#include "advisor/check/check.h"

#include "advisor/check/energy.h"
#include "advisor/check/past.h"
#include "advisor/check/sides.h"
#include "advisor/memory.h"
#include "advisor/verify.h"
#include "analyzers/diff/diff.h"
#include "base/clock.h"
#include "base/units.h"
#include "engine/inputs.h"

#include <algorithm>

namespace ridgeline::advisor {
namespace fs = std::filesystem;
namespace {

constexpr int kSamplesForOutputs = 2;
constexpr double kPowerSeconds = 1.5;
// Below this the outputs are worth a remark also where no limit is set.
constexpr double kRemarkableCosine = 0.99;
// Of the budget: for speed, and for finding out which operator it is. The rest is for loading, outputs and memory.
constexpr double kSpeedShare = 0.6, kBlameShare = 0.2;

// Two models with the same inputs.
struct Pair {
  graph::Model a, b;
  engine::InputSet inputsA, inputsB;
  bool sameInputs = true;  // values of A's inputs fit B
};

class Checker {
 public:
  Checker(const CheckRequest& request, Job job) : m_request(request), m_job(job) {
    m_result.allowed = request.maxRegression;
  }

  Result<CheckResult> run() {
    auto scratch = TemporaryFolder::create("check");
    if (!scratch) return passOn(scratch);
    auto current =
        isRecording(m_request.subject) ? sideOfRecording(m_request.subject, {}) : sideOfModel(m_request.subject);
    if (!current) return passOn(current);
    m_current = std::move(*current);
    m_current.facts.commit = m_request.labels.commit;
    auto baseline = findBaseline(m_request, m_current, scratch->path());
    if (!baseline) return passOn(baseline);
    m_baseline = std::move(*baseline);
    const auto done = m_baseline.side ? compare(scratch->path()) : begin(scratch->path());
    if (!done) return tl::unexpected<Error>(done.error());
    closeGates();
    m_result.current = m_current.facts;
    if (m_baseline.side) m_result.baseline = m_baseline.side->facts;
    m_result.seconds = m_watch.seconds();
    return std::move(m_result);
  }

 private:
  Status begin(const fs::path& scratch) {
    if (auto s = makeBaseline(m_request, m_baseline, m_current, scratch, m_job); !s) return s;
    m_result.madeBaseline = true;
    m_result.verdict = CheckVerdict::Same;
    m_result.notes.push_back(fmt::format("There was no baseline; {} is one now.", m_request.baseline));
    m_facts.latencyMs = m_current.facts.latencyMs;
    if (m_current.model) lookAtModel(*m_current.model, m_facts.modelBytes, m_facts.memoryBytes);
    return {};
  }

  Status compare(const fs::path& scratch) {
    auto& base = *m_baseline.side;
    const bool canRun = m_request.mayRun && base.model && m_current.model;
    if (canRun) {
      if (auto s = compareInTurns(base); !s) return s;
    } else {
      if (m_request.mayRun && m_current.model && !base.model) {
        m_result.notes.push_back(fmt::format(
            "The baseline's model {} is not here, so the two were not measured in turns; --baseline-model names it.",
            base.facts.model));
      }
      if (auto s = compareRecordings(base, scratch); !s) return s;
    }
    if (m_current.model) lookAtModel(*m_current.model, m_facts.modelBytes, m_facts.memoryBytes);
    if (base.model) lookAtModel(*base.model, m_facts.modelBytesBefore, m_facts.memoryBytesBefore);
    return {};
  }

  // --- measured here and now ---

  Result<Pair> openPair(const Side& base) {
    auto a = graph::Model::load(*base.model);
    if (!a) return passOn(a);
    auto b = graph::Model::load(*m_current.model);
    if (!b) return passOn(b);
    const auto& asked = m_request.shapes.empty() ? base.shapes : m_request.shapes;
    const auto inputsOf = [&](const graph::Model& model) -> Result<engine::InputSet> {
      if (!m_request.inputs.empty()) return engine::readInputs(m_request.inputs, model);
      auto shapes = engine::parseShapes(asked, model);
      if (!shapes) return passOn(shapes);
      return engine::synthesizeInputs(model, *shapes, kSamplesForOutputs);
    };
    auto inputsA = inputsOf(*a);
    if (!inputsA) return passOn(inputsA);
    Pair pair{std::move(*a), std::move(*b), std::move(*inputsA), {}, true};
    // Inputs of one model that the other takes as well make their outputs comparable.
    auto probe = session(pair.b, false);
    if (!probe) return passOn(probe);
    if (probe->bind(pair.inputsA.samples.front())) {
      pair.inputsB = pair.inputsA;
      return pair;
    }
    auto inputsB = inputsOf(pair.b);
    if (!inputsB) return passOn(inputsB);
    pair.inputsB = std::move(*inputsB);
    pair.sameInputs = false;
    m_result.notes.push_back("The two models take different inputs; each ran with its own.");
    return pair;
  }

  Result<engine::Session> session(const graph::Model& model, bool observable) const {
    engine::SessionOptions options;
    options.threads = threads();
    options.quietBetweenRuns = true;
    options.observable = observable;
    return engine::Session::create(model, options);
  }

  int threads() const {
    if (m_request.threads > 0) return m_request.threads;
    return m_baseline.side ? m_baseline.side->facts.threads : 0;
  }

  Result<engine::Session> ready(const graph::Model& model, const engine::InputSet& inputs, bool observable) const {
    auto made = session(model, observable);
    if (!made) return passOn(made);
    if (auto s = made->bind(inputs.samples.front()); !s) return passOn(s);
    return made;
  }

  Status compareInTurns(Side& base) {
    m_job.progress.phase("load");
    auto pair = openPair(base);
    if (!pair) return passOn(pair);
    std::optional<engine::Session> a, b;
    const auto makeSitting = [&]() -> Result<Sitting> {
      a.reset(), b.reset();
      auto madeA = ready(pair->a, pair->inputsA, false);
      if (!madeA) return passOn(madeA);
      auto madeB = ready(pair->b, pair->inputsB, false);
      if (!madeB) return passOn(madeB);
      a.emplace(std::move(*madeA)), b.emplace(std::move(*madeB));
      return Sitting{[&] { return a->run(); }, [&] { return b->run(); }};
    };
    m_job.progress.phase("measure in turns");
    MeasureOptions options{.allowed = m_request.maxRegression, .maxSeconds = m_request.budgetSeconds * kSpeedShare};
    auto measured = measureInTurns(makeSitting, options, m_job);
    if (!measured) return passOn(measured);
    m_result.method = CheckMethod::InTurns;
    m_result.verdict = measured->verdict;
    m_result.ratio = measured->ratio;
    m_result.ci95 = measured->ci95;
    m_result.rounds = measured->rounds;
    // What was recorded then and elsewhere does not compare with now and here.
    base.facts.latencyMs = measured->aMs;
    m_current.facts.latencyMs = m_facts.latencyMs = measured->bMs;
    base.facts.threads = m_current.facts.threads = a->threads();
    base.facts.device = m_current.facts.device = sideOfModel(*m_current.model)->facts.device;
    base.facts.engine = m_current.facts.engine = engine::Session::engineName();
    if (auto s = measurePower(*b); !s) return s;
    compareOutputs(*pair, *a, *b);
    if (m_result.verdict == CheckVerdict::Regression || m_result.verdict == CheckVerdict::Inconclusive) {
      return blame(*pair);
    }
    return {};
  }

  // Only where the machine counts it: what the processor draws while the model runs and nothing of ours besides.
  Status measurePower(engine::Session& b) {
    auto meter = EnergyMeter::open();
    if (!meter) return {};
    const Stopwatch watch;
    meter->joules();
    while (watch.seconds() < kPowerSeconds) {
      if (auto ns = b.run(); !ns) return passOn(ns);
    }
    const double seconds = watch.seconds(), joules = meter->joules();
    if (joules > 0) m_facts.watts = joules / seconds;
    return {};
  }

  // Which operator it is, is asked last and of sessions of their own: observing costs.
  Status blame(const Pair& pair) {
    m_job.progress.phase("find the operator");
    auto a = ready(pair.a, pair.inputsA, true);
    if (!a) return passOn(a);
    auto b = ready(pair.b, pair.inputsB, true);
    if (!b) return passOn(b);
    auto found = blameOperators(*a, *b, m_request.budgetSeconds * kBlameShare, m_job);
    if (!found) return passOn(found);
    m_result.blame = std::move(*found);
    return {};
  }

  void compareOutputs(const Pair& pair, engine::Session& a, engine::Session& b) {
    if (!pair.sameInputs) {
      m_facts.whyNoCosine = "the models take different inputs";
      return;
    }
    m_job.progress.phase("compare outputs");
    auto reference = Reference::take(a, pair.inputsA.samples, m_job);
    auto compared = reference ? reference->compare(b, m_job) : tl::unexpected<Error>(reference.error());
    if (!compared) {
      m_facts.whyNoCosine = compared.error().message;
      return;
    }
    for (const auto& output : compared->outputs) {
      if (!output.shapesAgree) {
        m_facts.cosine.reset();
        m_facts.whyNoCosine = fmt::format("output {} has another shape", output.name);
        return;
      }
      if (!output.floating) continue;
      const double cosine = output.finite ? output.cosine : -1;
      m_facts.cosine = std::min(m_facts.cosine.value_or(1), cosine);
    }
    if (!m_facts.cosine) m_facts.whyNoCosine = "no output is floating";
    if (m_facts.cosine && *m_facts.cosine < kRemarkableCosine) {
      m_result.notes.push_back(
          fmt::format("The outputs are not those of the baseline: cosine {:.4f}.", *m_facts.cosine));
    }
  }

  // --- by recordings ---

  Status compareRecordings(const Side& base, const fs::path& scratch) {
    if (!m_current.recording && !m_request.mayRun) {
      return badInput(
          fmt::format("{} is a model, and without running it nothing can be compared", m_request.subject.string()),
          "give a recording, or leave out --no-run");
    }
    if (!base.recording) {
      return badInput(fmt::format("{} is a model, and {} cannot be run here to compare with it", m_request.baseline,
                                  m_request.subject.string()),
                      "give recordings of both, or models of both");
    }
    if (auto s = recordSide(m_request, m_current, scratch, m_job); !s) return s;
    auto diff = analyzers::diffProfiles(*base.recording, *m_current.recording);
    if (!diff) return passOn(diff);
    m_facts.latencyMs = m_current.facts.latencyMs;
    for (const auto& s : diff->settings) m_result.notes.push_back("Not alike: " + s);
    judgeRecordings(*diff);
    const bool kernels = diff->kernels.matched > 0;
    m_result.blame = kernels ? std::move(diff->kernels) : std::move(diff->operators);
    return {};
  }

  void judgeRecordings(const analyzers::Diff& diff) {
    std::vector<double> past;
    for (const auto& run : m_baseline.past) {
      if (run.latencyMs) past.push_back(*run.latencyMs);
    }
    if (past.size() >= kFewestPast && m_current.facts.latencyMs) {
      const auto judged = judgeByPast(past, *m_current.facts.latencyMs, m_request.maxRegression);
      m_result.method = CheckMethod::Past;
      m_result.pastRuns = past.size();
      m_result.ratio = judged.ratio;
      m_result.ci95 = judged.ci95;
      m_result.verdict = judged.verdict;
      m_baseline.side->facts.latencyMs = judged.baselineMs;
      return;
    }
    m_result.method = CheckMethod::Recordings;
    m_result.notes.push_back(fmt::format(
        "Two recordings alone were compared ({} earlier ones are needed to know how much they spread), so small "
        "changes stay inconclusive.",
        kFewestPast));
    if (!diff.latency) {
      m_result.verdict = CheckVerdict::Inconclusive;
      return;
    }
    m_result.ratio = diff.latency->ratio;
    m_result.ci95 = diff.latency->ci95;
    m_baseline.side->facts.latencyMs = diff.latency->aMs;
    m_current.facts.latencyMs = m_facts.latencyMs = diff.latency->bMs;
    m_result.verdict = judgeRatio(diff.latency->ratio, diff.latency->ci95, m_request.maxRegression);
    // What all operators share is doubted there.
    if (diff.latency->verdict == analyzers::DiffVerdict::Inconclusive && m_result.verdict != CheckVerdict::Same) {
      m_result.verdict = CheckVerdict::Inconclusive;
    }
  }

  // --- the rest ---

  void lookAtModel(const fs::path& path, std::optional<double>& bytes, std::optional<double>& memory) {
    if (auto model = graph::Model::load(path)) bytes = static_cast<double>(model->byteSize());
    if (m_request.memoryProbe.empty() || !m_request.mayRun) return;
    m_job.progress.phase("peak memory");
    auto command = m_request.memoryProbe;
    if (m_request.shapes.empty() && m_baseline.side) {
      for (const auto& shape : m_baseline.side->shapes) command.insert(command.end(), {"--shape", shape});
    }
    if (threads() > 0) command.insert(command.end(), {"--threads", std::to_string(threads())});
    command.push_back(path.string());
    auto peak = peakMemoryOf(command);
    if (peak) {
      memory = *peak;
    } else {
      m_facts.whyNoMemory = peak.error().message;
    }
  }

  void closeGates() {
    Limits limits;
    Prices prices;
    if (m_request.config) {
      limits = m_request.config->limitsFor(m_current.facts.model, m_current.facts.device);
      prices = m_request.config->prices;
    }
    m_result.gates = gatesOf(m_facts, merged(limits, m_request.limits), prices);
  }

  const CheckRequest& m_request;
  Job m_job;
  Stopwatch m_watch;
  Side m_current;
  Baseline m_baseline;
  Facts m_facts;
  CheckResult m_result;
};

}  // namespace

std::string_view nameOf(CheckMethod method) {
  switch (method) {
    case CheckMethod::None:
      return "none";
    case CheckMethod::InTurns:
      return "in_turns";
    case CheckMethod::Past:
      return "past";
    case CheckMethod::Recordings:
      return "recordings";
  }
  return "none";
}

bool CheckResult::passes() const { return failures().empty(); }

std::vector<std::string> CheckResult::failures() const {
  std::vector<std::string> out;
  if (verdict == CheckVerdict::Regression && ratio) {
    out.push_back(fmt::format("{} is {:.1f} % slower than the baseline, where {:.1f} % are allowed", current.model,
                              (*ratio - 1) * 100, allowed * 100));
  }
  for (const auto& gate : gates) {
    if (gate.state == GateState::Failed || gate.state == GateState::Unknown) out.push_back(gate.text);
  }
  return out;
}

Result<CheckResult> check(const CheckRequest& request, Job job) { return Checker(request, job).run(); }

}  // namespace ridgeline::advisor
