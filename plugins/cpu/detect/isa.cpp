#include "plugins/cpu/detect/isa.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

namespace ridgeline::cpu {
namespace {

using NamePair = std::pair<std::string_view, std::string_view>;

// Linux's name, ours. The same where x86 names are good as they are.
constexpr std::array kX86 = {NamePair{"sse2", "sse2"},
                             NamePair{"ssse3", "ssse3"},
                             NamePair{"sse4_1", "sse4_1"},
                             NamePair{"avx", "avx"},
                             NamePair{"f16c", "f16c"},
                             NamePair{"avx2", "avx2"},
                             NamePair{"fma", "fma"},
                             NamePair{"avx_vnni", "avx_vnni"},
                             NamePair{"avx512f", "avx512f"},
                             NamePair{"avx512bw", "avx512bw"},
                             NamePair{"avx512vl", "avx512vl"},
                             NamePair{"avx512_vnni", "avx512_vnni"},
                             NamePair{"avx512_bf16", "avx512_bf16"},
                             NamePair{"avx512_fp16", "avx512_fp16"},
                             NamePair{"amx_tile", "amx_tile"},
                             NamePair{"amx_bf16", "amx_bf16"},
                             NamePair{"amx_int8", "amx_int8"}};

constexpr std::array kArm = {NamePair{"asimd", "neon"}, NamePair{"asimdhp", "fp16"}, NamePair{"asimddp", "dotprod"},
                             NamePair{"i8mm", "i8mm"},  NamePair{"bf16", "bf16"},    NamePair{"sve", "sve"},
                             NamePair{"sve2", "sve2"},  NamePair{"sme", "sme"}};

// Part numbers of server and desktop cores, from each core's technical reference manual (MIDR_EL1).
constexpr std::array kArmParts = {NamePair{"0x41:0xd08", "Arm Cortex-A72"},  NamePair{"0x41:0xd0b", "Arm Cortex-A76"},
                                  NamePair{"0x41:0xd0c", "Arm Neoverse N1"}, NamePair{"0x41:0xd40", "Arm Neoverse V1"},
                                  NamePair{"0x41:0xd49", "Arm Neoverse N2"}, NamePair{"0x41:0xd4f", "Arm Neoverse V2"},
                                  NamePair{"0xc0:0xac3", "Ampere-1"},        NamePair{"0xc0:0xac4", "Ampere-1A"}};

std::string valueOf(const std::map<std::string, std::string>& values, const char* key) {
  const auto found = values.find(key);
  return found == values.end() ? std::string{} : found->second;
}

}  // namespace

std::vector<std::string> isaOf(const std::string& architecture, const std::map<std::string, std::string>& cpuinfo) {
  const bool arm = architecture == "aarch64";
  std::istringstream words(valueOf(cpuinfo, arm ? "Features" : "flags"));
  std::vector<std::string> present, isa;
  for (std::string word; words >> word;) present.push_back(word);
  const auto pick = [&](const auto& table) {
    for (const auto& [linuxName, ours] : table) {
      if (std::find(present.begin(), present.end(), linuxName) != present.end()) isa.emplace_back(ours);
    }
  };
  if (arm) {
    pick(kArm);
  } else {
    pick(kX86);
  }
  return isa;
}

std::string modelNameOf(const std::map<std::string, std::string>& cpuinfo) {
  if (auto name = valueOf(cpuinfo, "model name"); !name.empty()) return name;
  const auto implementer = valueOf(cpuinfo, "CPU implementer"), part = valueOf(cpuinfo, "CPU part");
  if (implementer.empty()) return "unknown processor";
  const auto key = implementer + ":" + part;
  for (const auto& [id, name] : kArmParts) {
    if (id == key) return std::string(name);
  }
  return fmt::format("AArch64 processor (implementer {}, part {})", implementer, part);
}

bool hasIsa(const Processor& processor, std::string_view name) {
  return std::find(processor.isa.begin(), processor.isa.end(), name) != processor.isa.end();
}

}  // namespace ridgeline::cpu
