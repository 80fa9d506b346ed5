// How the result of an optimization is told.
#pragma once

#include "advisor/optimize.h"

#include <string>

namespace ridgeline::cli {

std::string optimizeText(const advisor::OptimizeRequest& request, const advisor::OptimizeResult& result);
std::string optimizeMarkdown(const advisor::OptimizeRequest& request, const advisor::OptimizeResult& result);
// docs/json.md describes the keys.
std::string optimizeJson(const advisor::OptimizeRequest& request, const advisor::OptimizeResult& result);

}  // namespace ridgeline::cli
