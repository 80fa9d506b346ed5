// The processor and its roofs as rows.
#pragma once

#include "base/result.h"
#include "plugins/cpu/roofs.h"
#include "profile/profile.h"

#include <vector>

namespace ridgeline::collector {

Result<profile::DeviceId> writeDevice(profile::Profile& profile, const cpu::Processor& processor,
                                      const std::vector<cpu::Roof>& roofs);

}  // namespace ridgeline::collector
