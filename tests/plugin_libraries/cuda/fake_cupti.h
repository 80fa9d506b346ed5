/* What the two halves of the fake CUPTI share. */
#ifndef FAKE_CUPTI_H
#define FAKE_CUPTI_H

#include "fake_cuda.h"

#include <cupti.h>
#include <cupti_profiler_host.h>
#include <cupti_profiler_target.h>
#include <cupti_range_profiler.h>
#include <cupti_target.h>
#include <stdlib.h>
#include <string.h>

void fake_count(const FakeEvent* kernel);
int fake_is_counting(void);

#endif
