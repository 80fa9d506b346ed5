#include "advisor/propose.h"

#include <algorithm>

namespace ridgeline::advisor {

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

}  // namespace ridgeline::advisor
