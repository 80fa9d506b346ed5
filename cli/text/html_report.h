// A report as one HTML file: no links to anything outside, readable without scripts, light and dark.
#pragma once

#include "analyzers/report_model.h"

#include <string>

namespace ridgeline::cli {

// From a profile that has been analyzed.
Result<std::string> reportHtml(const analyzers::Report& report, const profile::Profile& profile);

}  // namespace ridgeline::cli
