// Calls in which the host waits, or works for long: they explain why a device has nothing to do.
#include "plugins/opencl/layer/intercept.h"

namespace ridgeline::opencl {
namespace {

const cl_icd_dispatch& target() { return Tracer::get().target(); }

template <class Call>
cl_int timed(const char* function, int32_t kind, Call&& call) {
  const int64_t start = ridgeline_spool_now();
  const cl_int status = call();
  Tracer::get().called(function, kind, start, ridgeline_spool_now(), status);
  return status;
}

cl_int CL_API_CALL finish(cl_command_queue queue) {
  return timed("clFinish", RIDGELINE_SYNC, [&] { return target().clFinish(queue); });
}

cl_int CL_API_CALL waitForEvents(cl_uint count, const cl_event* events) {
  return timed("clWaitForEvents", RIDGELINE_SYNC, [&] { return target().clWaitForEvents(count, events); });
}

cl_int CL_API_CALL buildProgram(cl_program program, cl_uint count, const cl_device_id* devices, const char* options,
                                void(CL_CALLBACK* notify)(cl_program, void*), void* data) {
  return timed("clBuildProgram", RIDGELINE_CALL,
               [&] { return target().clBuildProgram(program, count, devices, options, notify, data); });
}

}  // namespace

void interceptWaits(const cl_icd_dispatch& target, cl_icd_dispatch& ours) {
  if (target.clFinish) ours.clFinish = finish;
  if (target.clWaitForEvents) ours.clWaitForEvents = waitForEvents;
  if (target.clBuildProgram) ours.clBuildProgram = buildProgram;
}

}  // namespace ridgeline::opencl
