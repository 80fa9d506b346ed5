// How advice is told.
#pragma once

#include "advisor/advise.h"

#include <string>

namespace ridgeline::cli {

std::string adviseText(const advisor::AdviseResult& result, int top);
std::string adviseMarkdown(const advisor::AdviseResult& result, int top);
std::string adviseJson(const advisor::AdviseResult& result);

}  // namespace ridgeline::cli
