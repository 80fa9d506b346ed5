#include "advisor/propose.h"

#include "advisor/experience.h"
#include "base/units.h"

#include <algorithm>
#include <cmath>

namespace ridgeline::advisor {

namespace {

// Below this, experience is not worth a line of evidence.
constexpr double kWorthTelling = 0.1;

void temper(Opportunity& o, const Subject& subject) {
  o.untemperedGainMs = o.predictedGainMs;
  if (!subject.experience || o.looked || o.predictedGainMs <= 0) return;
  const auto lesson = subject.experience->lesson(o.rule, o.variant, o.untemperedGainMs);
  o.predictedGainMs *= lesson.factor;
  if (std::abs(lesson.factor - 1) < kWorthTelling) return;
  o.evidence.push_back(fmt::format("the rule says {}; {} earlier {} of it on this machine {} that by {:.2f}",
                                   formatMs(o.untemperedGainMs), lesson.trials, lesson.trials == 1 ? "trial" : "trials",
                                   lesson.trials == 1 ? "multiplies" : "multiply", lesson.factor));
}

}  // namespace

Result<Proposals> propose(const graph::Model& model, const Subject& subject, bool exactOnly, Ask ask) {
  Proposals all;
  struct Ranked {
    Opportunity opportunity;
    bool lossy;
    int word;  // of the device's makers
  };
  std::vector<Ranked> ranked;
  auto copy = model.clone();
  graph::Graph graph(copy);
  for (const auto& rule : allRules()) {
    if (exactOnly && rule->info().lossy) continue;
    const bool settings = rule->info().kind == RuleKind::Engine;
    if (ask != Ask::Everything && settings != (ask == Ask::Settings)) continue;
    if (auto s = subject.job.stop.check(); !s) return passOn(s);
    auto found = rule->find(graph, subject, &all.nearMisses);
    if (!found) {
      if (found.error().code == ErrorCode::Interrupted) return passOn(found);
      // One rule that fails on a strange model must not take the others with it.
      all.nearMisses.push_back({rule->info().name, "", found.error().message});
      continue;
    }
    for (auto& o : *found) {
      temper(o, subject);
      const int word = heedAdvice(subject.deviceAdvice, o);
      ranked.push_back({std::move(o), rule->info().lossy, word});
    }
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
    if (a.lossy != b.lossy) return b.lossy;
    if ((a.word < 0) != (b.word < 0)) return b.word < 0;
    const double gainA = a.opportunity.predictedGainMs, gainB = b.opportunity.predictedGainMs;
    return gainA != gainB ? gainA > gainB : a.word > b.word;
  });
  for (auto& r : ranked) all.opportunities.push_back(std::move(r.opportunity));
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

}  // namespace ridgeline::advisor
