// How advice is told.
#pragma once

#include "advisor/advise.h"
#include "analyzers/report_model.h"

#include <string>

namespace ridgeline::cli {

std::string adviseText(const advisor::AdviseResult& result, int top);
std::string adviseMarkdown(const advisor::AdviseResult& result, int top);
std::string adviseJson(const advisor::AdviseResult& result);

// Of a recorded program.
std::string adviseText(const analyzers::Report& report, int top);
std::string adviseMarkdown(const analyzers::Report& report, int top);
std::string adviseJson(const analyzers::Report& report);

}  // namespace ridgeline::cli
