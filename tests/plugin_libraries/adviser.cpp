// Says of the processor that no rewrite of one rule pays.
#include "tests/plugin_libraries/broken/common.h"

namespace {

RidgelineStatus processor(void (*emit)(void*, const RidgelineDevice*), void* context) {
  auto device = RIDGELINE_INIT(RidgelineDevice);
  device.id = "0";
  device.name = "A processor";
  device.kind = "cpu";
  emit(context, &device);
  return RIDGELINE_OK;
}

RidgelineStatus rewrites(const char* device, void (*emit)(void*, const RidgelineRewrite*), void* context) {
  if (!device || device[0] != '0') return RIDGELINE_INVALID;
  auto rewrite = RIDGELINE_INIT(RidgelineRewrite);
  rewrite.rule = "remove-noops";  // proposed wherever there are any, on every machine
  rewrite.pays = -1;
  rewrite.why = "its makers measured it";
  emit(context, &rewrite);
  return RIDGELINE_OK;
}

}  // namespace

const RidgelinePlugin* ridgeline_plugin_open(uint32_t, const RidgelineHost*) {
  static RidgelinePlugin plugin = [] {
    auto p = broken::table();
    p.devices = processor;
    p.rewrites = rewrites;
    return p;
  }();
  return &plugin;
}
