// Where this machine last saw a model, by the hash of its file: profiles hold no paths, and `advise` needs the graph.
#pragma once

#include "base/result.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace ridgeline::collector {

// Notes the place in cacheFolder(). Best effort: a machine without a cache folder only has to be told --model later.
void rememberModel(std::string_view sha256, const std::filesystem::path& path);

// The file with this hash: `named` if given (BadInput when its hash differs), else `baseName` beside `profile` or in
// the current folder, else where it was last seen. BadInput, saying to use --model, when there is none.
Result<std::filesystem::path> findModel(std::string_view sha256, const std::string& baseName,
                                        const std::filesystem::path& profile, const std::filesystem::path& named);

}  // namespace ridgeline::collector
