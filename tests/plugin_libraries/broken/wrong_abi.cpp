#include "tests/plugin_libraries/broken/common.h"

const RidgelinePlugin* ridgeline_plugin_open(uint32_t, const RidgelineHost*) {
  static RidgelinePlugin plugin = broken::table();
  plugin.abi = 99;
  plugin.size = sizeof plugin + 64;  // functions that nobody has heard of
  return &plugin;
}
