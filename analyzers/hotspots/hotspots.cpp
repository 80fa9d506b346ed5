#include "analyzers/hotspots/hotspots.h"

#include "base/counted.h"
#include "base/units.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

namespace ridgeline::analyzers {
namespace {

using namespace profile;

constexpr size_t kMostHotSpots = 10;
constexpr size_t kMostTypes = 3;
constexpr double kWorthNaming = 0.005;  // of the time of all operators
constexpr double kNotice = 0.03;
constexpr double kWarning = 0.10;

// One operator of the main graph with its classification.
struct Entry {
  const Operator* op = nullptr;
  const Classification* c = nullptr;
  double ms() const { return op->timeNs * 1e-6; }
  double headroomMs() const { return c->headroomNs.value_or(0) * 1e-6; }
};

struct Scene {
  std::vector<Entry> entries;  // most headroom first
  double totalMs = 0;
  double headroomMs = 0;
};

Scene sceneOf(const std::vector<Operator>& operators, const std::vector<Classification>& classifications) {
  std::unordered_map<OperatorId, const Classification*> byOperator;
  for (const auto& c : classifications) byOperator[c.op] = &c;
  Scene scene;
  for (const auto& op : operators) {
    const auto it = byOperator.find(op.id);
    if (op.depth != 0 || it == byOperator.end()) continue;
    scene.entries.push_back({&op, it->second});
    scene.totalMs += scene.entries.back().ms();
    scene.headroomMs += scene.entries.back().headroomMs();
  }
  std::stable_sort(scene.entries.begin(), scene.entries.end(),
                   [](const Entry& a, const Entry& b) { return a.headroomMs() > b.headroomMs(); });
  return scene;
}

Severity severityOf(double share) {
  return share >= kWarning ? Severity::Warning : share >= kNotice ? Severity::Notice : Severity::Info;
}

// "compute-bound", "memory-bound at DRAM", "dispatch-bound", "balanced between compute and L3"
std::string howBound(const Classification& c) {
  switch (c.bound) {
    case Bound::Memory:
      return "memory-bound at " + c.level;
    case Bound::Overhead:
      return "dispatch-bound";
    case Bound::Balanced:
      return "balanced between compute and " + c.level;
    default:
      return fmt::format("{}-bound", nameOf(c.bound));
  }
}

std::vector<std::string> evidenceOf(const Entry& e) {
  std::vector<std::string> evidence;
  if (!e.op->inputShapes.empty()) evidence.push_back(fmt::format("{} of {}", e.op->opType, e.op->inputShapes));
  if (e.c->achievedOpsPerS && *e.c->achievedOpsPerS > 0) {
    evidence.push_back(fmt::format(
        "does {} in {}", formatRate(*e.c->achievedOpsPerS, e.op->work->intOps > e.op->work->flops ? "OP" : "FLOP"),
        e.op->work->computeType));
  }
  if (e.c->achievedBytesPerS && *e.c->achievedBytesPerS > 0) {
    evidence.push_back("moves " + formatRate(*e.c->achievedBytesPerS, "B"));
  }
  if (e.c->roofTimeNs) evidence.push_back("its roof is " + formatMs(*e.c->roofTimeNs * 1e-6));
  return evidence;
}

void addHotSpots(const Scene& scene, std::vector<Finding>& findings) {
  for (size_t i = 0; i < std::min(kMostHotSpots, scene.entries.size()); ++i) {
    const Entry& e = scene.entries[i];
    const double share = e.headroomMs() / scene.totalMs;
    if (share < kWorthNaming) return;
    findings.push_back({{},
                        "hotspots",
                        severityOf(share),
                        fmt::format("{}: {}, {}, {} above its roof", e.op->name, formatMs(e.ms()), howBound(*e.c),
                                    formatMs(e.headroomMs())),
                        e.op->name,
                        evidenceOf(e),
                        e.headroomMs()});
  }
}

void addTypes(const Scene& scene, std::vector<Finding>& findings) {
  struct Sum {
    size_t count = 0;
    double ms = 0, headroomMs = 0;
  };
  std::map<std::string, Sum> sums;
  for (const auto& e : scene.entries) {
    auto& sum = sums[e.op->opType];
    ++sum.count, sum.ms += e.ms(), sum.headroomMs += e.headroomMs();
  }
  std::vector<std::pair<std::string, Sum>> ranked(sums.begin(), sums.end());
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.second.headroomMs > b.second.headroomMs; });
  for (size_t i = 0; i < std::min(kMostTypes, ranked.size()); ++i) {
    const auto& [type, sum] = ranked[i];
    const double share = sum.headroomMs / scene.totalMs;
    if (share < kNotice) return;
    findings.push_back({{},
                        "hotspots",
                        severityOf(share),
                        fmt::format("{} ({}): {}, {} of the time, {} above roofs", type, counted(sum.count, "operator"),
                                    formatMs(sum.ms), formatPercent(sum.ms / scene.totalMs), formatMs(sum.headroomMs)),
                        "",
                        {},
                        sum.headroomMs});
  }
}

