/* libcupti.so.13 of the tests: activity records of what the fake driver tells of. fake_profiler.c counts. */
#include "fake_cupti.h"

#include <sys/syscall.h>
#include <unistd.h>

static CUpti_CallbackFunc the_callback;
static CUpti_BuffersCallbackRequestFunc the_request;
static CUpti_BuffersCallbackCompleteFunc the_complete;
static int the_kinds[64];
static uint8_t* the_buffer;
static size_t the_room, the_used, the_records;
static uint32_t the_ranges[32], the_depth, the_range;

static void hand_over(void) {
  uint8_t* buffer = the_buffer;
  the_buffer = NULL;
  if (buffer) the_complete(NULL, 0, buffer, the_room, the_used);
  the_used = the_records = 0;
}

static void put(CUpti_ActivityKind kind, void* record, size_t bytes) {
  const char* most = getenv("FAKE_CUPTI_RECORDS"); /* in a buffer */
  size_t limit = 0;
  if (!the_complete || !the_kinds[kind]) return;
  if (!the_buffer) the_request(&the_buffer, &the_room, &limit);
  *(CUpti_ActivityKind*)record = kind;
  memcpy(the_buffer + the_used, record, bytes);
  the_used += bytes;
  if (++the_records == (most ? (size_t)atoi(most) : 1000)) hand_over();
}
#define PUT(kind, record) put(kind, &record, sizeof record)

static void put_kernel(const FakeEvent* e) {
  CUpti_ActivityKernel10 k;
  memset(&k, 0, sizeof k);
  k.name = e->name, k.start = (uint64_t)e->start_ns, k.end = (uint64_t)e->end_ns, k.correlationId = e->correlation;
  k.contextId = 1, k.streamId = 7, k.gridX = (int32_t)e->blocks, k.blockX = (int32_t)e->threads;
  k.gridY = k.gridZ = k.blockY = k.blockZ = 1, k.registersPerThread = 32;
  k.graphId = e->graph, k.graphNodeId = e->graph ? 70 : 0;
  PUT(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, k);
}
static void put_copy(const FakeEvent* e) {
  CUpti_ActivityMemcpy6 c;
  memset(&c, 0, sizeof c);
  c.copyKind = e->host_to_device ? CUPTI_ACTIVITY_MEMCPY_KIND_HTOD : CUPTI_ACTIVITY_MEMCPY_KIND_DTOH;
  c.srcKind = c.dstKind = CUPTI_ACTIVITY_MEMORY_KIND_PAGEABLE;
  c.bytes = e->bytes, c.start = (uint64_t)e->start_ns, c.end = (uint64_t)e->end_ns, c.correlationId = e->correlation;
  c.contextId = 1, c.streamId = 7;
  PUT(CUPTI_ACTIVITY_KIND_MEMCPY, c);
}
static void put_call(const FakeEvent* e) {
  CUpti_ActivityAPI a;
  memset(&a, 0, sizeof a);
  a.cbid = strcmp(e->name, "cuMemcpyAsync") == 0 ? 1 : 2;
  a.start = (uint64_t)e->start_ns, a.end = (uint64_t)e->end_ns, a.correlationId = e->correlation;
  a.processId = (uint32_t)getpid(), a.threadId = (uint32_t)syscall(SYS_gettid);
  PUT(CUPTI_ACTIVITY_KIND_DRIVER, a);
}
static void put_marker(const FakeEvent* e) {
  CUpti_ActivityMarker2 m;
  memset(&m, 0, sizeof m);
  const int begins = e->what == FAKE_RANGE_BEGIN;
  if (begins) the_ranges[the_depth++] = ++the_range;
  m.id = begins ? the_range : the_ranges[--the_depth];
  m.flags = begins ? CUPTI_ACTIVITY_FLAG_MARKER_START : CUPTI_ACTIVITY_FLAG_MARKER_END;
  m.timestamp = (uint64_t)e->start_ns, m.name = e->name;
  m.objectKind = CUPTI_ACTIVITY_OBJECT_THREAD;
  m.objectId.pt.threadId = (uint32_t)syscall(SYS_gettid);
  PUT(CUPTI_ACTIVITY_KIND_MARKER, m);
}
static void put_allocation(const FakeEvent* e) {
  CUpti_ActivityMemory4 a;
  memset(&a, 0, sizeof a);
  a.memoryKind = CUPTI_ACTIVITY_MEMORY_KIND_DEVICE, a.bytes = e->bytes, a.timestamp = (uint64_t)e->start_ns;
  a.memoryOperationType =
      e->release ? CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_RELEASE : CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_ALLOCATION;
  PUT(CUPTI_ACTIVITY_KIND_MEMORY2, a);
}

