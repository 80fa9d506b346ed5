// The parts of a report about accelerators, as text and as Markdown. Empty where there is nothing to say.
#pragma once

#include "analyzers/report_model.h"

#include <string>

namespace ridgeline::cli {

std::string devicesText(const analyzers::Report& report);
std::string pathsText(const analyzers::Report& report);
std::string kernelsText(const analyzers::Report& report, int top);
std::string adviceSection(const analyzers::Report& report, int top);

std::string devicesMarkdown(const analyzers::Report& report);
std::string kernelsMarkdown(const analyzers::Report& report, int top);
std::string adviceTable(const analyzers::Report& report, int top);

// "███▍" of `cells` columns.
std::string shareBar(double share, int cells);

}  // namespace ridgeline::cli
