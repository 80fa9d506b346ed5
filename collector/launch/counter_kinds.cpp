#include "collector/launch/counter_kinds.h"

namespace ridgeline::collector {

profile::CounterKind describeCounter(const std::vector<plugins::FoundPlugin>& plugins, const std::string& plugin,
                                     const std::string& name) {
  profile::CounterKind kind{.name = name, .unit = "1"};
  for (const auto& p : plugins) {
    if (!p.usable() || p.description.name != plugin) continue;
    for (const auto& device : p.description.devices) {
      for (const auto& c : device.counters) {
        if (c.name == name) kind.unit = c.unit, kind.description = c.description;
      }
    }
  }
  return kind;
}

Result<profile::CounterId> CounterKinds::of(profile::Profile& profile, const std::vector<plugins::FoundPlugin>& plugins,
                                            const std::string& plugin, const std::string& name) {
  auto& id = m_known[name];
  if (id) return id;
  // Counted in the recording and in a run of its own.
  auto there = profile.all<profile::CounterKind>();
  if (!there) return passOn(there);
  for (const auto& kind : *there) {
    if (kind.name == name) return id = kind.id;
  }
  auto added = profile.add(describeCounter(plugins, plugin, name));
  if (added) id = *added;
  return added;
}

}  // namespace ridgeline::collector