static void on_event(const FakeEvent* e) {
  switch (e->what) {
    case FAKE_KERNEL:
      return put_kernel(e);
    case FAKE_COPY:
      return put_copy(e);
    case FAKE_CALL:
      return put_call(e);
    case FAKE_ALLOCATION:
      return put_allocation(e);
    default:
      return put_marker(e);
  }
}
static void on_context(void* context, int created) {
  CUpti_ResourceData data;
  memset(&data, 0, sizeof data);
  data.context = (CUcontext)context;
  the_callback(NULL, CUPTI_CB_DOMAIN_RESOURCE,
               created ? CUPTI_CBID_RESOURCE_CONTEXT_CREATED : CUPTI_CBID_RESOURCE_CONTEXT_DESTROY_STARTING, &data);
}
static void on_launch(const FakeEvent* kernel, void* context, int enters) {
  cuLaunchKernel_params params;
  CUpti_CallbackData data;
  memset(&params, 0, sizeof params);
  memset(&data, 0, sizeof data);
  params.gridDimX = kernel->blocks, params.blockDimX = kernel->threads;
  params.gridDimY = params.gridDimZ = params.blockDimY = params.blockDimZ = 1;
  data.callbackSite = enters ? CUPTI_API_ENTER : CUPTI_API_EXIT;
  data.symbolName = kernel->name, data.functionParams = &params, data.context = (CUcontext)context;
  if (enters) fake_count(kernel);
  if (fake_is_counting()) the_callback(NULL, CUPTI_CB_DOMAIN_DRIVER_API, CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel, &data);
}

static CUptiResult subscribe(CUpti_CallbackFunc callback) {
  static const FakeListener listener = {on_event, on_context, on_launch};
  if (getenv("FAKE_CUPTI_OTHER")) return CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED;
  the_callback = callback;
  fake_listen(&listener);
  return CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiSubscribe(CUpti_SubscriberHandle* handle, CUpti_CallbackFunc callback, void* data) {
  (void)handle, (void)data;
  return subscribe(callback);
}
FAKE_EXPORT CUptiResult cuptiSubscribe_v2(CUpti_SubscriberHandle* handle, CUpti_CallbackFunc callback, void* data,
                                          CUpti_SubscriberParams* params) {
  (void)handle, (void)data;
  if (getenv("FAKE_CUPTI_OTHER")) strncpy(params->oldSubscriberName, getenv("FAKE_CUPTI_OTHER"), 60);
  return subscribe(callback);
}
FAKE_EXPORT CUptiResult cuptiUnsubscribe(CUpti_SubscriberHandle handle) { return (void)handle, CUPTI_SUCCESS; }
FAKE_EXPORT CUptiResult cuptiEnableCallback(uint32_t on, CUpti_SubscriberHandle handle, CUpti_CallbackDomain domain,
                                            CUpti_CallbackId id) {
  (void)on, (void)handle, (void)domain, (void)id;
  return CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiActivityEnable(CUpti_ActivityKind kind) { return the_kinds[kind] = 1, CUPTI_SUCCESS; }
FAKE_EXPORT CUptiResult cuptiActivityRegisterCallbacks(CUpti_BuffersCallbackRequestFunc request,
                                                       CUpti_BuffersCallbackCompleteFunc complete) {
  return the_request = request, the_complete = complete, CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiActivityRegisterTimestampCallback(CUpti_TimestampCallbackFunc now) {
  return (void)now, CUPTI_SUCCESS; /* the same clock */
}
FAKE_EXPORT CUptiResult cuptiActivityFlushAll(uint32_t how) { return (void)how, hand_over(), CUPTI_SUCCESS; }
FAKE_EXPORT CUptiResult cuptiActivityGetNumDroppedRecords(CUcontext context, uint32_t stream, size_t* dropped) {
  static int told;
  const char* lost = getenv("FAKE_CUPTI_DROPPED");
  (void)context, (void)stream;
  *dropped = lost && !told++ ? (size_t)atoi(lost) : 0;
  return CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiActivityGetNextRecord(uint8_t* buffer, size_t valid, CUpti_Activity** record) {
  uint8_t* at = (uint8_t*)*record;
  size_t step = 0;
  if (at) {
    switch ((*record)->kind) {
      case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL:
        step = sizeof(CUpti_ActivityKernel10);
        break;
      case CUPTI_ACTIVITY_KIND_MEMCPY:
        step = sizeof(CUpti_ActivityMemcpy6);
        break;
      case CUPTI_ACTIVITY_KIND_DRIVER:
        step = sizeof(CUpti_ActivityAPI);
        break;
      case CUPTI_ACTIVITY_KIND_MARKER:
        step = sizeof(CUpti_ActivityMarker2);
        break;
      default:
        step = sizeof(CUpti_ActivityMemory4);
    }
  }
  at = at ? at + step : buffer;
  if (at >= buffer + valid) return CUPTI_ERROR_MAX_LIMIT_REACHED;
  return *record = (CUpti_Activity*)at, CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiGetCallbackName(CUpti_CallbackDomain domain, uint32_t id, const char** name) {
  (void)domain;
  return *name = id == 1 ? "cuMemcpyAsync" : "cuLaunchKernel_v4000", CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiGetResultString(CUptiResult result, const char** text) {
  (void)result;
  return *text = "an error of the fake", CUPTI_SUCCESS;
}
FAKE_EXPORT CUptiResult cuptiGetVersion(uint32_t* version) { return *version = 130000, CUPTI_SUCCESS; }
