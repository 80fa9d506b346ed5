// How the difference of two recordings is told.
#pragma once

#include "analyzers/diff/diff.h"
#include "cli/text/table.h"

#include <nlohmann/json.hpp>

#include <string>

namespace ridgeline::cli {

std::string diffText(const analyzers::Diff& diff, int top);
std::string diffMarkdown(const analyzers::Diff& diff, int top);
// docs/json.md describes the keys. All rows, whatever `top` is for people.
std::string diffJson(const analyzers::Diff& diff);

// Shared with `check`, which blames operators the same way.
Table diffTable(const analyzers::ItemDiff& items, size_t top);
nlohmann::ordered_json diffRowsJson(const analyzers::ItemDiff& items);
std::string signedMs(double ms);  // "+1.2 ms"
// "+4.3 %": how a ratio B / A changes a time.
std::string signedPercent(double ratio);

}  // namespace ridgeline::cli
