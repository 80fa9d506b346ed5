// Functions of ours in the dispatch table. Each calls the target's and tells the tracer.
#pragma once

#include "plugins/opencl/layer/tracer.h"

namespace ridgeline::opencl {

// They replace what the target has; what it lacks stays NULL.
void interceptQueues(const cl_icd_dispatch& target, cl_icd_dispatch& ours);
void interceptKernels(const cl_icd_dispatch& target, cl_icd_dispatch& ours);
void interceptCopies(const cl_icd_dispatch& target, cl_icd_dispatch& ours);
void interceptWaits(const cl_icd_dispatch& target, cl_icd_dispatch& ours);

// Puts a command into a queue: `call(event)` does it, and `describe()` says what it is once it was accepted.
// `blocking`: the call waits for the command.
template <class Describe, class Call>
cl_int enqueue(cl_command_queue queue, cl_event* event, const char* function, bool blocking, Describe&& describe,
               Call&& call) {
  auto& tracer = Tracer::get();
  if (!tracer.isWatched(queue)) return call(event);
  cl_event own = nullptr;
  cl_event* const signalled = event ? event : &own;
  const int64_t start = ridgeline_spool_now();
  const cl_int status = call(signalled);
  const int64_t end = ridgeline_spool_now();
  if (status != CL_SUCCESS || !*signalled) return status;
  // The program may release its event as soon as it has it.
  if (event) tracer.target().clRetainEvent(*signalled);
  tracer.enqueued(queue, *signalled, describe(), function, start, end, blocking);
  return status;
}

}  // namespace ridgeline::opencl
