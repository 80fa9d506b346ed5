#include "plugins/cuda/trace/kernel_names.h"

#include <cxxabi.h>

#include <cstdlib>

namespace ridgeline::cuda {

const char* KernelNames::readable(const char* name) {
  if (!name || !*name) return "(kernel)";
  if (name[0] != '_' || name[1] != 'Z') return name;
  auto [known, fresh] = m_known.try_emplace(name);
  if (fresh) {
    int status = 0;
    char* text = abi::__cxa_demangle(name, nullptr, nullptr, &status);
    known->second = status == 0 && text ? text : name;
    std::free(text);
  }
  return known->second.c_str();
}

}  // namespace ridgeline::cuda
