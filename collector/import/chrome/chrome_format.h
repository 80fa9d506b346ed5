// Chrome's JSON trace format, whoever wrote it.
#pragma once

#include "collector/import/reader.h"

namespace ridgeline::collector::import {

bool recognizesChrome(std::string_view head);
Result<std::vector<Recording>> readChrome(Input& input, Names& names, Job job);

}  // namespace ridgeline::collector::import
