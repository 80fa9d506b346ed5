#include "cli/text/optimize_text.h"

#include "base/units.h"
#include "cli/text/reasons.h"
#include "cli/text/table.h"

#include <algorithm>
#include <functional>
#include <map>

namespace ridgeline::cli {
namespace {

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
    table.add({nameOf(t.opportunity), t.opportunity.target, formatMs(t.opportunity.predictedGainMs),
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
    if (!t.accepted) table.add({nameOf(t.opportunity), t.opportunity.target, ratioOf(t), t.reason});
  }
  return table;
}

// The accepted ones, those that won most first.
std::vector<const advisor::Trial*> byGain(const advisor::OptimizeResult& r) {
  std::vector<const advisor::Trial*> accepted;
  for (const auto& t : r.trials) {
    if (t.accepted) accepted.push_back(&t);
  }
  const auto gain = [](const advisor::Trial* t) { return t->judgement ? t->judgement->gainMs() : 0.0; };
  std::ranges::stable_sort(accepted, std::greater(), gain);
  return accepted;
}

std::string whyText(const advisor::OptimizeResult& r) {
  constexpr size_t kMostLines = 2;
  std::string out;
  for (const auto* t : byGain(r)) {
    const auto lines = reasons(t->opportunity, kMostLines);
    if (lines.empty()) continue;
    out += fmt::format("  {}\n", nameOf(t->opportunity));
    if (!t->enablers.empty())
      out += fmt::format("    - {}\n", wrap(fmt::format("builds on {}", fmt::join(t->enablers, ", ")), 92, 6));
    for (const auto& line : lines) out += fmt::format("    - {}\n", wrap(line, 92, 6));
  }
  return out.empty() ? out : "\nWhy, in order of gain\n" + out;
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
    f.emplace_back("speed-up", fmt::format("{:.2f}x, 95 % interval {:.2f} to {:.2f}, {} interleaved rounds{}",
                                           r.judgement.ratio, r.judgement.ci95.lo, r.judgement.ci95.hi,
                                           r.judgement.rounds(), r.spinning ? " where idle threads sleep" : ""));
    const auto& other = r.spinning ? r.spinning : r.asleep;
    if (other) {
      f.emplace_back("", fmt::format("{:.2f}x, {:.2f} to {:.2f}, {}", other->ratio, other->ci95.lo, other->ci95.hi,
                                     r.spinning ? "where they spin" : "where idle threads sleep and caches are cold"));
    }
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
  f.emplace_back("tensors", changeOf(r.tensorBytes, r.changed) + ", by their shapes");
  f.emplace_back("model size", changeOf(r.modelBytes, r.changed));
  if (r.metric) f.emplace_back("metric", formatSignificant(*r.metric, 5));
  f.emplace_back("search", fmt::format("{} in {:.0f} s{}",
                                       r.trials.size() == 1 ? "1 trial" : fmt::format("{} trials", r.trials.size()),
                                       r.searchSeconds, r.outOfBudget ? ", cut off by the budget" : ""));
  return f;
}

std::string lessOf(advisor::Goal goal, const advisor::OptimizeResult& r) {
  const bool size = goal == advisor::Goal::Size;
  const auto& bytes = size ? r.modelBytes : r.peakMemoryBytes;
  const double times = bytes.before && bytes.after ? *bytes.before / *bytes.after : 1;
  return fmt::format(
      " {} and {:.2f} times faster",
      size ? fmt::format("is {:.2f} times smaller", times) : fmt::format("takes {:.2f} times less memory", times),
      r.judgement.ratio);
}

std::string headline(const advisor::OptimizeRequest& request, const advisor::OptimizeResult& r) {
  const auto model = request.model.filename().string();
  if (r.changed && request.goal != advisor::Goal::Latency) return model + lessOf(request.goal, r);
  if (r.spinning) {
    return fmt::format("{} is {:.2f} times faster where idle threads sleep, about as fast where they spin", model,
                       r.judgement.ratio);
  }
  if (r.changed) return fmt::format("{} is {:.2f} times faster", model, r.judgement.ratio);
  if (request.goal != advisor::Goal::Latency) {
    return fmt::format("{} stays as it is: nothing tried took less and was right and not slower", model);
  }
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
  if (!r.specialization.empty()) lines.push_back("The result is a specialization, " + r.specialization + ".");
  if (!r.ioLayout.empty()) {
    lines.push_back("The axes of its data come in another order than the original's: " + r.ioLayout.describe() + ".");
  }
  for (const auto& u : r.unmet)
    lines.push_back("Constraint not met: " + u + ". The output is the nearest that was found.");
  for (const auto& o : r.obstacles) lines.push_back("In the way: " + o);
  return lines;
}

}  // namespace

std::string optimizeText(const advisor::OptimizeRequest& request, const advisor::OptimizeResult& r) {
  std::string out = wrap(headline(request, r), 100, 2) + "\n";
  out += fmt::format("{}, {} {}, {}\n\n", r.device, r.threads, r.threads == 1 ? "thread" : "threads", r.engine);
  for (const auto& [label, text] : facts(r)) out += fmt::format("  {:<14}{}\n", label, wrap(text, 82, 16));
  const auto section = [&](const std::string& title, const Table& table) {
    if (!table.empty()) out += "\n" + title + "\n" + table.text();
  };
  section("Applied, exact (same numbers up to rounding)", acceptedTable(r, false));
  section("Applied, lossy (precision changes)", acceptedTable(r, true));
  out += whyText(r);
  section("Rejected", rejectedTable(r));
  const auto lines = remarks(r);
  if (!lines.empty()) out += "\n";
  for (const auto& line : lines) out += wrap(line, 98, 2) + "\n";
  out += fmt::format("\nWritten: {}\n", request.output.string());
  if (!r.settingsFile.empty()) {
    out +=
        wrap(fmt::format("Written: {}: run it with {}", r.settingsFile.string(), engine::describe(r.settings)), 98, 2) +
        "\n";
  }
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
