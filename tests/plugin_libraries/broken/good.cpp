#include "tests/plugin_libraries/broken/common.h"

// The control: nothing is wrong with it.
const RidgelinePlugin* ridgeline_plugin_open(uint32_t, const RidgelineHost*) {
  static RidgelinePlugin plugin = broken::table();
  return &plugin;
}
