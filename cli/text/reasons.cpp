#include "cli/text/reasons.h"

namespace ridgeline::cli {

std::string nameOf(const advisor::Opportunity& o) { return o.variant.empty() ? o.rule : o.rule + " " + o.variant; }

std::vector<std::string> reasons(const advisor::Opportunity& o, size_t most) {
  // To say that there is one more takes a line as well.
  const size_t told = o.evidence.size() <= most + 1 ? o.evidence.size() : most;
  std::vector<std::string> lines(o.evidence.begin(), o.evidence.begin() + static_cast<std::ptrdiff_t>(told));
  if (o.evidence.size() > told) lines.push_back(fmt::format("and {} more like these", o.evidence.size() - told));
  if (!o.risk.empty()) lines.push_back("risk: " + o.risk);
  return lines;
}

}  // namespace ridgeline::cli
