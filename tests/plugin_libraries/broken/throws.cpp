#include "tests/plugin_libraries/broken/common.h"

#include <stdexcept>

const RidgelinePlugin* ridgeline_plugin_open(uint32_t, const RidgelineHost*) {
  static RidgelinePlugin plugin = broken::table();
  plugin.devices = [](void (*)(void*, const RidgelineDevice*), void*) -> RidgelineStatus {
    throw std::runtime_error("no device\nand two lines to say it");
  };
  return &plugin;
}
