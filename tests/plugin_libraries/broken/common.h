// A plugin that is right in everything; the broken ones each take one thing away.
#pragma once

#include "plugins/sdk/ridgeline_plugin.h"

namespace broken {

inline const RidgelineHost* host = nullptr;

inline const RidgelineInfo* describe() {
  static RidgelineInfo info = [] {
    auto i = RIDGELINE_INIT(RidgelineInfo);
    i.name = "broken";
    i.version = "1.0";
    i.vendor = "Tests";
    i.description = "Does one thing wrong";
    return i;
  }();
  return &info;
}

inline RidgelineStatus devices(void (*emit)(void*, const RidgelineDevice*), void* context) {
  auto device = RIDGELINE_INIT(RidgelineDevice);
  device.id = "0";
  device.name = "A device";
  device.kind = "npu";
  emit(context, &device);
  return RIDGELINE_OK;
}

inline void close() {}

inline RidgelinePlugin table() {
  auto plugin = RIDGELINE_INIT(RidgelinePlugin);
  plugin.abi = RIDGELINE_PLUGIN_ABI;
  plugin.describe = describe;
  plugin.devices = devices;
  plugin.close = close;
  return plugin;
}

}  // namespace broken
