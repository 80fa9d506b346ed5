/* Built against the header as it was in ABI 1, for good: it must go on loading. */
#include "tests/plugin_libraries/frozen/ridgeline_plugin_v1.h"

#include <stdlib.h>
#include <string.h>

static const RidgelineHost* the_host;

static const RidgelineInfo* describe(void) {
  static const RidgelineOption greeting = {sizeof greeting, "greeting", "hello", "What to say"};
  static const RidgelineOption* const options[] = {&greeting};
  static const RidgelineInfo info = {sizeof info, "first", "0.1", "Tests", "Of ABI 1", options, 1};
  return &info;
}

static RidgelineStatus devices(void (*emit)(void*, const RidgelineDevice*), void* context) {
  const char* greeting = the_host->option(the_host->context, "greeting");
  RidgelineDevice device = RIDGELINE_INIT(RidgelineDevice);
  device.id = "0";
  device.name = greeting ? greeting : "hello";
  device.kind = "npu";
  device.memory_bytes = 1024;
  emit(context, &device);
  device.id = "1";
  device.name = "broken one";
  device.unavailable = "it is switched off";
  device.remedy = "switch it on";
  emit(context, &device);
  return RIDGELINE_OK;
}

static int is_ours(const char* id) { return strcmp(id, "0") == 0 || strcmp(id, "1") == 0; }

static RidgelineStatus refuse(const char* why) {
  the_host->message(the_host->context, RIDGELINE_ERROR, why);
  return RIDGELINE_INVALID;
}

static RidgelineStatus roofs(const char* id, int32_t threads, void (*emit)(void*, const RidgelineRoof*), void* context) {
  if (!is_ours(id)) return refuse("no such device");
  RidgelineRoof roof = RIDGELINE_INIT(RidgelineRoof);
  roof.kind = RIDGELINE_COMPUTE;
  roof.dtype = "float32";
  roof.value = 1e12;
  roof.threads = threads;
  roof.how = "made up";
  emit(context, &roof);
  return RIDGELINE_OK;
}

static RidgelineStatus counters(const char* id, void (*emit)(void*, const RidgelineCounter*), void* context) {
  if (!is_ours(id)) return refuse("no such device");
  RidgelineCounter counter = RIDGELINE_INIT(RidgelineCounter);
  counter.name = "reads";
  counter.unit = "1";
  counter.description = "How often read() was called";
  emit(context, &counter);
  return RIDGELINE_OK;
}

static RidgelineStatus rewrites(const char* id, void (*emit)(void*, const RidgelineRewrite*), void* context) {
  if (!is_ours(id)) return refuse("no such device");
  RidgelineRewrite rewrite = RIDGELINE_INIT(RidgelineRewrite);
  rewrite.rule = "quantize-static";
  rewrite.pays = -1;
  rewrite.why = "it has no integer units";
  emit(context, &rewrite);
  return RIDGELINE_OK;
}

typedef struct Collection {
  int count, reads;
  const RidgelineSink* sink;
} Collection;

static RidgelineStatus start(const RidgelineRequest* request, const RidgelineSink* sink, void** collection) {
  if (request->device && !is_ours(request->device)) return refuse("no such device");
  for (size_t i = 0; i < request->counter_count; ++i) {
    if (strcmp(request->counters[i], "reads") != 0) return refuse("no such counter");
  }
  Collection* made = calloc(1, sizeof *made);
  made->count = (int)request->counter_count;
  made->sink = sink;
  RidgelineNote note = RIDGELINE_INIT(RidgelineNote);
  note.text = "begun";
  sink->record(sink->context, RIDGELINE_RECORD_NOTE, &note);
  *collection = made;
  return RIDGELINE_OK;
}
static RidgelineStatus thread(void* collection, int32_t joins) {
  (void)collection, (void)joins;
  return RIDGELINE_OK;
}
static RidgelineStatus read_values(void* collection, double* values, size_t count) {
  Collection* c = collection;
  const int reads = __atomic_add_fetch(&c->reads, 1, __ATOMIC_RELAXED);
  for (size_t i = 0; i < count; ++i) values[i] = reads;
  return RIDGELINE_OK;
}
static RidgelineStatus stop(void* collection) {
  free(collection);
  return RIDGELINE_OK;
}

static RidgelineStatus injection(const RidgelineInjection* request, void (*emit)(void*, const RidgelineVariable*),
                                 void* context) {
  for (size_t i = 0; i < request->counter_count; ++i) {
    if (strcmp(request->counters[i], "reads") != 0) return refuse("no such counter");
  }
  RidgelineVariable variable = RIDGELINE_INIT(RidgelineVariable);
  variable.name = "FIRST_TOOL";
  variable.value = request->spool;
  variable.how = RIDGELINE_PREPEND;
  emit(context, &variable);
  return RIDGELINE_OK;
}

static void close_plugin(void) { the_host = NULL; }

const RidgelinePlugin* ridgeline_plugin_open(uint32_t host_abi, const RidgelineHost* host) {
  static const RidgelinePlugin plugin = {sizeof plugin, 1,      0,     describe, devices,     roofs, counters,
                                         rewrites,      start,  thread, read_values, stop,    injection, close_plugin};
  if (host_abi < 1) return NULL;
  the_host = host;
  return &plugin;
}
