// One file, looked at once.
#pragma once

#include "advisor/source/source.h"

namespace ridgeline::source {

struct Inspected {
  FileReport report;
  std::vector<Finding> findings;  // by place in the file
  int errors = 0;                 // of the parser, in the file itself
};

// `checks`: names of those to run; empty for none. The text stands for the file's content.
Result<Inspected> inspect(const std::filesystem::path& file, const std::string& text, const Options& options,
                          const std::set<std::string>& checks);

// The names that Options::checks select; Usage when one selects nothing.
Result<std::set<std::string>> selectedChecks(const Options& options);

}  // namespace ridgeline::source
