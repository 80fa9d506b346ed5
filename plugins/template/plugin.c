/* The smallest whole plugin: one device, its roofs, and how to trace it. Replace what says "acme". */
#define _GNU_SOURCE
#include "acme.h"

#include <dlfcn.h>
#include <ridgeline_plugin.h>
#include <stdio.h>
#include <string.h>

static const RidgelineHost* the_host;

static RidgelineStatus fail(RidgelineStatus status, const char* why) {
  the_host->message(the_host->context, RIDGELINE_ERROR, why);
  return status;
}

static int is_ours(const char* device) { return device && strcmp(device, "0") == 0 && acme_device_count() > 0; }
#define NO_SUCH_DEVICE fail(RIDGELINE_INVALID, "there is no such device")

static const RidgelineInfo* describe(void) {
  static const RidgelineOption copies = {sizeof copies, "copies", "1", "Trace copies, too (0 or 1)"};
  static const RidgelineOption* const options[] = {&copies};
  static const RidgelineInfo info = {.size = sizeof info,
                                     .name = "acme",
                                     .version = "1.0.0",
                                     .vendor = "Acme",
                                     .description = "The Acme accelerator",
                                     .options = options,
                                     .option_count = 1};
  return &info;
}

static RidgelineStatus devices(void (*emit)(void*, const RidgelineDevice*), void* context) {
  if (acme_device_count() == 0) return fail(RIDGELINE_UNAVAILABLE, "no Acme device; is its driver loaded?");
  RidgelineDevice device = RIDGELINE_INIT(RidgelineDevice);
  device.id = "0";
  device.name = "Acme One";
  device.kind = "npu";
  device.vendor = "Acme";
  device.properties = "{\"compute_units\": 64}";
  device.memory_bytes = INT64_C(16) << 30;
  emit(context, &device);
  return RIDGELINE_OK;
}

/* Measured, not looked up: here, how fast the device copies. */
static RidgelineStatus roofs(const char* id, int32_t threads, void (*emit)(void*, const RidgelineRoof*), void* context) {
  (void)threads;
  if (!is_ours(id)) return NO_SUCH_DEVICE;
  const size_t bytes = 10 << 20;
  double best = 0, worst = 1e30;
  for (int i = 0; i < 10; ++i) {
    if (the_host->stop_requested(the_host->context)) return RIDGELINE_STOPPED;
    const int64_t start = acme_clock();
    acme_copy(1, bytes);
    acme_wait();
    const double rate = (double)bytes * 1e9 / (double)(acme_clock() - start);
    if (rate > best) best = rate;
    if (rate < worst) worst = rate;
  }
  RidgelineRoof roof = RIDGELINE_INIT(RidgelineRoof);
  roof.kind = RIDGELINE_BANDWIDTH;
  roof.level = "PCIe";
  roof.pattern = "copy";
  roof.value = best;
  roof.spread = (best - worst) / best;
  roof.how = "copy to the device, best of 10 x 10 MiB";
  emit(context, &roof);
  return RIDGELINE_OK;
}

static RidgelineStatus rewrites(const char* id, void (*emit)(void*, const RidgelineRewrite*), void* context) {
  if (!is_ours(id)) return NO_SUCH_DEVICE;
  RidgelineRewrite rewrite = RIDGELINE_INIT(RidgelineRewrite);
  rewrite.rule = "quantize-static";
  rewrite.pays = 1;
  rewrite.why = "its matrix units do int8 at twice the rate of float16";
  emit(context, &rewrite);
  return RIDGELINE_OK;
}

/* The library that traces lies beside this one; the vendor's runtime loads what ACME_TOOL names. */
static RidgelineStatus injection(const RidgelineInjection* request, void (*emit)(void*, const RidgelineVariable*),
                                 void* context) {
  if (request->counter_count > 0) return fail(RIDGELINE_INVALID, "the device has no counters");
  Dl_info here;
  char path[4096];
  if (!dladdr((const void*)(size_t)&injection, &here) || !here.dli_fname) {
    return fail(RIDGELINE_FAILED, "the plugin does not know where it lies");
  }
  const char* slash = strrchr(here.dli_fname, '/');
  const int folder = slash ? (int)(slash - here.dli_fname) : 0;
  const int length = snprintf(path, sizeof path, "%.*s/libacme_trace.so", folder, here.dli_fname);
  if (length < 0 || (size_t)length >= sizeof path) return fail(RIDGELINE_FAILED, "the path of the plugin is too long");
  RidgelineVariable tool = RIDGELINE_INIT(RidgelineVariable);
  tool.name = "ACME_TOOL";
  tool.value = path;
  tool.how = RIDGELINE_REPLACE;
  emit(context, &tool);
  const char* copies = the_host->option(the_host->context, "copies");
  if (copies) {
    tool.name = "ACME_TRACE_COPIES";
    tool.value = copies;
    emit(context, &tool);
  }
  return RIDGELINE_OK;
}

static void close_plugin(void) { the_host = NULL; }

const RidgelinePlugin* ridgeline_plugin_open(uint32_t host_abi, const RidgelineHost* host) {
  static const RidgelinePlugin plugin = {.size = sizeof plugin,
                                         .abi = RIDGELINE_PLUGIN_ABI,
                                         .describe = describe,
                                         .devices = devices,
                                         .roofs = roofs,
                                         .rewrites = rewrites,
                                         .injection = injection,
                                         .close = close_plugin};
  if (host_abi < RIDGELINE_PLUGIN_ABI) return NULL; /* an older Ridgeline: it would not know our table */
  the_host = host;
  return &plugin;
}
