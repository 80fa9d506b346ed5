#include "cli/text/optimize_text.h"

#include "base/units.h"
#include "cli/text/table.h"

#include <algorithm>
#include <map>

namespace ridgeline::cli {
namespace {

std::string ruleOf(const advisor::Trial& t) {
  return t.opportunity.variant.empty() ? t.opportunity.rule : t.opportunity.rule + " " + t.opportunity.variant;
}

std::string ratioOf(const advisor::Trial& t) { return t.judgement ? fmt::format("{:.2f}x", t.judgement->ratio) : "-"; }

std::string intervalOf(const advisor::Trial& t) {
  return t.judgement ? fmt::format("{:.2f} to {:.2f}", t.judgement->ci95.lo, t.judgement->ci95.hi) : "-";
}

Table acceptedTable(const advisor::OptimizeResult& r, bool lossy) {
  Table table({{"rewrite", Align::Left, 30},
               {"where", Align::Left, 28},
               {"predicted", Align::Right},
               {"measured", Align::Right},
               {"95 % interval", Align::Right}});
  for (const auto& t : r.trials) {
    if (!t.accepted || t.lossy != lossy) continue;
    table.add({ruleOf(t), t.opportunity.target, formatMs(t.opportunity.predictedGainMs),
               t.judgement ? formatMs(t.judgement->gainMs()) : "-", intervalOf(t)});
  }
  return table;
}

Table rejectedTable(const advisor::OptimizeResult& r) {
  Table table({{"rewrite", Align::Left, 28},
               {"where", Align::Left, 22},
               {"ratio", Align::Right},
               {"why not", Align::Left, 40}});
  for (const auto& t : r.trials) {
    if (!t.accepted) table.add({ruleOf(t), t.opportunity.target, ratioOf(t), t.reason});
  }
  return table;
}

std::string changeOf(const advisor::BeforeAfter& v, bool changed) {
  if (!v.before || !v.after) return "not measured";
  return changed ? fmt::format("{} before, {} after", formatBytes(*v.before), formatBytes(*v.after))
                 : formatBytes(*v.before);
}

// The proof, as pairs of a label and what it says.
std::vector<std::pair<std::string, std::string>> facts(const advisor::OptimizeResult& r) {
  std::vector<std::pair<std::string, std::string>> f;
  if (r.changed) {
    f.emplace_back("latency", fmt::format("{} before, {} after", formatMs(r.judgement.baselineMs),
                                          formatMs(r.judgement.candidateMs)));
    f.emplace_back("speed-up",
                   fmt::format("{:.2f}x, 95 % interval {:.2f} to {:.2f}, {} interleaved rounds", r.judgement.ratio,
                               r.judgement.ci95.lo, r.judgement.ci95.hi, r.judgement.rounds()));
  } else {
    f.emplace_back("latency", formatMs(r.judgement.baselineMs));
  }
  if (const auto* first = r.verification.primary(); first && r.changed) {
    f.emplace_back("output error",
                   fmt::format("cosine {:.5f}, largest difference {:.2g}, top-1 agreement {:.1f} % ({}, {} {} samples)",
                               first->cosine, first->maxAbs, first->top1Agreement * 100, first->name,
                               r.verification.samples, r.syntheticInputs ? "synthetic" : "given"));
  }
  f.emplace_back("peak memory", changeOf(r.peakMemoryBytes, r.changed));
  f.emplace_back("model size", changeOf(r.modelBytes, r.changed));
  if (r.metric) f.emplace_back("metric", formatSignificant(*r.metric, 5));
  f.emplace_back("search", fmt::format("{} in {:.0f} s{}",
                                       r.trials.size() == 1 ? "1 trial" : fmt::format("{} trials", r.trials.size()),
                                       r.searchSeconds, r.outOfBudget ? ", cut off by the budget" : ""));
  return f;
}

std::string headline(const advisor::OptimizeRequest& request, const advisor::OptimizeResult& r) {
  const auto model = request.model.filename().string();
  if (r.changed) return fmt::format("{} is {:.2f} times faster", model, r.judgement.ratio);
  return fmt::format("{} stays as it is: nothing tried was surely faster and right", model);
}

std::vector<std::string> remarks(const advisor::OptimizeResult& r) {
  std::vector<std::string> lines;
  const bool lossy = std::any_of(r.trials.begin(), r.trials.end(), [](const auto& t) { return t.accepted && t.lossy; });
  if (r.syntheticInputs && lossy) {
    lines.push_back(
        "Inputs were made up from shapes, so the output error says little about your data: give --inputs DIR "
        "(and --calibration DIR) with real samples before you rely on it.");
  }
  lines.insert(lines.end(), r.notes.begin(), r.notes.end());
  for (const auto& u : r.unmet) lines.push_back("Constraint not met: " + u);
  return lines;
}

}  // namespace

std::string optimizeText(const advisor::OptimizeRequest& request, const advisor::OptimizeResult& r) {
  std::string out = headline(request, r) + "\n";
  out += fmt::format("{}, {} {}, {}\n\n", r.device, r.threads, r.threads == 1 ? "thread" : "threads", r.engine);
  for (const auto& [label, text] : facts(r)) out += fmt::format("  {:<14}{}\n", label, wrap(text, 82, 16));
  const auto section = [&](const std::string& title, const Table& table) {
    if (!table.empty()) out += "\n" + title + "\n" + table.text();
  };
  section("Applied, exact (same numbers up to rounding)", acceptedTable(r, false));
  section("Applied, lossy (precision changes)", acceptedTable(r, true));
  section("Rejected", rejectedTable(r));
  const auto lines = remarks(r);
  if (!lines.empty()) out += "\n";
  for (const auto& line : lines) out += wrap(line, 98, 2) + "\n";
  out += fmt::format("\nWritten: {}\n", request.output.string());
  return out;
}

std::string optimizeMarkdown(const advisor::OptimizeRequest& request, const advisor::OptimizeResult& r) {
  std::string out = fmt::format("## {}\n\n{}, {} threads, {}\n\n| | |\n| --- | --- |\n", headline(request, r), r.device,
                                r.threads, r.engine);
  for (const auto& [label, text] : facts(r)) out += fmt::format("| {} | {} |\n", label, text);
  const auto section = [&](const std::string& title, const Table& table) {
    if (!table.empty()) out += "\n### " + title + "\n\n" + table.markdown();
  };
  section("Applied, exact", acceptedTable(r, false));
  section("Applied, lossy", acceptedTable(r, true));
  section("Rejected", rejectedTable(r));
  for (const auto& line : remarks(r)) out += "\n> " + line + "\n";
  return out;
}

}  // namespace ridgeline::cli
