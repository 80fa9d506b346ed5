// The spools of a recording: which processes wrote them, and whether they still do.
#pragma once

#include "base/result.h"
#include "plugins/sdk/spool/spool_reader.h"

#include <filesystem>
#include <string>
#include <vector>

namespace ridgeline::collector {

struct SpoolFile {
  std::filesystem::path path;
  plugins::SpoolInfo info;
};

struct SpoolFolder {
  std::vector<SpoolFile> spools;      // by the time they were begun
  std::vector<std::string> problems;  // of files that cannot be used, one line each
};
SpoolFolder listSpools(const std::filesystem::path& folder);

// Whether a process that spools into the folder is still there. Collects those of them that are our children and dead.
bool spoolersAtWork(const std::filesystem::path& folder);

}  // namespace ridgeline::collector
