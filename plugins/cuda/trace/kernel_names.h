// Kernels as their source calls them: CUPTI has the linker's names.
#pragma once

#include <string>
#include <unordered_map>

namespace ridgeline::cuda {

class KernelNames {
 public:
  // Valid as long as this object. What is no mangled name comes back as it is.
  const char* readable(const char* name);

 private:
  std::unordered_map<std::string, std::string> m_known;
};

}  // namespace ridgeline::cuda
