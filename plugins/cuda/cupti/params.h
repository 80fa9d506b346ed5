// CUPTI's parameter structs. It reads no further than their size says, so that a program for one version works with
// another.
#pragma once

#include <cstddef>

namespace ridgeline::cuda {

template <class Params>
Params cuptiParams(size_t size) {
  Params params{};
  params.structSize = size;
  return params;
}

}  // namespace ridgeline::cuda

// RIDGELINE_CUPTI_PARAMS(CUpti_..._Params)
#define RIDGELINE_CUPTI_PARAMS(Name) ::ridgeline::cuda::cuptiParams<Name>(Name##_STRUCT_SIZE)
