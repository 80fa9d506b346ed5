// SHA-256, by OpenSSL.
#pragma once

#include "base/result.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace ridgeline {

// In lower-case hex.
std::string sha256Of(std::string_view bytes);
// BadInput when the file cannot be read.
Result<std::string> sha256OfFile(const std::filesystem::path& path);

}  // namespace ridgeline
