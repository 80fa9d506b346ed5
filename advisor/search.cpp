#include "advisor/search.h"

#include "advisor/propose.h"
#include "advisor/sensitivity.h"
#include "base/clock.h"
#include "base/units.h"

#include <algorithm>
#include <set>

namespace ridgeline::advisor {
namespace {

// Below this share of the latency a predicted gain is not worth a trial: predictions are often off by a factor of a
// few, and a gain of a few tenths of a percent drowns in the noise of any measurement we can afford.
constexpr double kSmallestGainWorthTrying = 0.0005;

// A rule, and what exactly it was asked to rewrite.
using TrialKey = std::pair<std::string, std::string>;

TrialKey keyOf(const Opportunity& o) {
  std::string what = o.variant;
  for (const auto& p : o.places) what += "|" + p;
  return {o.rule, what};
}

// A second lossy form whose speed-up is at least this share of the best one's may still win: the two were measured at
// different moments, and what can be fused behind them differs.
constexpr double kStillInTheRace = 0.9;

// An unclear measurement that says at least this much is given more time before it is turned down.
constexpr double kPromising = 1.015;

// A line of rewrites: the model they led to, and what was tried on the way.
struct Branch {
  graph::Model model;
  std::vector<Trial> trials;
  std::vector<SearchOutcome::Step> steps;  // `trial` counts within this branch
  std::set<TrialKey> tried;
  bool lossy = false;

  void accept(graph::Model to, Trial trial) {
    lossy = lossy || trial.lossy;
    trial.accepted = true;
    trials.push_back(std::move(trial));
    model = to.clone();
    steps.push_back({std::move(to), trials.size() - 1});
  }
};

class Searcher {
 public:
  Searcher(Workbench& bench, const SearchOptions& options) : m_bench(bench), m_options(options) {}

  Result<SearchOutcome> run() {
    Branch trunk{m_bench.original().clone(), {}, {}, {}, false};
    while (true) {
      auto pass = simplify(trunk);
      if (!pass) return passOn(pass);
      auto finalists = quantize(trunk, *pass);
      if (!finalists) return passOn(finalists);
      if (finalists->empty()) {
        for (auto& o : pass->leftovers) setAside(trunk, std::move(o));
        break;
      }
      auto winner = decide(std::move(*finalists));
      if (!winner) return passOn(winner);
      append(trunk, std::move(*winner));
    }
    m_outcome.trials = std::move(trunk.trials);
    m_outcome.steps = std::move(trunk.steps);
    return std::move(m_outcome);
  }

 private:
  double left() const { return m_options.budgetSeconds - m_watch.seconds(); }

  // What is known of a branch's model, and what could be done to it.
  struct Pass {
    Workbench::Facts facts;
    std::vector<Opportunity> exact, lossy, leftovers;
  };
  Result<Pass> look(const Branch& branch) {
    m_bench.job().progress.phase("study");
    auto facts = m_bench.study(branch.model);
    if (!facts) return passOn(facts);
    Pass pass{std::move(*facts), {}, {}, {}};
    auto proposals = propose(branch.model, m_bench.subject(branch.model, pass.facts), m_bench.constraints().exactOnly);
    if (!proposals) return passOn(proposals);
    if (!m_looked) m_outcome.nearMisses = std::move(proposals->nearMisses);
    m_looked = true;
    for (auto& o : proposals->opportunities) {
      const bool small = o.predictedGainMs < kSmallestGainWorthTrying * pass.facts.latencyMs;
      auto& list = small ? pass.leftovers : findRule(o.rule)->info().lossy ? pass.lossy : pass.exact;
      list.push_back(std::move(o));
    }
    return pass;
  }

  // Takes exact rewrites, one after the other, until none is faster. The last look at the branch.
  Result<Pass> simplify(Branch& branch) {
    while (true) {
      auto pass = look(branch);
      if (!pass) return passOn(pass);
      auto improved = takeOneExact(branch, *pass);
      if (!improved) return passOn(improved);
      if (!*improved) return pass;
    }
  }

  Result<bool> takeOneExact(Branch& branch, const Pass& pass) {
    std::optional<engine::Session> session;
    const auto subject = m_bench.subject(branch.model, pass.facts);
    for (const auto& o : pass.exact) {
      if (branch.tried.contains(keyOf(o))) continue;
      if (outOfTime()) return false;
      auto contender = tryOne(branch, o, subject, session);
      if (!contender) return passOn(contender);
      if (!*contender) continue;
      auto& [model, trial] = **contender;
      note(trial, fmt::format("{:.2f}x faster, kept", trial.judgement->ratio));
      branch.accept(std::move(model), std::move(trial));
      return true;
    }
    return false;
  }

