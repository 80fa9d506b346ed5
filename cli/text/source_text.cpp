#include "cli/text/source_text.h"

#include "base/units.h"
#include "cli/text/table.h"

#include <algorithm>

namespace ridgeline::cli {
namespace {

using source::Finding;

std::string strong(const std::string& text, bool colours) { return colours ? "\033[1m" + text + "\033[0m" : text; }

std::string readingOf(const source::FileReport& file) {
  std::string out = fmt::format("{} ({}): ", file.file, source::nameOf(file.language));
  const bool device = file.language == source::Language::Cuda || file.language == source::Language::OpenCl;
  if (device) {
    const int all = file.kernels + file.kernelsUnread;
    out += fmt::format("{} of {} {} read", file.kernels, all, all == 1 ? "kernel" : "kernels");
    if (file.kernelsInPart > 0) out += fmt::format(", {} of them in part", file.kernelsInPart);
  } else {
    out += fmt::format("{} {} read", file.functions, file.functions == 1 ? "function" : "functions");
    if (file.functionsInPart > 0) out += fmt::format(", {} of them in part", file.functionsInPart);
  }
  return out + "\n";
}

std::string gainOf(const Finding& f) {
  if (!f.predictedGainMs) return "";
  std::string out = fmt::format("predicted gain {}", formatMs(*f.predictedGainMs));
  if (!f.kernelTimeMs) return out;
  const auto who =
      f.kernels.size() == 1 ? f.kernels.front() + " takes" : fmt::format("{} kernels take", f.kernels.size());
  out += fmt::format(" of the {} that {}", formatMs(*f.kernelTimeMs), who);
  return out;
}

std::string fixOf(const Finding& f) {
  if (f.fix) return fmt::format("fix: {}{}", f.fix->title, f.fix->exact ? "" : " (changes the last bits of results)");
  return f.whyNoFix.empty() ? "" : "no fix: " + f.whyNoFix;
}

// The line with a mark below its part, cut on both sides where it is too wide for a terminal.
std::string excerptOf(const Finding& f) {
  constexpr size_t kWidth = 90, kBefore = 20;
  std::string line = f.excerpt;
  size_t mark = std::min<size_t>(f.column > 0 ? f.column - 1 : 0, line.size());
  if (line.size() > kWidth && mark > kBefore) {
    const size_t cut = std::min(mark - kBefore, line.size() > kWidth - 3 ? line.size() - (kWidth - 3) : 0);
    line = "..." + line.substr(cut);
    mark = mark - cut + 3;
  }
  if (line.size() > kWidth) line = line.substr(0, kWidth - 3) + "...";
  // Tabs stay, so that the mark stands below what it marks.
  std::string under;
  for (size_t i = 0; i < mark && i < line.size(); ++i) under += line[i] == '\t' ? '\t' : ' ';
  const size_t room = line.size() > mark + 1 ? line.size() - mark - 1 : 0;
  const std::string tail(std::min<size_t>(f.length > 1 ? f.length - 1 : 0, room), '~');
  return fmt::format("  {:>5} | {}\n        | {}^{}\n", f.line, line, under, tail);
}

std::string findingText(const Finding& f, bool colours) {
  std::string out = fmt::format("{}:{}:{}: {} [{}]\n", f.file, f.line, f.column, strong(f.message, colours), f.check);
  out += excerptOf(f);
  for (const auto& line : f.evidence) out += "  - " + wrap(line, 94, 4) + "\n";
  if (const auto gain = gainOf(f); !gain.empty()) out += "  - " + gain + "\n";
  if (const auto fix = fixOf(f); !fix.empty()) out += "  " + wrap(fix, 96, 4) + "\n";
  return out;
}

std::string trialText(const source::ProofTrial& trial) {
  std::string out = fmt::format("  {}: ", trial.check);
  if (!trial.titles.empty()) {
    out += trial.titles.front() + (trial.function.empty() ? "" : ", in " + trial.function) + "\n    ";
  }
  if (trial.rounds > 0) {
    out += fmt::format("{} -> {}, {:.2f} times as fast (95 %: {:.2f} to {:.2f}, {} rounds); ", formatMs(trial.beforeMs),
                       formatMs(trial.afterMs), trial.ratio, trial.ratioLo, trial.ratioHi, trial.rounds);
  }
  return out + (trial.kept ? "kept" : "not kept: " + trial.reason) + "\n";
}

std::string proofText(const source::Proof& proof) {
  if (proof.trials.empty()) return "\nProof: there was nothing to fix.\n";
  std::string out = "\nProof, by running both in turn and comparing what they print\n";
  for (const auto& trial : proof.trials) out += trialText(trial);
  if (proof.final) {
    auto final = *proof.final;
    final.check = "all that was kept, against the original";
    out += trialText(final);
  }
  return out;
}

std::string fixesText(const SourceOutcome& outcome) {
  std::string out;
  for (const auto& file : outcome.fixed) {
    if (!file.changed() && file.dropped.empty()) continue;
    out += fmt::format("\n{}{}\n", file.path.string(), outcome.written && file.changed() ? ": rewritten" : "");
    for (const auto& fix : file.applied) {
      out += fmt::format("  {}: {}{}\n", fix.check, fix.title, fix.exact ? "" : " (changes the last bits of results)");
    }
    for (const auto& line : file.dropped) out += "  not applied: " + line + "\n";
  }
  return out;
}

}  // namespace

std::string sourceText(const SourceOutcome& outcome, int top, bool colours) {
  std::string out;
  for (const auto& file : outcome.report.files) out += readingOf(file);
  const auto n = outcome.report.findings.size();
  out += n == 0 ? "nothing found\n" : fmt::format("{} {}\n", n, n == 1 ? "finding" : "findings");
  int left = top;
  for (const auto& f : outcome.report.findings) {
    if (left-- <= 0) break;
    out += "\n" + findingText(f, colours);
  }
  if (n > static_cast<size_t>(std::max(top, 0))) {
    out += fmt::format("\n{} more; --top {} shows all\n", n - static_cast<size_t>(std::max(top, 0)), n);
  }
  out += fixesText(outcome);
  if (outcome.proof) out += proofText(*outcome.proof);
  return out;
}

std::string sourceMarkdown(const SourceOutcome& outcome, int top) {
  std::string out;
  for (const auto& file : outcome.report.files) out += "- " + readingOf(file);
  out += "\n";
  Table table({{"where"}, {"what"}, {"check"}, {"evidence"}, {"fix"}});
  for (const auto& f : outcome.report.findings) {
    if (top-- <= 0) break;
    table.add({fmt::format("{}:{}", f.file, f.line), f.message, f.check, f.evidence.empty() ? "" : f.evidence.front(),
               fixOf(f)});
  }
  out += table.markdown();
  if (outcome.proof) out += proofText(*outcome.proof);
  return out;
}

std::string sourceChecksText(const std::vector<source::CheckInfo>& checks) {
  Table table({{"check"}, {"about"}, {"fix"}, {"finds", Align::Left, 90}});
  for (const auto& c : checks) table.add({c.name, std::string(nameOf(c.kind)), c.hasFix ? "yes" : "", c.summary});
  return table.text(0);
}

}  // namespace ridgeline::cli
