// PyTorch's profiler (Kineto), 2021 to today, for NVIDIA, AMD and other devices.
#pragma once

#include "collector/import/reader.h"

namespace ridgeline::collector::import {

bool recognizesKineto(std::string_view head);
Result<std::vector<Recording>> readKineto(Input& input, Names& names, Job job);

}  // namespace ridgeline::collector::import
