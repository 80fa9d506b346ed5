#include "tests/plugin_libraries/broken/common.h"

// The name of the entry is misspelt.
extern "C" __attribute__((visibility("default"))) const RidgelinePlugin* ridgeline_plugin_opne(uint32_t,
                                                                                               const RidgelineHost*) {
  static RidgelinePlugin plugin = broken::table();
  return &plugin;
}
