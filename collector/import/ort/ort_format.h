// ONNX Runtime's session profile.
#pragma once

#include "collector/import/reader.h"

namespace ridgeline::collector::import {

bool recognizesOrt(std::string_view head);
Result<std::vector<Recording>> readOrt(Input& input, Names& names, Job job);

}  // namespace ridgeline::collector::import
