// Whether the driver lets this user count.
#pragma once

#include <string>

namespace ridgeline::cuda {

// Why the driver will not let this user count: contents of /proc/driver/nvidia/params and /proc/self/status. Empty: it
// will, as far as these say.
std::string whyNotPermitted(const std::string& driverParams, const std::string& processStatus);
std::string whyNotPermittedHere();
inline constexpr const char* kPermissionRemedy =
    "load the nvidia kernel module with NVreg_RestrictProfilingToAdminUsers=0, or give the program CAP_SYS_ADMIN";

}  // namespace ridgeline::cuda
