/* Put into every program that uses the device: turns what the vendor's hook tells into Ridgeline's records. */
#include "acme.h"

#define RIDGELINE_SPOOL_IMPLEMENTATION
#include <ridgeline_spool.h>
#include <stdlib.h>

enum { QUEUE = 1, DEVICE_CLOCK = 1 };
static RidgelineSpool* the_spool;
static int trace_copies = 1;

static void note_clocks(void) {
  RidgelineClock clock = RIDGELINE_INIT(RidgelineClock);
  clock.clock = DEVICE_CLOCK;
  const int64_t before = ridgeline_spool_now();
  clock.device_ns = acme_clock();
  const int64_t after = ridgeline_spool_now();
  clock.host_ns = before + (after - before) / 2;
  clock.uncertainty_ns = (after - before) / 2 + 1;
  ridgeline_spool_record(the_spool, RIDGELINE_RECORD_CLOCK, &clock);
}

/* At the beginning, and again in a child that was forked off, which writes a spool of its own. */
static void introduce(void) {
  RidgelineDevice device = RIDGELINE_INIT(RidgelineDevice);
  device.id = "0";
  device.name = "Acme One";
  device.kind = "npu";
  device.vendor = "Acme";
  ridgeline_spool_record(the_spool, RIDGELINE_RECORD_DEVICE, &device);
  RidgelineTrack track = RIDGELINE_INIT(RidgelineTrack);
  track.track = QUEUE;
  track.name = "queue";
  track.kind = RIDGELINE_STREAM;
  track.clock = DEVICE_CLOCK;
  track.device = "0";
  ridgeline_spool_record(the_spool, RIDGELINE_RECORD_TRACK, &track);
  note_clocks();
}

static void listen(const AcmeActivity* activity) {
  if (activity->is_copy) {
    if (!trace_copies) return;
    RidgelineCopy copy = RIDGELINE_INIT(RidgelineCopy);
    copy.track = QUEUE;
    copy.kind = activity->to_device ? RIDGELINE_HOST_TO_DEVICE : RIDGELINE_DEVICE_TO_HOST;
    copy.bytes = activity->bytes;
    copy.queued_ns = activity->queued;
    copy.start_ns = activity->start;
    copy.end_ns = activity->end;
    copy.correlation = activity->launch;
    ridgeline_spool_record(the_spool, RIDGELINE_RECORD_COPY, &copy);
  } else {
    RidgelineKernel kernel = RIDGELINE_INIT(RidgelineKernel);
    kernel.track = QUEUE;
    kernel.name = activity->name;
    kernel.grid[0] = activity->groups;
    kernel.grid[1] = kernel.grid[2] = 1;
    kernel.block[0] = activity->items;
    kernel.block[1] = kernel.block[2] = 1;
    kernel.queued_ns = activity->queued;
    kernel.start_ns = activity->start;
    kernel.end_ns = activity->end;
    kernel.correlation = activity->launch;
    ridgeline_spool_record(the_spool, RIDGELINE_RECORD_KERNEL, &kernel);
  }
}

static void detach(void) {
  acme_set_listener(NULL);
  note_clocks();
  ridgeline_spool_close(the_spool);
  the_spool = NULL;
}

/* What the vendor's runtime calls in a library that ACME_TOOL names. */
__attribute__((visibility("default"))) void acme_tool_attach(void);
void acme_tool_attach(void) {
  the_spool = ridgeline_spool_open("acme");
  if (!the_spool) return; /* nobody records this process */
  const char* copies = getenv("ACME_TRACE_COPIES");
  trace_copies = !copies || *copies != '0';
  introduce();
  pthread_atfork(NULL, NULL, introduce);
  acme_set_listener(listen);
  atexit(detach);
}
