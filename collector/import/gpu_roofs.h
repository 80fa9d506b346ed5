// Ceilings of a GPU that follow from what a recording says of it.
#pragma once

#include "profile/vocabulary.h"

#include <optional>
#include <string>
#include <vector>

namespace ridgeline::collector::import {

struct GpuFacts {
  int major = 0, minor = 0;  // compute capability
  double multiprocessors = 0;
  double clockHz = 0;
  double memoryBytesPerS = 0;  // theoretical
  double memoryBytes = 0, l2Bytes = 0;
};

// DRAM bandwidth, and FP32 arithmetic of the CUDA cores: multiprocessors x FP32 lanes x 2 x clock, lanes per
// multiprocessor as in the CUDA C++ Programming Guide, "Arithmetic Instructions". Tensor cores are left out: their
// clock under load is not recorded. Peaks of the data sheet, which no kernel reaches.
std::vector<profile::Roof> roofsOf(const GpuFacts& facts);
std::string propertiesOf(const GpuFacts& facts);

}  // namespace ridgeline::collector::import
