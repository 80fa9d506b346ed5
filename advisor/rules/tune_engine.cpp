#include "advisor/rules/tune_engine.h"

#include "advisor/rules/longest_path.h"
#include "advisor/short_look.h"
#include "base/clock.h"
#include "base/units.h"

#include <algorithm>

namespace ridgeline::advisor {
namespace {

using engine::Settings;
using graph::Graph;

// A look that says less than this is no reason to try.
constexpr double kWorthTrying = 1.01;
// Operators side by side need operators that do not wait for each other: the share of the time that the longest chain
// of them may take.
constexpr double kChainMayTake = 0.9;

struct Variant {
  std::string name;
  Settings settings;
};

std::vector<Variant> variantsOf(const Settings& now, int threads, double chainShare) {
  std::vector<Variant> variants;
  const auto add = [&](std::string name, auto set) {
    Settings changed = now;
    set(changed);
    variants.push_back({std::move(name), changed});
  };
  for (int t = 1; t < threads; t *= 2) {
    add(fmt::format("{}-{}", t, t == 1 ? "thread" : "threads"), [t](Settings& s) { s.threads = t; });
  }
  if (threads > 1 && !now.spinning) add("no-spinning", [](Settings& s) { s.spinning = false; });
  if (threads > 1 && !now.parallel && chainShare < kChainMayTake) {
    add("side-by-side", [](Settings& s) { s.parallel = true; });
  }
  if (!now.memoryPattern) add("no-memory-pattern", [](Settings& s) { s.memoryPattern = false; });
  if (!now.arena) add("no-arena", [](Settings& s) { s.arena = false; });
  if (!now.prepacking) add("no-prepacking", [](Settings& s) { s.prepacking = false; });
  return variants;
}

class TuneEngineRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{"tune-engine", RuleKind::Engine, false, "run the same model with other settings", {}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    std::vector<Opportunity> found;
    const Settings now = engine::settingsIn(subject.model);
    const int threads = now.threads.value_or(subject.threads);
    if (subject.goal == Goal::Memory) return forMemory(variantsOf(now, threads, 1));
    if (subject.goal == Goal::Size || !subject.sample || subject.lookSeconds <= 0) return found;
    const Stopwatch watch;
    auto incumbent = openToLook(subject.model, now, Pace::Own, subject);
    if (!incumbent) return passOn(incumbent);
    for (const auto& variant : variantsOf(now, threads, shareOfLongestPath(graph, subject.times))) {
      if (watch.seconds() > subject.lookSeconds) break;
      auto candidate = openToLook(subject.model, variant.settings, Pace::Own, subject);
      if (!candidate) continue;
      auto look = shortLook(*incumbent, *candidate, Pace::Own, subject.job);
      if (!look) return passOn(look);
      auto line = fmt::format("a short look: {} with {}, {} with {}", formatMs(look->candidateMs),
                              engine::describe(variant.settings), formatMs(look->baselineMs),
                              now.empty() ? "the engine's defaults" : engine::describe(now));
      if (look->ratio >= kWorthTrying) {
        found.push_back(describe(variant, *look, std::move(line)));
      } else if (nearMisses) {
        nearMisses->push_back({info().name, "", variant.name + ": " + line});
      }
    }
    return found;
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject& subject) const override {
    const Settings now = engine::settingsIn(graph.model());
    const int threads = now.threads.value_or(subject.threads);
    for (const auto& variant : variantsOf(now, threads, 0)) {
      if (variant.name != opportunity.variant) continue;
      engine::keepSettings(graph.model(), variant.settings);
      return 1;
    }
    return 0;
  }

 private:
  // What memory they save is measured when they are tried.
  std::vector<Opportunity> forMemory(const std::vector<Variant>& variants) const {
    std::vector<Opportunity> found;
    for (const auto& variant : variants) {
      if (variant.name != "no-spinning") found.push_back(named(variant));
    }
    return found;
  }

  Opportunity describe(const Variant& variant, const Judgement& look, std::string evidence) const {
    Opportunity o = named(variant);
    o.evidence = {std::move(evidence)};
    o.predictedGainMs = look.pairedGainMs();
    o.looked = true;
    return o;
  }

  Opportunity named(const Variant& variant) const {
    Opportunity o;
    o.rule = info().name;
    o.variant = variant.name;
    o.target = "the whole model";
    o.places = {variant.name};
    o.risk = "holds for the engine's settings, which the program that runs the model has to load";
    return o;
  }
};

}  // namespace

std::unique_ptr<Rule> makeTuneEngineRule() { return std::make_unique<TuneEngineRule>(); }

}  // namespace ridgeline::advisor
