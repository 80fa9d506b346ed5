// Nsight Systems' SQLite exports, schemas 2 and 3. Tables exist only where there are rows, and columns vary.
#pragma once

#include "collector/import/reader.h"

namespace ridgeline::collector::import {

bool recognizesNsys(std::string_view head);
Result<std::vector<Recording>> readNsys(Input& input, Names& names, Job job);

}  // namespace ridgeline::collector::import
