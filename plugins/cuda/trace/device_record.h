// The record by which a GPU is told of: its number is CUDA's.
#pragma once

#include "plugins/sdk/ridgeline_plugin.h"

#include <cstdint>
#include <string>

namespace ridgeline::cuda {

// `tell`: called with a record type and a record. `name`: may be empty.
template <class Tell>
void tellDevice(Tell&& tell, uint32_t number, std::string name) {
  const auto id = std::to_string(number);
  if (name.empty()) name = "CUDA device " + id;
  auto device = RIDGELINE_INIT(RidgelineDevice);
  device.id = id.c_str();
  device.name = name.c_str();
  device.kind = "gpu";
  device.vendor = "NVIDIA";
  tell(RIDGELINE_RECORD_DEVICE, &device);
}

}  // namespace ridgeline::cuda
