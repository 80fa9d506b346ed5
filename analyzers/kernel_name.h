// Names of kernels for people.
#pragma once

#include <string>
#include <string_view>

namespace ridgeline::analyzers {

// Without what tells nothing: "void (anonymous namespace)::f<float>(float*, int)" -> "f<float>". Templates stay: they
// tell kernels apart.
std::string shortKernelName(std::string_view name);

}  // namespace ridgeline::analyzers