  // The best lossy rewrite of the trunk, each as a branch of its own; two when they are close.
  Result<std::vector<Branch>> quantize(Branch& trunk, const Pass& pass) {
    std::optional<engine::Session> session;
    const auto subject = m_bench.subject(trunk.model, pass.facts);
    std::vector<Contender> best;
    const auto faster = [](const Contender& a, const Contender& b) {
      return a.trial.judgement->ratio > b.trial.judgement->ratio;
    };
    for (const auto& o : pass.lossy) {
      if (trunk.tried.contains(keyOf(o))) continue;
      if (outOfTime()) break;
      auto contender = tryOne(trunk, o, subject, session);
      if (!contender) return passOn(contender);
      if (!*contender) continue;
      best.insert(std::ranges::upper_bound(best, **contender, faster), std::move(**contender));
      const double least = kStillInTheRace * best.front().trial.judgement->ratio;
      while (best.size() > 2 || (best.size() == 2 && best.back().trial.judgement->ratio < least)) {
        reject(trunk, std::move(best.back().trial), "another form was faster");
        best.pop_back();
      }
    }
    std::vector<Branch> branches;
    for (auto& c : best) {
      // Once products are fast, what surrounds them weighs more: exact rewrites get another chance.
      auto tried = trunk.tried;
      std::erase_if(tried, [](const auto& key) { return !findRule(key.first)->info().lossy; });
      Branch branch{trunk.model.clone(), {}, {}, std::move(tried), trunk.lossy};
      note(c.trial, fmt::format("{:.2f}x faster", c.trial.judgement->ratio));
      branch.accept(std::move(c.model), std::move(c.trial));
      branches.push_back(std::move(branch));
    }
    return branches;
  }

  // Of two branches, each is taken as far as exact rewrites take it, and then they run against each other.
  Result<Branch> decide(std::vector<Branch> branches) {
    if (branches.size() == 1) return std::move(branches.front());
    for (auto& branch : branches) {
      auto pass = simplify(branch);
      if (!pass) return passOn(pass);
    }
    auto a = m_bench.build(branches[0].model), b = m_bench.build(branches[1].model);
    if (!a) return passOn(a);
    if (!b) return passOn(b);
    JudgeOptions options;
    options.maxSeconds = std::clamp(left() / 4, 1.0, 12.0);
    auto judgement = judge(*a, *b, options, m_bench.job());
    if (!judgement) return passOn(judgement);
    if (judgement->ratio > 1) std::swap(branches[0], branches[1]);
    Branch winner = std::move(branches[0]);
    const double ratio = std::max(judgement->ratio, 1 / judgement->ratio);
    for (auto& trial : branches[1].trials) {
      if (!trial.accepted) continue;
      trial.accepted = false;
      reject(winner, std::move(trial), fmt::format("in the end, another form was {:.2f}x faster", ratio));
    }
    return winner;
  }

  static void append(Branch& trunk, Branch branch) {
    const size_t before = trunk.trials.size();
    std::ranges::move(branch.trials, std::back_inserter(trunk.trials));
    for (auto& step : branch.steps) trunk.steps.push_back({std::move(step.model), step.trial + before});
    trunk.model = std::move(branch.model);
    trunk.tried = std::move(branch.tried);
    trunk.lossy = branch.lossy;
  }

  // A trial that would not end in time is not begun.
  bool outOfTime() {
    const bool out = left() < m_typicalTrial / 2;
    m_outcome.outOfBudget = m_outcome.outOfBudget || out;
    return out;
  }

  // Proposals that would still win next to nothing when all else is done.
  void setAside(Branch& branch, Opportunity o) {
    const auto& info = findRule(o.rule)->info();
    auto reason = fmt::format("predicted gain {} is too small to prove", formatMs(o.predictedGainMs));
    Trial trial{.opportunity = std::move(o), .kind = info.kind, .lossy = info.lossy};
    reject(branch, std::move(trial), std::move(reason));
  }

  struct Contender {
    graph::Model model;
    Trial trial;
  };

  void note(const Trial& trial, std::string_view what) {
    const auto& o = trial.opportunity;
    m_bench.job().progress.note(fmt::format("{}{}{}: {}", o.rule, o.variant.empty() ? "" : " ", o.variant, what));
  }

  void reject(Branch& branch, Trial trial, std::string reason) {
    trial.reason = std::move(reason);
    note(trial, trial.reason);
    branch.trials.push_back(std::move(trial));
  }

