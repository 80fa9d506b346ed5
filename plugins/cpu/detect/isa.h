// Instruction sets, by the names used throughout the project.
#pragma once

#include "plugins/cpu/roofs.h"

#include <map>
#include <string>
#include <vector>

namespace ridgeline::cpu {

// From /proc/cpuinfo's "flags" (x86) or "Features" (AArch64): what matters to inference, which the kernel has enabled.
std::vector<std::string> isaOf(const std::string& architecture, const std::map<std::string, std::string>& cpuinfo);

// The processor's name; on AArch64 made from implementer and part, which is all that Linux gives.
std::string modelNameOf(const std::map<std::string, std::string>& cpuinfo);

bool hasIsa(const Processor& processor, std::string_view name);

}  // namespace ridgeline::cpu
