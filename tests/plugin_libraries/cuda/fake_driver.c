/* libcuda.so.1 of the tests. */
#include "fake_cuda.h"

#include <cuda.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const FakeListener* the_listener;
static int the_context;
static uint32_t the_correlation;
static int64_t the_device_time; /* until when the device is busy */

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void fake_listen(const FakeListener* listener) { the_listener = listener; }

FAKE_EXPORT CUresult cuInit(unsigned flags) {
  static int begun;
  (void)flags;
  if (getenv("FAKE_CUDA_NO_DEVICE")) return CUDA_ERROR_NO_DEVICE;
  if (begun++) return CUDA_SUCCESS;
  const char* tool = getenv("CUDA_INJECTION64_PATH");
  void* library = tool ? dlopen(tool, RTLD_NOW) : NULL;
  int (*initialize)(void) = library ? (int (*)(void))dlsym(library, "InitializeInjection") : NULL;
  if (initialize) initialize();
  return CUDA_SUCCESS;
}
FAKE_EXPORT CUresult cuGetErrorString(CUresult error, const char** text) {
  *text = error == CUDA_ERROR_NO_DEVICE ? "no CUDA-capable device is detected" : "an error";
  return CUDA_SUCCESS;
}
FAKE_EXPORT CUresult cuDeviceGetCount(int* count) { return *count = 1, CUDA_SUCCESS; }
FAKE_EXPORT CUresult cuDeviceGet(CUdevice* device, int ordinal) { return *device = ordinal, CUDA_SUCCESS; }
FAKE_EXPORT CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  (void)device;
  strncpy(name, "Made up H100", (size_t)length);
  return CUDA_SUCCESS;
}
FAKE_EXPORT CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice device) {
  (void)device;
  return *bytes = (size_t)80 << 30, CUDA_SUCCESS;
}
FAKE_EXPORT CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute what, CUdevice device) {
  (void)device;
  *value = what == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR ? 9
           : what == CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT   ? 132
                                                                : 0;
  return CUDA_SUCCESS;
}
FAKE_EXPORT CUresult cuCtxGetDevice(CUdevice* device) {
  if (!the_context) return CUDA_ERROR_INVALID_CONTEXT;
  return *device = 0, CUDA_SUCCESS;
}
FAKE_EXPORT CUresult cuDeviceGetPCIBusId(char* id, int length, CUdevice device) {
  (void)device;
  strncpy(id, "0000:3B:00.0", (size_t)length);
  return CUDA_SUCCESS;
}

static void tell(const FakeEvent* event) {
  if (the_listener) the_listener->event(event);
}

void fake_create_context(void) {
  the_context = 1;
  if (the_listener) the_listener->context(&the_context, 1);
}
void fake_destroy_context(void) {
  if (the_listener) the_listener->context(&the_context, 0);
  the_context = 0;
}

/* The call takes a microsecond; the device does one thing after the other. */
static FakeEvent begin_call(const char* name) {
  FakeEvent call = {.what = FAKE_CALL, .name = name, .correlation = ++the_correlation, .start_ns = now()};
  call.end_ns = call.start_ns + 1000;
  return call;
}
static void put_on_device(FakeEvent* work, const FakeEvent* call, int64_t ns) {
  work->correlation = call->correlation;
  work->start_ns = call->end_ns > the_device_time ? call->end_ns : the_device_time;
  work->end_ns = the_device_time = work->start_ns + ns;
}
static void pause_for(int64_t ns) {
  for (const int64_t until = now() + ns; now() < until;) {
  }
}

void fake_launch(const char* name, uint32_t blocks, uint32_t threads, int64_t ns) {
  FakeEvent call = begin_call("cuLaunchKernel");
  FakeEvent kernel = {.what = FAKE_KERNEL, .name = name, .blocks = blocks, .threads = threads};
  put_on_device(&kernel, &call, ns);
  if (the_listener) the_listener->launch(&kernel, &the_context, 1);
  tell(&kernel);
  tell(&call);
  if (the_listener) the_listener->launch(&kernel, &the_context, 0);
  pause_for(2000);
}

void fake_launch_graph(int nodes) {
  FakeEvent call = begin_call("cuGraphLaunch");
  for (int i = 0; i < nodes; ++i) {
    FakeEvent kernel = {.what = FAKE_KERNEL, .name = "graph_node", .blocks = 1, .threads = 32, .graph = 7};
    put_on_device(&kernel, &call, 1000);
    tell(&kernel);
  }
  tell(&call);
  pause_for(2000);
}

void fake_copy(uint64_t bytes, int host_to_device) {
  FakeEvent call = begin_call("cuMemcpyAsync");
  FakeEvent copy = {.what = FAKE_COPY, .bytes = bytes, .host_to_device = host_to_device};
  put_on_device(&copy, &call, 1500);
  tell(&copy);
  tell(&call);
  pause_for(2000);
}

void fake_spoiled_kernel(void) {
  const FakeEvent kernel = {.what = FAKE_KERNEL, .name = "spoiled", .blocks = 1, .threads = 1};
  tell(&kernel);
}

void fake_allocate(uint64_t bytes, int release) {
  const FakeEvent event = {.what = FAKE_ALLOCATION, .bytes = bytes, .release = release, .start_ns = now()};
  tell(&event);
}
void fake_begin_range(const char* name) {
  const FakeEvent event = {.what = FAKE_RANGE_BEGIN, .name = name, .start_ns = now()};
  tell(&event);
}
void fake_end_range(void) {
  pause_for(2000); /* the calls inside end before it */
  const FakeEvent event = {.what = FAKE_RANGE_END, .start_ns = now()};
  tell(&event);
}
