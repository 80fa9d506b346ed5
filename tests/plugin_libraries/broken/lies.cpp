// Whole to look at, and wrong in behaviour: what only `plugin test` finds.
#include "tests/plugin_libraries/broken/common.h"

#include <cmath>
#include <string>
#include <vector>

namespace {

struct Collection {
  std::vector<const char*> names;  // the host's, kept beyond the call
};

RidgelineStatus counters(const char*, void (*emit)(void*, const RidgelineCounter*), void* context) {
  auto counter = RIDGELINE_INIT(RidgelineCounter);
  counter.name = "cycles";
  counter.unit = "1";
  counter.description = "Cycles";
  emit(context, &counter);
  return RIDGELINE_OK;  // whatever the device
}

RidgelineStatus start(const RidgelineRequest* request, const RidgelineSink*, void** collection) {
  *collection = new Collection{{request->counters, request->counters + request->counter_count}};
  return RIDGELINE_OK;
}

RidgelineStatus read(void*, double* values, size_t count) {
  for (size_t i = 0; i < count; ++i) values[i] = std::nan("");
  return RIDGELINE_OK;
}

RidgelineStatus stop(void* collection) {
  delete static_cast<Collection*>(collection);
  return RIDGELINE_OK;
}

RidgelineStatus devices(void (*emit)(void*, const RidgelineDevice*), void* context) {
  static int calls = 0;
  const auto name = "device of call " + std::to_string(++calls);
  auto device = RIDGELINE_INIT(RidgelineDevice);
  device.id = "0";
  device.name = name.c_str();
  device.kind = "npu";
  emit(context, &device);
  return RIDGELINE_OK;
}

}  // namespace

const RidgelinePlugin* ridgeline_plugin_open(uint32_t, const RidgelineHost*) {
  static RidgelinePlugin plugin = broken::table();
  plugin.devices = devices;
  plugin.counters = counters;
  plugin.start = start;
  plugin.read = read;
  plugin.stop = stop;
  return &plugin;
}
