// Nsight Compute's CSV, in its long layout (a metric a line) and its wide one (a kernel a line).
#pragma once

#include "collector/import/reader.h"

namespace ridgeline::collector::import {

bool recognizesNcu(std::string_view head);
Result<std::vector<Recording>> readNcu(Input& input, Names& names, Job job);

}  // namespace ridgeline::collector::import
