// What the command line finds in the module that holds the source advisor.
#pragma once

#include "advisor/source/source.h"

namespace ridgeline::source {

struct ModuleApi {
  std::vector<CheckInfo> (*checks)();
  Result<Report> (*analyze)(const Options&, Job);
  Result<std::vector<FixedFile>> (*fixAll)(const Options&, Job);
  Status (*writeFixed)(const std::vector<FixedFile>&);
  std::string (*unifiedDiff)(const std::string& path, const std::string& before, const std::string& after);
  Result<Proof> (*prove)(const Options&, const ProveOptions&, Job);
};

inline constexpr const char* kModuleEntry = "ridgelineSourceModule";  // const ModuleApi* (*)()
inline constexpr const char* kModuleFile = "ridgeline-source.so";

}  // namespace ridgeline::source
