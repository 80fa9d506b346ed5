#include "collector/launch/match_counters.h"

namespace ridgeline::collector {

std::string LaunchMatcher::keyOf(const std::string& name, const Shape& shape) {
  std::string key = name;
  key.push_back('\0');
  key.append(reinterpret_cast<const char*>(shape.data()), sizeof shape);
  return key;
}

void LaunchMatcher::recorded(const std::string& name, const Shape& shape, profile::SliceId slice) {
  m_launches[keyOf(name, shape)].slices.push_back(slice);
  ++m_left;
}

std::optional<profile::SliceId> LaunchMatcher::counted(const std::string& name, const Shape& shape) {
  const auto found = m_launches.find(keyOf(name, shape));
  if (found == m_launches.end() || found->second.counted == found->second.slices.size()) return std::nullopt;
  --m_left;
  return found->second.slices[found->second.counted++];
}

}  // namespace ridgeline::collector
