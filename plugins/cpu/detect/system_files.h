// The small text files in which Linux describes the machine. Everything here takes text or a path and says nothing on
// failure: a file that is missing reads as empty.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::cpu {

// Content without trailing white space; empty when missing or unreadable.
std::string readLine(const std::filesystem::path& path);

// "0-3,8" -> 0 1 2 3 8. Parts that are not numbers are skipped.
std::vector<int> parseCpuList(std::string_view text);

// "48K", "2048K", "1M" -> bytes; 0 when it is no size.
int64_t parseCacheSize(std::string_view text);

// "key : value" lines of the first block (processor) of /proc/cpuinfo, or of /proc/meminfo.
std::map<std::string, std::string> parseKeyValues(std::string_view text);

}  // namespace ridgeline::cpu
