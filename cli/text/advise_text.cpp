#include "cli/text/advise_text.h"

#include "base/units.h"
#include "cli/text/reasons.h"
#include "cli/text/table.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace ridgeline::cli {
namespace {

std::vector<const advisor::Opportunity*> byGain(const advisor::AdviseResult& r) {
  std::vector<const advisor::Opportunity*> sorted;
  for (const auto& o : r.proposals.opportunities) sorted.push_back(&o);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto* a, const auto* b) { return a->predictedGainMs > b->predictedGainMs; });
  return sorted;
}

std::string headline(const advisor::AdviseResult& r) {
  const auto n = r.proposals.opportunities.size();
  return fmt::format(
      "{} ({}): {}", r.model, formatMs(r.latencyMs),
      n == 0 ? "no rule has anything to propose" : fmt::format("{} {}", n, n == 1 ? "proposal" : "proposals"));
}

std::string gainOf(const advisor::AdviseResult& r, const advisor::Opportunity& o) {
  return fmt::format("{} of {} predicted", formatMs(o.predictedGainMs), formatMs(r.latencyMs));
}

}  // namespace

std::string adviseText(const advisor::AdviseResult& r, int top) {
  std::string out = headline(r) + "\n";
  int left = top;
  for (const auto* o : byGain(r)) {
    if (left-- <= 0) break;
    const bool lossy = advisor::findRule(o->rule)->info().lossy;
    out += fmt::format("\n{}  {}  ({})\n", nameOf(*o), gainOf(r, *o), lossy ? "lossy" : "exact");
    out += fmt::format("  {}: {}\n", wrap(advisor::findRule(o->rule)->info().summary, 96, 4), o->target);
    for (const auto& line : reasons(*o)) out += fmt::format("  - {}\n", wrap(line, 94, 4));
  }
  if (!r.proposals.nearMisses.empty()) out += "\nAlmost matched\n";
  left = top;
  for (const auto& m : r.proposals.nearMisses) {
    if (left-- <= 0) break;
    out += fmt::format("  - {}\n",
                       wrap(fmt::format("{}{}: {}", m.rule, m.place.empty() ? "" : " at " + m.place, m.why), 94, 4));
  }
  if (!r.proposals.opportunities.empty())
    out += "\nThese are predictions; `ridgeline optimize` tries them and keeps what it can prove.\n";
  for (const auto& n : r.notes) out += wrap(n, 98, 2) + "\n";
  return out;
}

std::string adviseMarkdown(const advisor::AdviseResult& r, int top) {
  std::string out = "## " + headline(r) + "\n\n";
  Table table({{"rewrite"}, {"where"}, {"predicted gain", Align::Right}, {"numbers"}, {"evidence"}});
  for (const auto* o : byGain(r)) {
    if (top-- <= 0) break;
    table.add({nameOf(*o), o->target, formatMs(o->predictedGainMs),
               advisor::findRule(o->rule)->info().lossy ? "lossy" : "exact",
               o->evidence.empty() ? "" : o->evidence.front()});
  }
  return out + table.markdown();
}

std::string adviseJson(const advisor::AdviseResult& r) {
  using Json = nlohmann::ordered_json;
  Json j;
  j["schema_version"] = 1;
  j["model"] = r.model;
  j["latency_ms"] = r.latencyMs;
  j["advice"] = Json::array();
  for (const auto* o : byGain(r)) {
    const auto& info = advisor::findRule(o->rule)->info();
    j["advice"].push_back({{"rule", o->rule},
                           {"variant", o->variant},
                           {"kind", std::string(advisor::nameOf(info.kind))},
                           {"lossy", info.lossy},
                           {"target", o->target},
                           {"places", o->places},
                           {"evidence", o->evidence},
                           {"predicted_gain_ms", o->predictedGainMs},
                           {"risk", o->risk}});
  }
  j["near_misses"] = Json::array();
  for (const auto& m : r.proposals.nearMisses) {
    j["near_misses"].push_back({{"rule", m.rule}, {"place", m.place}, {"why", m.why}});
  }
  j["notes"] = r.notes;
  return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ridgeline::cli
