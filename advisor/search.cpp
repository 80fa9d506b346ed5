#include "advisor/search.h"

#include "advisor/attempt.h"
#include "advisor/gentler.h"
#include "advisor/propose.h"
#include "advisor/rules/freeze_weights.h"
#include "base/clock.h"
#include "base/units.h"

#include <algorithm>
#include <cmath>
#include <functional>
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

bool shareNoPlace(const Opportunity& a, const Opportunity& b) {
  const std::set<std::string_view> places(a.places.begin(), a.places.end());
  return std::ranges::none_of(b.places, [&](const auto& p) { return places.contains(p); });
}

// A second lossy form whose speed-up is at least this share of the best one's may still win: the two were measured at
// different moments, and what can be fused behind them differs.
constexpr double kStillInTheRace = 0.9;

// A rewrite that promises less than this share of what a lossy one does waits until that was tried, and if it is lossy
// itself, until that was kept: afterwards it weighs more, and is measured in less time.
constexpr double kWorthTryingFirst = 0.02;

// So many trials must still fit into the budget for an exact rewrite to be tried before a lossy one that wins anything.
constexpr double kTrialsKeptForLossy = 5;

// What looking at settings of the engine may take, and the share of the time left.
constexpr double kLookSeconds = 15, kLookShare = 0.25;
// The same for rewrites whose gain the times of single operators do not tell.
constexpr double kRewriteLookSeconds = 4, kRewriteLookShare = 0.1;

