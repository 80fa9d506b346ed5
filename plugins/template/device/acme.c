/* A simulator of the device: it takes the time that a kernel is said to take, and does nothing else. */
#define _GNU_SOURCE
#include "acme.h"

#include <stdlib.h>
#include <time.h>

/* The device was switched on this long before the host: its clock is another one. */
#define CLOCK_OFFSET 123456789012345

static AcmeListener the_listener;
static uint64_t launches;

int64_t acme_clock(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec + CLOCK_OFFSET;
}

/* A tool that is to listen is named by ACME_TOOL, as with other vendors' runtimes. */
#include <dlfcn.h>
__attribute__((constructor)) static void load_tool(void) {
  const char* tool = getenv("ACME_TOOL");
  if (!tool || !*tool) return;
  void* library = dlopen(tool, RTLD_NOW | RTLD_LOCAL);
  void (*attach)(void) = library ? (void (*)(void))dlsym(library, "acme_tool_attach") : NULL;
  if (attach) attach();
}

int acme_device_count(void) { return 1; }
void acme_set_listener(AcmeListener listener) { the_listener = listener; }

static void run(AcmeActivity* activity, int64_t nanoseconds) {
  activity->launch = ++launches;
  activity->queued = activity->start = acme_clock();
  do {
    activity->end = acme_clock();
  } while (activity->end - activity->start < nanoseconds);
  if (the_listener) the_listener(activity);
}

void acme_launch(const char* kernel, uint32_t groups, uint32_t items, uint32_t microseconds) {
  AcmeActivity activity = {.name = kernel, .groups = groups, .items = items};
  run(&activity, (int64_t)microseconds * 1000);
}

void acme_copy(int to_device, size_t bytes) {
  AcmeActivity activity = {.is_copy = 1, .to_device = to_device, .bytes = bytes};
  run(&activity, (int64_t)bytes / 10); /* 10 GB/s */
}

void acme_wait(void) {}
