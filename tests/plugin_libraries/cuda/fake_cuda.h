/* A driver without a GPU: what happens in a program that uses it is told to whoever listens (the fake CUPTI). */
#ifndef FAKE_CUDA_H
#define FAKE_CUDA_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { FAKE_KERNEL, FAKE_COPY, FAKE_CALL, FAKE_RANGE_BEGIN, FAKE_RANGE_END, FAKE_ALLOCATION };

typedef struct FakeEvent {
  int what;
  const char* name; /* of a kernel, as a linker has it; of a range */
  uint32_t blocks, threads;
  uint64_t bytes;
  uint32_t correlation, graph;
  int64_t start_ns, end_ns;
  int host_to_device, release;
} FakeEvent;

typedef struct FakeListener {
  void (*event)(const FakeEvent* event);
  void (*context)(void* context, int created);
  void (*launch)(const FakeEvent* kernel, void* context, int enters);
} FakeListener;

#define FAKE_EXPORT __attribute__((visibility("default")))
FAKE_EXPORT void fake_listen(const FakeListener* listener);

/* What the program does. */
FAKE_EXPORT void fake_create_context(void);
FAKE_EXPORT void fake_destroy_context(void);
FAKE_EXPORT void fake_launch(const char* name, uint32_t blocks, uint32_t threads, int64_t ns);
FAKE_EXPORT void fake_launch_graph(int nodes);
FAKE_EXPORT void fake_copy(uint64_t bytes, int host_to_device);
FAKE_EXPORT void fake_spoiled_kernel(void);
FAKE_EXPORT void fake_allocate(uint64_t bytes, int release);
FAKE_EXPORT void fake_begin_range(const char* name);
FAKE_EXPORT void fake_end_range(void);

#ifdef __cplusplus
}
#endif
#endif