// The fewest operators that hold four fifths of the headroom.
void addConcentration(const Scene& scene, std::vector<Finding>& findings) {
  if (scene.entries.size() < 5 || scene.headroomMs < kNotice * scene.totalMs) return;
  double sum = 0;
  size_t count = 0;
  while (count < scene.entries.size() && sum < 0.8 * scene.headroomMs) sum += scene.entries[count++].headroomMs();
  findings.push_back({{},
                      "hotspots",
                      Severity::Info,
                      fmt::format("{} of {} operators hold{} {} of the headroom, {} of {}", count, scene.entries.size(),
                                  count == 1 ? "s" : "", formatPercent(sum / scene.headroomMs), formatMs(sum),
                                  formatMs(scene.headroomMs)),
                      "",
                      {},
                      sum / scene.headroomMs});
}

// Time of the operators that a predicate picks, as a finding when it is worth a notice.
template <class Pick, class Say>
void addShare(const Scene& scene, Pick pick, Say say, std::string evidence, std::vector<Finding>& findings,
              Severity most = Severity::Warning) {
  double ms = 0;
  size_t count = 0;
  std::map<std::string, double> byType;
  for (const auto& e : scene.entries) {
    if (!pick(e)) continue;
    ++count, ms += e.ms(), byType[e.op->opType] += e.ms();
  }
  const double share = ms / scene.totalMs;
  if (share < kNotice) return;
  std::vector<std::string> facts;
  if (!evidence.empty()) facts.push_back(std::move(evidence));
  for (const auto& [type, time] : byType) facts.push_back(fmt::format("{}: {}", type, formatMs(time)));
  findings.push_back(
      {{},
       "hotspots",
       std::min(most, share >= kWarning ? Severity::Warning : Severity::Notice),
       say(counted(count, "operator"), fmt::format("{}, {} of the time", formatMs(ms), formatPercent(share))),
       "",
       std::move(facts),
       share});
}

// Operators that only put data into another order or format.
bool movesData(const Entry& e) {
  constexpr std::array<std::string_view, 4> kTypes{"Transpose", "ReorderInput", "ReorderOutput", "Cast"};
  return std::find(kTypes.begin(), kTypes.end(), e.op->opType) != kTypes.end();
}

bool isUnknown(const Entry& e) { return e.c->bound == Bound::Unknown; }

// Other tools rarely record what operators work on.
bool imported(const Scene& scene) {
  return std::any_of(scene.entries.begin(), scene.entries.end(),
                     [](const Entry& e) { return e.op->provenanceTime == Provenance::Imported; });
}

void addShares(const Scene& scene, std::vector<Finding>& findings) {
  addShare(
      scene, movesData,
      [](const auto& n, const auto& time) { return fmt::format("reordering or converting data: {}, {}", n, time); }, "",
      findings);
  addShare(
      scene, [](const Entry& e) { return e.c->bound == Bound::Overhead; },
      [](const auto& n, const auto& time) { return fmt::format("bound by dispatch: {}, {}", n, time); },
      "fewer, larger operators would save it", findings);
  // Where nothing is known of any operator there is nothing to say.
  if (imported(scene) && std::all_of(scene.entries.begin(), scene.entries.end(), isUnknown)) return;
  addShare(
      scene, isUnknown,
      [](const auto& n, const auto& time) { return fmt::format("of unknown bound: {}, {}", n, time); },
      "their work or their roof is not known", findings, imported(scene) ? Severity::Info : Severity::Warning);
}

}  // namespace

Status analyzeHotspots(Profile& profile) {
  auto operators = profile.all<Operator>();
  if (!operators) return passOn(operators);
  auto classifications = profile.all<Classification>();
  if (!classifications) return passOn(classifications);
  const auto scene = sceneOf(*operators, *classifications);
  std::vector<Finding> findings;
  if (scene.totalMs > 0) {
    addHotSpots(scene, findings);
    addTypes(scene, findings);
    addConcentration(scene, findings);
    addShares(scene, findings);
  }
  if (auto s = profile.clearFindings("hotspots"); !s) return s;
  return profile.addAll(findings);
}

}  // namespace ridgeline::analyzers
