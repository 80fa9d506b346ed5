#include "advisor/sensitivity.h"

#include <algorithm>

namespace ridgeline::advisor {
namespace {

constexpr size_t kMostGroups = 24;  // each costs a build and a run

struct Group {
  std::vector<std::string> places;
  double error = 0;   // 1 - smallest cosine when only this group is rewritten
  double timeMs = 0;  // of its nodes now: a stand-in for what rewriting them wins
};

std::vector<Group> groupsOf(const Opportunity& whole, const Subject& subject) {
  const size_t size = (whole.places.size() + kMostGroups - 1) / kMostGroups;
  std::vector<Group> groups;
  for (size_t at = 0; at < whole.places.size(); at += size) {
    Group g;
    for (size_t i = at; i < std::min(at + size, whole.places.size()); ++i) {
      g.places.push_back(whole.places[i]);
      const auto it = subject.times.find(whole.places[i]);
      g.timeMs += it == subject.times.end() ? 0 : it->second;
    }
    groups.push_back(std::move(g));
  }
  return groups;
}

Opportunity restrictedTo(const Opportunity& whole, std::vector<std::string> places) {
  Opportunity o = whole;
  const double share = static_cast<double>(places.size()) / static_cast<double>(whole.places.size());
  o.predictedGainMs *= share;
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
      auto v = verify(g.places);
      if (!v) return passOn(v);
      g.error = *v ? errorOf(**v) : 2;  // what does not even run goes last
    }
    std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
      return a.error * std::max(b.timeMs, 1e-6) < b.error * std::max(a.timeMs, 1e-6);
    });
    return longestGoodPrefix(groups);
  }

 private:
  static double errorOf(const Verification& v) {
    double worst = 0;
    for (const auto& o : v.outputs) {
      if (!o.finite || !o.shapesAgree) return 2;
      if (o.floating) worst = std::max(worst, 1 - o.cosine);
    }
    if (const auto* first = v.primary()) worst = std::max(worst, 1 - first->top1Agreement);
    return worst;
  }

  // The outputs with only these places rewritten; nullopt when that does not build or run.
  Result<std::optional<Verification>> verify(const std::vector<std::string>& places) {
    if (auto s = m_bench.job().stop.check(); !s) return passOn(s);
    auto applied = applyToCopy(m_incumbent, restrictedTo(m_whole, places), m_subject);
    if (!applied || applied->places == 0) return std::nullopt;
    auto session = m_bench.build(applied->model);
    if (!session) return std::nullopt;
    auto v = m_bench.reference().compare(*session, m_bench.job());
    if (!v) return std::nullopt;
    return *v;
  }

  Result<std::optional<Opportunity>> longestGoodPrefix(const std::vector<Group>& groups) {
    size_t good = 0, bad = groups.size();  // the whole is known to fail
    std::vector<std::string> kept;
    while (bad - good > 1 && m_watch.seconds() <= m_maxSeconds) {
      const size_t middle = (good + bad) / 2;
      std::vector<std::string> places;
      for (size_t i = 0; i < middle; ++i) places.insert(places.end(), groups[i].places.begin(), groups[i].places.end());
      auto v = verify(places);
      if (!v) return passOn(v);
      if (*v && !unacceptable(**v, m_bench.constraints(), true)) {
        good = middle;
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

Result<std::optional<Opportunity>> withoutSensitivePlaces(const graph::Model& incumbent, const Opportunity& whole,
                                                          const Subject& subject, Workbench& bench, double maxSeconds) {
  return Thinner(incumbent, whole, subject, bench, maxSeconds).run();
}

}  // namespace ridgeline::advisor
