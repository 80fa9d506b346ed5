// Names for processes: programs of one name are told apart by a number.
#pragma once

#include <fmt/format.h>

#include <map>
#include <string>

namespace ridgeline::collector {

class ProcessNames {
 public:
  std::string next(const std::string& program) {
    const auto base = program.empty() ? std::string("process") : program;
    const int n = ++m_seen[base];
    return n == 1 ? base : fmt::format("{} #{}", base, n);
  }

 private:
  std::map<std::string, int> m_seen;
};

}  // namespace ridgeline::collector
