#include "tests/plugin_libraries/broken/common.h"

#include <unistd.h>

const RidgelinePlugin* ridgeline_plugin_open(uint32_t, const RidgelineHost*) {
  static RidgelinePlugin plugin = broken::table();
  plugin.devices = [](void (*)(void*, const RidgelineDevice*), void*) -> RidgelineStatus {
    for (;;) ::pause();
  };
  return &plugin;
}
