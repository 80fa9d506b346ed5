#include "advisor/search.h"

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

class Searcher {
 public:
  Searcher(Workbench& bench, const SearchOptions& options)
      : m_bench(bench), m_options(options), m_incumbent(bench.original().clone()) {}

  Result<SearchOutcome> run() {
    while (true) {
      auto progressed = improveOnce();
      if (!progressed) return passOn(progressed);
      if (!*progressed) break;
    }
    return std::move(m_outcome);
  }

 private:
  double left() const { return m_options.budgetSeconds - m_watch.seconds(); }

  // One improvement of the incumbent: the first exact proposal that holds, else the best lossy one. False when nothing
  // is left to try.
  Result<bool> improveOnce() {
    m_bench.job().progress.phase("study");
    auto facts = m_bench.study(m_incumbent);
    if (!facts) return passOn(facts);
    const auto subject = m_bench.subject(m_incumbent, *facts);
    auto proposals = propose(m_incumbent, subject, m_bench.constraints().exactOnly);
    if (!proposals) return passOn(proposals);
    if (m_outcome.trials.empty()) m_outcome.nearMisses = proposals->nearMisses;
    auto session = m_bench.build(m_incumbent);
    if (!session) return passOn(session);

    m_bench.job().progress.phase("try");
    std::optional<Contender> best;
    std::vector<Opportunity> leftovers;
    for (auto& o : proposals->opportunities) {
      if (auto s = m_bench.job().stop.check(); !s) return passOn(s);
      // Exact proposals come first in the list and are settled before precision is touched.
      const bool lossy = findRule(o.rule)->info().lossy;
      if (best && !best->trial.lossy && lossy) break;
      if (o.predictedGainMs < kSmallestGainWorthTrying * subject.latencyMs) {
        leftovers.push_back(o);
        continue;
      }
      if (!m_tried.insert(keyOf(o)).second) continue;
      if (left() < 0) {
        m_outcome.outOfBudget = true;
        break;
      }
      auto contender = consider(o, subject, *session);
      if (!contender) return passOn(contender);
      if (!*contender) continue;
      if (!best || betterThan(**contender, *best)) std::swap(best, *contender);
      if (*contender) reject(std::move((*contender)->trial), "another form was faster");
      if (!lossy) break;
    }
    if (!best) {
      for (auto& o : leftovers) setAside(std::move(o));
      return false;
    }
    accept(std::move(*best));
    return left() > 0;
  }

  // Proposals that would still win next to nothing when all else is done.
  void setAside(Opportunity o) {
    const auto& info = findRule(o.rule)->info();
    auto reason = fmt::format("predicted gain {} is too small to prove", formatMs(o.predictedGainMs));
    Trial trial{.opportunity = std::move(o), .kind = info.kind, .lossy = info.lossy};
    reject(std::move(trial), std::move(reason));
  }

  struct Contender {
    graph::Model model;
    Trial trial;
  };
  static bool betterThan(const Contender& a, const Contender& b) {
    return a.trial.judgement->ratio > b.trial.judgement->ratio;
  }

  void reject(Trial trial, std::string reason) {
    trial.reason = std::move(reason);
    m_bench.job().progress.note(fmt::format("{}{}{}: {}", trial.opportunity.rule,
                                            trial.opportunity.variant.empty() ? "" : " ", trial.opportunity.variant,
                                            trial.reason));
    m_outcome.trials.push_back(std::move(trial));
  }

  void accept(Contender c) {
    c.trial.accepted = true;
    m_bench.job().progress.note(fmt::format("{}{}{}: {:.2f}x faster, kept", c.trial.opportunity.rule,
                                            c.trial.opportunity.variant.empty() ? "" : " ", c.trial.opportunity.variant,
                                            c.trial.judgement->ratio));
    // Once products are fast, what surrounds them weighs more: exact rewrites get another chance.
    if (c.trial.lossy) std::erase_if(m_tried, [](const auto& key) { return !findRule(key.first)->info().lossy; });
    m_outcome.trials.push_back(std::move(c.trial));
    m_incumbent = c.model.clone();
    m_outcome.steps.push_back({std::move(c.model), m_outcome.trials.size() - 1});
  }

