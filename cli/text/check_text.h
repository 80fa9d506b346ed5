// How the outcome of a check is told, to people and to what reads results in a pipeline.
#pragma once

#include "advisor/check/check.h"

#include <string>

namespace ridgeline::cli {

std::string checkText(const advisor::CheckResult& result);
std::string checkMarkdown(const advisor::CheckResult& result);  // for a comment on a pull request
std::string checkJson(const advisor::CheckResult& result);      // docs/json.md describes the keys
// `subject` as the user gave it: where annotations point to.
std::string checkJunit(const advisor::CheckResult& result, const std::string& subject);
std::string checkSarif(const advisor::CheckResult& result, const std::string& subject);
std::string checkGithub(const advisor::CheckResult& result, const std::string& subject);  // workflow commands

// What the parts above share: "1.043 (1.031 to 1.055), measured in turns, 120 rounds".
std::string checkHeadline(const advisor::CheckResult& result);
std::string checkSpeedLine(const advisor::CheckResult& result);
// The operators that explain a change, most first, a line each; at most `top`.
std::vector<std::string> blameLines(const advisor::CheckResult& result, size_t top);

}  // namespace ridgeline::cli
