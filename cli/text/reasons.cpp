#include "cli/text/reasons.h"

#include <algorithm>

namespace ridgeline::cli {

std::string nameOf(const advisor::Opportunity& o) { return o.variant.empty() ? o.rule : o.rule + " " + o.variant; }

std::vector<std::string> reasons(const advisor::Opportunity& o, size_t most) {
  std::vector<std::string> lines(o.evidence.begin(),
                                 o.evidence.begin() + static_cast<std::ptrdiff_t>(std::min(o.evidence.size(), most)));
  if (o.evidence.size() > most) lines.push_back(fmt::format("and {} more like these", o.evidence.size() - most));
  if (!o.risk.empty()) lines.push_back("risk: " + o.risk);
  return lines;
}

}  // namespace ridgeline::cli
