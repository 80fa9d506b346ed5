#include "advisor/source/checks/check.h"
#include "advisor/source/inspect.h"
#include "advisor/source/rank.h"
#include "advisor/source/source.h"
#include "base/files.h"

#include <algorithm>

namespace ridgeline::source {

std::vector<CheckInfo> checks() {
  std::vector<CheckInfo> all;
  for (const auto* check : allChecks()) all.push_back(check->info());
  std::sort(all.begin(), all.end(), [](const CheckInfo& a, const CheckInfo& b) { return a.name < b.name; });
  return all;
}

Result<Report> analyze(const Options& options, Job job) {
  const auto selected = selectedChecks(options);
  if (!selected) return tl::unexpected<Error>(selected.error());
  Report report;
  job.progress.phase("read sources");
  for (size_t i = 0; i < options.files.size(); ++i) {
    if (auto stop = job.stop.check(); !stop) return passOn(stop);
    job.progress.fraction(static_cast<double>(i) / static_cast<double>(options.files.size()));
    const auto& file = options.files[i];
    auto text = readFile(file);
    if (!text) {
      report.errors.push_back(text.error().text());
      continue;
    }
    auto seen = inspect(file, *text, options, *selected);
    if (!seen) {
      report.errors.push_back(seen.error().text());
      continue;
    }
    if (seen->errors > 0 && seen->report.functions == 0) {
      const auto& problems = seen->report.problems;
      report.errors.push_back(fmt::format("{}: cannot be read: {}", file.string(),
                                          problems.empty() ? "it does not parse" : problems.front()));
      continue;
    }
    report.files.push_back(std::move(seen->report));
    report.findings.insert(report.findings.end(), std::make_move_iterator(seen->findings.begin()),
                           std::make_move_iterator(seen->findings.end()));
  }
  if (!options.profile.empty()) {
    if (auto ranked = addProfile(options.profile, report); !ranked) return passOn(ranked);
  }
  rank(report.findings);
  return report;
}

}  // namespace ridgeline::source
