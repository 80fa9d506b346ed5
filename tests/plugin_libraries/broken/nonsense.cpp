#include "tests/plugin_libraries/broken/common.h"

// A struct that says it is larger than memory.
const RidgelinePlugin* ridgeline_plugin_open(uint32_t, const RidgelineHost*) {
  static RidgelinePlugin plugin = broken::table();
  plugin.devices = [](void (*emit)(void*, const RidgelineDevice*), void* context) -> RidgelineStatus {
    auto device = RIDGELINE_INIT(RidgelineDevice);
    device.size = static_cast<size_t>(-8);
    emit(context, &device);
    return RIDGELINE_OK;
  };
  return &plugin;
}