  // `session` is the branch's model, built at the first need.
  Result<std::optional<Contender>> tryOne(Branch& branch, const Opportunity& o, const Subject& subject,
                                          std::optional<engine::Session>& session) {
    if (auto s = m_bench.job().stop.check(); !s) return passOn(s);
    m_bench.job().progress.phase("try");
    branch.tried.insert(keyOf(o));
    if (!session) {
      auto built = m_bench.build(branch.model);
      if (!built) return passOn(built);
      session = std::move(*built);
    }
    const Stopwatch watch;
    auto contender = consider(branch, o, subject, *session);
    m_typicalTrial = m_typicalTrial == 0 ? watch.seconds() : (m_typicalTrial + watch.seconds()) / 2;
    return contender;
  }

  // Tries one proposal; a contender when it is faster than the incumbent and its outputs are good enough.
  Result<std::optional<Contender>> consider(Branch& branch, const Opportunity& o, const Subject& subject,
                                            engine::Session& incumbent) {
    const Stopwatch watch;
    const auto& info = findRule(o.rule)->info();
    Trial trial;
    trial.opportunity = o;
    trial.kind = info.kind;
    trial.lossy = info.lossy;
    auto applied = applyToCopy(subject.model, o, subject);
    if (!applied) return refuse(branch, std::move(trial), applied.error(), watch);
    if (applied->places == 0) {
      reject(branch, std::move(trial), "no place was left to rewrite");
      return std::nullopt;
    }
    trial.enablers = applied->enablers;
    auto session = m_bench.build(applied->model);
    if (!session) return refuse(branch, std::move(trial), session.error(), watch);
    auto verification = m_bench.reference().compare(*session, m_bench.job());
    if (!verification) return refuse(branch, std::move(trial), verification.error(), watch);
    trial.verification = *verification;
    // An exact rewrite of a model that is lossy already is compared with the original under the lossy bound.
    if (auto why = unacceptable(*verification, m_bench.constraints(), info.lossy || branch.lossy)) {
      trial.seconds = watch.seconds();
      reject(branch, std::move(trial), *why);
      return info.lossy && o.places.size() > 1 ? retryWithFewerPlaces(branch, o, subject, incumbent)
                                               : Result<std::optional<Contender>>(std::nullopt);
    }
    JudgeOptions options;
    options.stopWhenClear = true;
    options.maxSeconds = std::clamp(left() / 4, 1.0, 12.0);
    auto judgement = judge(incumbent, *session, options, m_bench.job());
    if (!judgement) return refuse(branch, std::move(trial), judgement.error(), watch);
    if (judgement->verdict == Verdict::Inconclusive && judgement->ratio > kPromising) {
      options.maxSeconds = std::clamp(left() / 4, 1.0, 24.0);
      auto more = judge(incumbent, *session, options, m_bench.job());
      if (!more) return refuse(branch, std::move(trial), more.error(), watch);
      judgement = merge({std::move(*judgement), std::move(*more)}, options.margin);
    }
    trial.judgement = *judgement;
    trial.seconds = watch.seconds();
    if (judgement->verdict != Verdict::Faster) {
      reject(branch, std::move(trial),
             fmt::format("measured {}, {:.3f}x to {:.3f}x", nameOf(judgement->verdict), judgement->ci95.lo,
                         judgement->ci95.hi));
      return std::nullopt;
    }
    return Contender{std::move(applied->model), std::move(trial)};
  }

  Result<std::optional<Contender>> retryWithFewerPlaces(Branch& branch, const Opportunity& o, const Subject& subject,
                                                        engine::Session& incumbent) {
    auto fewer = withoutSensitivePlaces(subject.model, o, subject, m_bench, std::max(left() / 3, 0.0));
    if (!fewer) return passOn(fewer);
    if (!*fewer || !branch.tried.insert(keyOf(**fewer)).second) return std::nullopt;
    return consider(branch, **fewer, subject, incumbent);
  }

  // A candidate that cannot be built or run is a rejected trial, not the end of the search; a stop request is the end.
  Result<std::optional<Contender>> refuse(Branch& branch, Trial trial, const Error& error, const Stopwatch& watch) {
    if (error.code == ErrorCode::Interrupted) return tl::unexpected<Error>(error);
    trial.seconds = watch.seconds();
    reject(branch, std::move(trial), error.message);
    return std::nullopt;
  }

  Workbench& m_bench;
  SearchOptions m_options;
  Stopwatch m_watch;
  SearchOutcome m_outcome;
  bool m_looked = false;
  double m_typicalTrial = 0;  // s, the latest counting most
};

}  // namespace

Result<SearchOutcome> search(Workbench& bench, const SearchOptions& options) { return Searcher(bench, options).run(); }

}  // namespace ridgeline::advisor
