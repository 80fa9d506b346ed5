#include "advisor/source/rank.h"

#include "profile/profile.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <tuple>

namespace ridgeline::source {
namespace {

struct KernelTime {
  double totalMs = 0;
  std::optional<double> headroomMs;
};

std::optional<double> number(const profile::Cell& cell) {
  if (const auto* real = std::get_if<double>(&cell)) return *real;
  if (const auto* whole = std::get_if<int64_t>(&cell)) return static_cast<double>(*whole);
  return std::nullopt;
}

// As Clang, nvcc's tools and Microsoft's linker write it.
std::string withoutAnonymous(std::string name) {
  for (const std::string part :
       {"(anonymous namespace)::", "<unnamed>::", "{anonymous}::", "`anonymous namespace'::"}) {
    for (size_t at = name.find(part); at != std::string::npos; at = name.find(part)) name.erase(at, part.size());
  }
  return name;
}

}  // namespace

std::string sourceName(const std::string& kernel) {
  std::string name = kernel;
  if (name.rfind("_Z", 0) == 0) {
    int status = 0;
    char* demangled = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
    if (status == 0 && demangled) name = demangled;
    std::free(demangled);
  }
  name = withoutAnonymous(name);
  std::string out;
  int depth = 0;
  for (const char c : name) {
    if (c == '<') ++depth;
    if (depth == 0 && c == '(') break;
    // What stands before a space is the return type.
    if (depth == 0 && c == ' ')
      out.clear();
    else if (depth == 0)
      out += c;
    if (c == '>') --depth;
  }
  return out;
}

Status addProfile(const std::filesystem::path& path, Report& report) {
  auto profile = profile::Profile::open(path, profile::Profile::Mode::ReadOnly);
  if (!profile) return passOn(profile);
  std::map<std::string, KernelTime> kernels;
  auto rows = profile->query("SELECT name, total_ms, headroom_ms FROM kernels");
  if (!rows) return passOn(rows);
  if (rows->rows.empty()) {
    // Not analyzed yet: the launches themselves.
    rows = profile->query(
        "SELECT l.text, SUM(s.duration_ns) / 1e6, NULL FROM kernel k JOIN slice s ON s.id = k.slice "
        "JOIN label l ON l.id = s.label GROUP BY s.label");
    if (!rows) return passOn(rows);
  }
  for (const auto& row : rows->rows) {
    auto& kernel = kernels[sourceName(profile::textOf(row[0]))];
    kernel.totalMs += number(row[1]).value_or(0);
    if (const auto headroom = number(row[2])) kernel.headroomMs = kernel.headroomMs.value_or(0) + *headroom;
  }
  report.profile = profile->name();
  for (auto& finding : report.findings) {
    std::set<std::string> names;
    for (const auto& name : finding.kernels) names.insert(sourceName(name));
    for (const auto& name : names) {
      const auto at = kernels.find(name);
      if (at == kernels.end()) continue;
      const auto& [total, headroom] = at->second;
      finding.kernelTimeMs = finding.kernelTimeMs.value_or(0) + total;
      if (headroom) finding.kernelHeadroomMs = finding.kernelHeadroomMs.value_or(0) + *headroom;
      // Never more than what the roof leaves.
      finding.predictedGainMs =
          finding.predictedGainMs.value_or(0) + std::min(headroom.value_or(total), total * finding.gainFraction);
    }
  }
  return {};
}

void rank(std::vector<Finding>& findings) {
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    const auto key = [](const Finding& f) {
      return std::tuple(-f.predictedGainMs.value_or(-1), -f.kernelHeadroomMs.value_or(-1), static_cast<int>(f.kind),
                        -f.weight);
    };
    return key(a) < key(b);
  });
}

}  // namespace ridgeline::source