// How much a kept trial won, for comparing one with another.
double meritOf(const Trial& trial, Goal goal) {
  return goal == Goal::Latency ? trial.speedUp() : *trial.bytes.before / *trial.bytes.after;
}

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
  Searcher(Workbench& bench, const SearchOptions& options)
      : m_bench(bench), m_options(options), m_attempts(bench, options.goal) {}

  Result<SearchOutcome> run() {
    const auto& start = m_options.start ? *m_options.start : m_bench.original();
    Branch trunk{start.clone(), {}, {}, {}, m_options.startIsLossy};
    if (auto s = layFoundations(trunk); !s) return passOn(s);
    if (auto s = rewriteModel(trunk); !s) return passOn(s);
    if (auto s = tuneEngine(trunk); !s) return passOn(s);
    // What stands on them needs them, whether they paid for themselves or not.
    for (const size_t i : trunk.steps.empty() ? std::vector<size_t>() : m_foundations) {
      trunk.trials[i].accepted = true;
      trunk.trials[i].reason.clear();
    }
    m_outcome.trials = std::move(trunk.trials);
    m_outcome.steps = std::move(trunk.steps);
    return std::move(m_outcome);
  }

 private:
  double left() const { return m_options.budgetSeconds - m_watch.seconds(); }

  // What other rewrites stand on, and what the user asked for, need not be faster by itself.
  Status layFoundations(Branch& trunk) {
    auto copy = trunk.model.clone();
    if (!overridableWeights(graph::Graph(copy)).empty()) {
      if (auto s = lay("freeze-weights", trunk); !s) return s;
    }
    return m_bench.pinnedShapes() ? lay("pin-shapes", trunk) : Status();
  }

  Status lay(std::string_view rule, Branch& trunk) {
    auto facts = m_bench.study(trunk.model);
    if (!facts) return passOn(facts);
    const auto subject = m_bench.subject(trunk.model, *facts, m_options.goal);
    auto copy = trunk.model.clone();
    graph::Graph graph(copy);
    auto found = findRule(rule)->find(graph, subject, nullptr);
    if (!found) return passOn(found);
    if (found->empty()) return {};
    Incumbent incumbent{trunk.model, trunk.lossy};
    auto contender = tryOne(trunk, found->front(), subject, incumbent);
    if (!contender) return passOn(contender);
    if (*contender) {
      keep(trunk, std::move(**contender));
      return {};
    }
    m_foundations.push_back(trunk.trials.size() - 1);
    auto applied = applyToCopy(trunk.model, found->front(), subject);
    if (!applied) return passOn(applied);
    trunk.model = std::move(applied->model);
    return {};
  }

  // Exact rewrites and lossy ones in turn, until none wins.
  Status rewriteModel(Branch& trunk) {
    while (!enough(trunk)) {
      if (!trunk.steps.empty() && outOfTime()) return {};
      auto pass = simplify(trunk);
      if (!pass) return passOn(pass);
      auto finalists = quantize(trunk, *pass);
      if (!finalists) return passOn(finalists);
      if (finalists->empty()) {
        for (auto& o : pass->leftovers) setAside(trunk, std::move(o));
        m_facts = std::move(pass->facts);
        return {};
      }
      auto winner = decide(std::move(*finalists));
      if (!winner) return passOn(winner);
      append(trunk, std::move(*winner));
    }
    return {};
  }

  // Settings of the engine, one after the other, once the model is what it will be.
  Status tuneEngine(Branch& trunk) {
    if (!m_options.tuneEngine && m_options.goal == Goal::Latency) return {};
    while (m_facts && !enough(trunk) && !outOfTime()) {
      m_bench.job().progress.phase("engine settings");
      const double look = std::min(kLookSeconds, left() * kLookShare);
      const auto subject = m_bench.subject(trunk.model, *m_facts, m_options.goal, look);
      auto proposals = propose(trunk.model, subject, true, Ask::Settings);
      if (!proposals) return passOn(proposals);
      if (!m_looked.contains(Ask::Settings)) remember(std::move(proposals->nearMisses), Ask::Settings);
      auto improved = takeOne(trunk, proposals->opportunities, subject);
      if (!improved) return passOn(improved);
      if (!*improved) return {};
    }
    return {};
  }

  // Memory or size, where it is the goal, is as small as was asked for.
  bool enough(const Branch& branch) const {
    if (!m_options.enoughBytes || branch.steps.empty()) return false;
    const auto& bytes = branch.trials[branch.steps.back().trial].bytes.after;
    return bytes && *bytes <= *m_options.enoughBytes;
  }

  void remember(std::vector<NearMiss> misses, Ask asked) {
    std::ranges::move(misses, std::back_inserter(m_outcome.nearMisses));
    m_looked.insert(asked);
  }

  struct Contender {
    graph::Model model;
    Trial trial;
  };

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
    const double lookSeconds = std::min(kRewriteLookSeconds, left() * kRewriteLookShare);
    auto proposals = propose(branch.model, m_bench.subject(branch.model, pass.facts, m_options.goal, lookSeconds),
                             m_bench.constraints().exactOnly);
    if (!proposals) return passOn(proposals);
    if (!m_looked.contains(Ask::Rewrites)) remember(std::move(proposals->nearMisses), Ask::Rewrites);
    for (auto& o : proposals->opportunities) {
      const bool small =
          m_options.goal == Goal::Latency && o.predictedGainMs < kSmallestGainWorthTrying * pass.facts.latencyMs;
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
      const auto now = worthTryingNow(branch, *pass);
      auto improved = takeOne(branch, now, m_bench.subject(branch.model, pass->facts, m_options.goal));
      if (!improved) return passOn(improved);
      if (!*improved || enough(branch)) return pass;
    }
  }

  std::vector<Opportunity> worthTryingNow(const Branch& branch, const Pass& pass) const {
    double lossyGain = 0;
    for (const auto& o : pass.lossy) {
      if (!branch.tried.contains(keyOf(o))) lossyGain = std::max(lossyGain, o.predictedGainMs);
    }
    auto worth = pass.exact;
    // Where time is short, what wins most goes first.
    if (lossyGain > 0 && left() < kTrialsKeptForLossy * m_typicalTrial) return {};
    if (m_options.goal == Goal::Latency) {
      std::erase_if(worth, [&](const Opportunity& o) { return o.predictedGainMs < kWorthTryingFirst * lossyGain; });
    }
    return worth;
  }

  // The first of the proposals that wins is kept.
  Result<bool> takeOne(Branch& branch, const std::vector<Opportunity>& proposals, const Subject& subject) {
    Incumbent incumbent{branch.model, branch.lossy};
    for (const auto& o : proposals) {
      if (branch.tried.contains(keyOf(o))) continue;
      if (outOfTime()) return false;
      auto contender = tryOne(branch, o, subject, incumbent);
      if (!contender) return passOn(contender);
      if (!*contender) continue;
      keep(branch, std::move(**contender));
      return true;
    }
    return false;
  }

  void keep(Branch& branch, Contender contender) {
    note(contender.trial, wonBy(contender.trial) + ", kept");
    branch.accept(std::move(contender.model), std::move(contender.trial));
  }

  std::string wonBy(const Trial& trial) const {
    if (m_options.goal == Goal::Latency) return fmt::format("{:.2f}x faster", trial.judgement->ratio);
    return fmt::format("{} instead of {}", formatBytes(*trial.bytes.after), formatBytes(*trial.bytes.before));
  }

  // The best lossy rewrite of the trunk, each as a branch of its own; two when they are close.
  Result<std::vector<Branch>> quantize(Branch& trunk, const Pass& pass) {
    Incumbent incumbent{trunk.model, trunk.lossy};
    const auto subject = m_bench.subject(trunk.model, pass.facts, m_options.goal);
    std::vector<Contender> best;
    std::vector<Opportunity> faster;  // all that won
    const auto merit = [this](const Contender& c) { return meritOf(c.trial, m_options.goal); };
    for (const auto& o : pass.lossy) {
      if (trunk.tried.contains(keyOf(o))) continue;
      if (outOfTime()) break;
      if (!faster.empty() && weighsNothingBeside(faster.front(), o)) continue;
      auto contender = tryOne(trunk, o, subject, incumbent);
      if (!contender) return passOn(contender);
      if (!*contender) continue;
      faster.push_back(o);
      best.insert(std::ranges::upper_bound(best, merit(**contender), std::greater(), merit), std::move(**contender));
      const double least = kStillInTheRace * merit(best.front());
      while (best.size() > 2 || (best.size() == 2 && merit(best.back()) < least)) {
        reject(trunk, std::move(best.back().trial), fmt::format("another form was {}", better()));
        best.pop_back();
      }
    }
    std::vector<Branch> branches;
    for (auto& c : best) {
      // Once products are fast, what surrounds them weighs more: exact rewrites get another chance.
      auto tried = trunk.tried;
      std::erase_if(tried, [](const auto& key) { return !findRule(key.first)->info().lossy; });
      // What won elsewhere in the model was no other form of this: it comes on top.
      for (const auto& o : faster) {
        if (shareNoPlace(o, c.trial.opportunity)) tried.erase(keyOf(o));
      }
      Branch branch{trunk.model.clone(), {}, {}, std::move(tried), trunk.lossy};
      note(c.trial, wonBy(c.trial));
      branch.accept(std::move(c.model), std::move(c.trial));
      branches.push_back(std::move(branch));
    }
    return branches;
  }

  bool weighsNothingBeside(const Opportunity& won, const Opportunity& o) const {
    return m_options.goal == Goal::Latency && o.predictedGainMs < kWorthTryingFirst * won.predictedGainMs;
  }

  std::string_view better() const { return m_options.goal == Goal::Latency ? "faster" : "smaller"; }

  // Of two branches, each is taken as far as exact rewrites take it, and then they run against each other.
  Result<Branch> decide(std::vector<Branch> branches) {
    if (branches.size() == 1) return std::move(branches.front());
    if (outOfTime()) {  // the first won by more
      giveUp(branches[0], branches[1], fmt::format("another form was {}", better()));
      return std::move(branches[0]);
    }
    for (auto& branch : branches) {
      auto pass = simplify(branch);
      if (!pass) return passOn(pass);
    }
    auto ratio = compare(branches[0].model, branches[1].model);
    if (!ratio) return passOn(ratio);
    if (*ratio > 1) std::swap(branches[0], branches[1]);
    giveUp(branches[0], branches[1],
           fmt::format("in the end, another form was {:.2f}x {}", std::max(*ratio, 1 / *ratio), better()));
    return std::move(branches[0]);
  }

  // What the loser had kept is told among the winner's trials.
  void giveUp(Branch& winner, Branch& loser, const std::string& why) {
    for (auto& trial : loser.trials) {
      if (!trial.accepted) continue;
      trial.accepted = false;
      reject(winner, std::move(trial), why);
    }
  }

  // How much more than `b` the first model takes, of what the goal counts.
  Result<double> compare(const graph::Model& a, const graph::Model& b) {
    if (m_options.goal != Goal::Latency) {
      auto first = m_bench.bytes(m_options.goal, a), second = m_bench.bytes(m_options.goal, b);
      if (!first) return passOn(first);
      if (!second) return passOn(second);
      return *first / *second;
    }
    // Whether threads spin or sleep decides between forms of many small operators and forms of few large ones: a
    // program may do either, so both count.
    double product = 1;
    const auto paces = m_bench.threads() > 1 ? std::vector{Pace::Shared, Pace::Asleep} : std::vector{Pace::Shared};
    for (const Pace pace : paces) {
      auto first = m_bench.build(a, pace), second = m_bench.build(b, pace);
      if (!first) return passOn(first);
      if (!second) return passOn(second);
      JudgeOptions options;
      options.maxSeconds = std::clamp(left() / 8, 1.0, 6.0);
      auto judgement = judge(*first, *second, options, m_bench.job());
      if (!judgement) return passOn(judgement);
      product *= judgement->ratio;
    }
    return std::pow(product, 1.0 / static_cast<double>(paces.size()));
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
    auto reason = o.predictedGainMs > 0
                      ? fmt::format("predicted gain {} is too small to prove", formatMs(o.predictedGainMs))
                      : "takes no time as the engine runs it";
    Trial trial{.opportunity = std::move(o), .kind = info.kind, .lossy = info.lossy};
    reject(branch, std::move(trial), std::move(reason));
  }

  void learnFrom(const Trial& trial) {
    if (m_options.goal != Goal::Latency || !trial.judgement || trial.opportunity.looked) return;
    const auto& o = trial.opportunity;
    m_bench.experience().learn(o.rule, o.variant, o.untemperedGainMs, trial.whereThreadsSpin().gainMs());
  }

  void note(const Trial& trial, std::string_view what) {
    const auto& o = trial.opportunity;
    m_bench.job().progress.note(fmt::format("{}{}{}: {}", o.rule, o.variant.empty() ? "" : " ", o.variant, what));
  }

  void reject(Branch& branch, Trial trial, std::string reason) {
    trial.reason = std::move(reason);
    note(trial, trial.reason);
    branch.trials.push_back(std::move(trial));
  }

  Result<std::optional<Contender>> tryOne(Branch& branch, const Opportunity& o, const Subject& subject,
                                          Incumbent& incumbent) {
    if (auto s = m_bench.job().stop.check(); !s) return passOn(s);
    m_bench.job().progress.phase("try");
    branch.tried.insert(keyOf(o));
    const Stopwatch watch;
    auto attempt = m_attempts.run(incumbent, o, subject, left());
    if (!attempt) return passOn(attempt);
    learnFrom(attempt->trial);
    const bool again = attempt->inaccurate && attempt->trial.lossy;
    std::optional<Contender> contender;
    if (attempt->model) {
      contender = Contender{std::move(*attempt->model), std::move(attempt->trial)};
    } else {
      auto reason = attempt->trial.reason;
      reject(branch, std::move(attempt->trial), std::move(reason));
    }
    m_typicalTrial = m_typicalTrial == 0 ? watch.seconds() : (m_typicalTrial + watch.seconds()) / 2;
    if (!again) return contender;
    auto other = gentler(incumbent.model, o, subject, m_bench, std::max(left() / 3, 0.0));
    if (!other) return passOn(other);
    if (!*other || branch.tried.contains(keyOf(**other))) return std::nullopt;
    return tryOne(branch, **other, subject, incumbent);
  }

  Workbench& m_bench;
  SearchOptions m_options;
  Stopwatch m_watch;
  SearchOutcome m_outcome;
  Attempts m_attempts;
  std::set<Ask> m_looked;                   // whose near misses are remembered
  std::vector<size_t> m_foundations;        // trials of what was applied without being faster
  std::optional<Workbench::Facts> m_facts;  // of the trunk, when no rewrite is left
  double m_typicalTrial = 0;                // s, the latest counting most
};

}  // namespace

Result<SearchOutcome> search(Workbench& bench, const SearchOptions& options) { return Searcher(bench, options).run(); }

}  // namespace ridgeline::advisor