  // Tries one proposal; a contender when it is faster than the incumbent and its outputs are good enough.
  Result<std::optional<Contender>> consider(const Opportunity& o, const Subject& subject, engine::Session& incumbent) {
    const Stopwatch watch;
    const auto& info = findRule(o.rule)->info();
    Trial trial;
    trial.opportunity = o;
    trial.kind = info.kind;
    trial.lossy = info.lossy;
    auto applied = applyToCopy(subject.model, o, subject);
    if (!applied) return refuse(std::move(trial), applied.error(), watch);
    if (applied->places == 0) {
      reject(std::move(trial), "no place was left to rewrite");
      return std::nullopt;
    }
    trial.enablers = applied->enablers;
    auto session = m_bench.build(applied->model);
    if (!session) return refuse(std::move(trial), session.error(), watch);
    auto verification = m_bench.reference().compare(*session, m_bench.job());
    if (!verification) return refuse(std::move(trial), verification.error(), watch);
    trial.verification = *verification;
    if (auto why = unacceptable(*verification, m_bench.constraints(), anyLossy(info.lossy))) {
      trial.seconds = watch.seconds();
      reject(std::move(trial), *why);
      return info.lossy && o.places.size() > 1 ? retryWithFewerPlaces(o, subject, incumbent)
                                               : Result<std::optional<Contender>>(std::nullopt);
    }
    JudgeOptions options;
    options.stopWhenClear = true;
    options.maxSeconds = std::clamp(left() / 4, 1.0, 12.0);
    auto judgement = judge(incumbent, *session, options, m_bench.job());
    if (!judgement) return refuse(std::move(trial), judgement.error(), watch);
    trial.judgement = *judgement;
    trial.seconds = watch.seconds();
    if (judgement->verdict != Verdict::Faster) {
      reject(std::move(trial), fmt::format("measured {}, {:.3f}x to {:.3f}x", nameOf(judgement->verdict),
                                           judgement->ci95.lo, judgement->ci95.hi));
      return std::nullopt;
    }
    return Contender{std::move(applied->model), std::move(trial)};
  }

  // An exact rewrite of an incumbent that is lossy already is compared with the original under the lossy bound.
  bool anyLossy(bool thisOne) const {
    if (thisOne) return true;
    return std::any_of(m_outcome.steps.begin(), m_outcome.steps.end(),
                       [&](const auto& s) { return m_outcome.trials[s.trial].lossy; });
  }

  Result<std::optional<Contender>> retryWithFewerPlaces(const Opportunity& o, const Subject& subject,
                                                        engine::Session& incumbent) {
    auto fewer = withoutSensitivePlaces(subject.model, o, subject, m_bench, std::max(left() / 3, 0.0));
    if (!fewer) return passOn(fewer);
    if (!*fewer || !m_tried.insert(keyOf(**fewer)).second) return std::nullopt;
    return consider(**fewer, subject, incumbent);
  }

  // A candidate that cannot be built or run is a rejected trial, not the end of the search; a stop request is the end.
  Result<std::optional<Contender>> refuse(Trial trial, const Error& error, const Stopwatch& watch) {
    if (error.code == ErrorCode::Interrupted) return tl::unexpected<Error>(error);
    trial.seconds = watch.seconds();
    reject(std::move(trial), error.message);
    return std::nullopt;
  }

  Workbench& m_bench;
  SearchOptions m_options;
  Stopwatch m_watch;
  graph::Model m_incumbent;
  SearchOutcome m_outcome;
  std::set<TrialKey> m_tried;
};

}  // namespace

Result<Proposals> propose(const graph::Model& model, const Subject& subject, bool exactOnly) {
  Proposals all;
  auto copy = model.clone();
  graph::Graph graph(copy);
  for (const auto& rule : allRules()) {
    if (exactOnly && rule->info().lossy) continue;
    if (auto s = subject.job.stop.check(); !s) return passOn(s);
    auto found = rule->find(graph, subject, &all.nearMisses);
    if (!found) {
      if (found.error().code == ErrorCode::Interrupted) return passOn(found);
      // One rule that fails on a strange model must not take the others with it.
      all.nearMisses.push_back({rule->info().name, "", found.error().message});
      continue;
    }
    std::move(found->begin(), found->end(), std::back_inserter(all.opportunities));
  }
  std::stable_sort(all.opportunities.begin(), all.opportunities.end(), [](const auto& a, const auto& b) {
    const bool lossyA = findRule(a.rule)->info().lossy, lossyB = findRule(b.rule)->info().lossy;
    if (lossyA != lossyB) return lossyB;
    return a.predictedGainMs > b.predictedGainMs;
  });
  return all;
}

Result<Applied> applyToCopy(const graph::Model& model, const Opportunity& opportunity, const Subject& subject) {
  Applied applied{model.clone(), 0, {}};
  const Rule* rule = findRule(opportunity.rule);
  if (!rule) return internalError(fmt::format("no rule is called {}", opportunity.rule));
  graph::Graph graph(applied.model);
  for (const auto& name : rule->info().after) {
    const Rule* enabler = findRule(name);
    if (!enabler) return internalError(fmt::format("{} builds on {}, which does not exist", opportunity.rule, name));
    auto places = enabler->find(graph, subject, nullptr);
    if (!places) return passOn(places);
    int changed = 0;
    for (const auto& o : *places) {
      auto n = enabler->apply(graph, o, subject);
      if (!n) return passOn(n);
      changed += *n;
    }
    if (changed > 0) applied.enablers.push_back(name);
  }
  auto n = rule->apply(graph, opportunity, subject);
  if (!n) return passOn(n);
  applied.places = *n;
  graph.removeDead();
  if (!graph.sort()) return internalError(fmt::format("{} made a cycle", opportunity.rule));
  return applied;
}

Result<SearchOutcome> search(Workbench& bench, const SearchOptions& options) { return Searcher(bench, options).run(); }

}  // namespace ridgeline::advisor
