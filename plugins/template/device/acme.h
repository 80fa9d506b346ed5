/* The Acme accelerator's own programming interface, as its vendor would have it. Nothing of Ridgeline in here. */
#ifndef ACME_H
#define ACME_H

#include <stddef.h>
#include <stdint.h>

/* How many devices this machine has. */
int acme_device_count(void);

/* Queues work; it runs in order. `groups` work-groups of `items` work-items take about `microseconds`. */
void acme_launch(const char* kernel, uint32_t groups, uint32_t items, uint32_t microseconds);
/* Moves bytes to the device (to_device != 0) or from it. */
void acme_copy(int to_device, size_t bytes);
/* Waits for everything that was queued. */
void acme_wait(void);

/* The vendor's hook for tools: called when work has ended, with times of the device's own clock. */
typedef struct AcmeActivity {
  int is_copy, to_device;
  const char* name; /* of a kernel */
  uint32_t groups, items;
  size_t bytes;
  uint64_t launch; /* counts the launches and copies of the process from 1 */
  int64_t queued, start, end;
} AcmeActivity;
typedef void (*AcmeListener)(const AcmeActivity* activity);
void acme_set_listener(AcmeListener listener);

/* The device's clock, in nanoseconds since it was switched on. */
int64_t acme_clock(void);

#endif
