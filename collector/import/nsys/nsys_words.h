// What the export says in numbers and conventions of its own.
#pragma once

#include "profile/timeline_vocabulary.h"

#include <cstdint>
#include <string_view>

namespace ridgeline::collector::import {

profile::CopyDirection copyDirectionOf(int64_t copyKind);

// "cudaLaunchKernel_v7000" -> "cudaLaunchKernel".
std::string_view withoutVersion(std::string_view call);

}  // namespace ridgeline::collector::import
