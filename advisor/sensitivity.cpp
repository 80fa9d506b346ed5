#include "advisor/sensitivity.h"

#include "advisor/memory.h"
#include "base/clock.h"

#include <algorithm>
#include <numeric>

namespace ridgeline::advisor {
namespace {

constexpr size_t kMostGroups = 24;    // each costs a build and a run
constexpr double kLeastShare = 0.25;  // of the mean gain

struct Group {
  std::vector<std::string> places;
  double error = 0;   // when only this group is rewritten
  double gainMs = 0;  // what rewriting it wins: as the rule predicts, else the time of its nodes now
};

double gainOf(const Opportunity& whole, size_t place, const Subject& subject) {
  if (place < whole.gainsMs.size()) return whole.gainsMs[place];
  const auto it = subject.times.find(whole.places[place]);
  return it == subject.times.end() ? 0 : it->second;
}

std::vector<Group> groupsOf(const Opportunity& whole, const Subject& subject) {
  const size_t size = (whole.places.size() + kMostGroups - 1) / kMostGroups;
  std::vector<Group> groups;
  for (size_t at = 0; at < whole.places.size(); at += size) {
    Group g;
    for (size_t i = at; i < std::min(at + size, whole.places.size()); ++i) {
      g.places.push_back(whole.places[i]);
      g.gainMs += std::max(0.0, gainOf(whole, i, subject));
    }
    groups.push_back(std::move(g));
  }
  // What wins nothing by itself still spares its neighbours the way out of the integers and back.
  double sum = 0;
  for (const auto& g : groups) sum += g.gainMs;
  for (auto& g : groups) g.gainMs = std::max(g.gainMs, kLeastShare * sum / static_cast<double>(groups.size()));
  return groups;
}

Opportunity restrictedTo(const Opportunity& whole, std::vector<std::string> places) {
  Opportunity o = whole;
  o.gainsMs.clear();
  double share = static_cast<double>(places.size()) / static_cast<double>(whole.places.size());
  if (whole.gainsMs.size() == whole.places.size()) {
    for (const auto& place : places) {
      const auto at = std::ranges::find(whole.places, place) - whole.places.begin();
      o.gainsMs.push_back(whole.gainsMs[static_cast<size_t>(at)]);
    }
    const auto sum = [](const std::vector<double>& v) { return std::accumulate(v.begin(), v.end(), 0.0); };
    if (sum(whole.gainsMs) > 0) share = sum(o.gainsMs) / sum(whole.gainsMs);
  }
  o.predictedGainMs *= share;
  o.untemperedGainMs *= share;
  o.target = fmt::format("{} of {} ({})", places.size(), whole.places.size(), whole.target);
  o.places = std::move(places);
  return o;
}

class Thinner {
 public:
  Thinner(const graph::Model& incumbent, const Opportunity& whole, const Subject& subject, Workbench& bench,
          double maxSeconds)
      : m_incumbent(incumbent), m_whole(whole), m_subject(subject), m_bench(bench), m_maxSeconds(maxSeconds) {}

  Result<std::optional<Opportunity>> run() {
    auto groups = groupsOf(m_whole, m_subject);
    for (auto& g : groups) {
      if (m_watch.seconds() > m_maxSeconds) return std::nullopt;
      auto v = outputsWith(m_incumbent, restrictedTo(m_whole, g.places), m_subject, m_bench);
      if (!v) return passOn(v);
      g.error = *v ? errorOf(**v) : 2;  // what does not even run goes last
    }
    std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
      return a.error * std::max(b.gainMs, 1e-6) < b.error * std::max(a.gainMs, 1e-6);
    });
    return longestGoodPrefix(groups);
  }

 private:
  // The bounds hold with these places rewritten, the user's own metric included.
  Result<bool> isGood(const Opportunity& some) {
    auto outputs = outputsWith(m_incumbent, some, m_subject, m_bench);
    if (!outputs) return passOn(outputs);
    const auto& c = m_bench.constraints();
    if (!*outputs || unacceptable(**outputs, c, true)) return false;
    if (c.metricCommand.empty() || !c.minMetric) return true;
    auto applied = applyToCopy(m_incumbent, some, m_subject);
    if (!applied) return false;
    auto metric = runMetric(c.metricCommand, applied->model);
    return metric && *metric >= *c.minMetric;
  }

  Result<std::optional<Opportunity>> longestGoodPrefix(const std::vector<Group>& groups) {
    size_t longest = 0, bad = groups.size();  // the whole is known to fail
    std::vector<std::string> kept;
    while (bad - longest > 1 && m_watch.seconds() <= m_maxSeconds) {
      const size_t middle = (longest + bad) / 2;
      std::vector<std::string> places;
      for (size_t i = 0; i < middle; ++i) places.insert(places.end(), groups[i].places.begin(), groups[i].places.end());
      auto good = isGood(restrictedTo(m_whole, places));
      if (!good) return passOn(good);
      if (*good) {
        longest = middle;
        kept = std::move(places);
      } else {
        bad = middle;
      }
    }
    if (kept.empty()) return std::nullopt;
    return restrictedTo(m_whole, std::move(kept));
  }

  const graph::Model& m_incumbent;
  const Opportunity& m_whole;
  const Subject& m_subject;
  Workbench& m_bench;
  double m_maxSeconds;
  Stopwatch m_watch;
};

}  // namespace

double errorOf(const Verification& v) {
  double worst = 0;
  for (const auto& o : v.outputs) {
    if (!o.finite || !o.shapesAgree) return 2;
    if (o.floating) worst = std::max(worst, 1 - o.cosine);
  }
  if (const auto* first = v.primary()) worst = std::max(worst, 1 - first->top1Agreement);
  return worst;
}

Result<std::optional<Verification>> outputsWith(const graph::Model& incumbent, const Opportunity& opportunity,
                                                const Subject& subject, Workbench& bench) {
  if (auto s = bench.job().stop.check(); !s) return passOn(s);
  auto applied = applyToCopy(incumbent, opportunity, subject);
  if (!applied || applied->places == 0) return std::nullopt;
  auto session = bench.build(applied->model);
  if (!session) return std::nullopt;
  auto v = bench.reference().compare(*session, bench.job());
  if (!v) return std::nullopt;
  return std::optional(std::move(*v));
}

Result<std::optional<Opportunity>> withoutSensitivePlaces(const graph::Model& incumbent, const Opportunity& whole,
                                                          const Subject& subject, Workbench& bench, double maxSeconds) {
  return Thinner(incumbent, whole, subject, bench, maxSeconds).run();
}

}  // namespace ridgeline::advisor
