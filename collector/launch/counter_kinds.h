// Counters of a recording, each once: units and descriptions come from the plugin that counts.
#pragma once

#include "base/result.h"
#include "plugins/sdk/host/plugin_host.h"
#include "profile/profile.h"

#include <map>
#include <string>
#include <vector>

namespace ridgeline::collector {

// What a plugin says of a counter of this name; of unit "1" when it says nothing.
profile::CounterKind describeCounter(const std::vector<plugins::FoundPlugin>& plugins, const std::string& plugin,
                                     const std::string& name);

class CounterKinds {
 public:
  Result<profile::CounterId> of(profile::Profile& profile, const std::vector<plugins::FoundPlugin>& plugins,
                                const std::string& plugin, const std::string& name);

 private:
  std::map<std::string, profile::CounterId> m_known;
};

}  // namespace ridgeline::collector
