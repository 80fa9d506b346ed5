// Kernels.
#include "plugins/opencl/layer/intercept.h"

#include <algorithm>
#include <cstdint>

namespace ridgeline::opencl {
namespace {

const cl_icd_dispatch& target() { return Tracer::get().target(); }

uint32_t fitting(size_t value) { return static_cast<uint32_t>(std::min<size_t>(value, UINT32_MAX)); }

// In groups where the program says how large a group is, else in work-items.
Command kernelCommand(cl_kernel kernel, cl_uint dimensions, const size_t* global, const size_t* local) {
  Command command;
  command.kind = Command::Kind::Kernel;
  command.name = Tracer::get().kernelName(kernel);
  for (cl_uint i = 0; i < 3; ++i) {
    const size_t items = i < dimensions && global ? global[i] : 1;
    const size_t group = local ? (i < dimensions ? local[i] : 1) : 0;
    command.grid[i] = fitting(group ? (items + group - 1) / group : items);
    command.block[i] = fitting(group);
  }
  return command;
}

cl_int CL_API_CALL enqueueKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions, const size_t* offset,
                                 const size_t* global, const size_t* local, cl_uint waits, const cl_event* waitList,
                                 cl_event* event) {
  return enqueue(
      queue, event, "clEnqueueNDRangeKernel", false, [&] { return kernelCommand(kernel, dimensions, global, local); },
      [&](cl_event* e) {
        return target().clEnqueueNDRangeKernel(queue, kernel, dimensions, offset, global, local, waits, waitList, e);
      });
}

cl_int CL_API_CALL enqueueTask(cl_command_queue queue, cl_kernel kernel, cl_uint waits, const cl_event* waitList,
                               cl_event* event) {
  static constexpr size_t one = 1;
  return enqueue(
      queue, event, "clEnqueueTask", false, [&] { return kernelCommand(kernel, 1, &one, &one); },
      [&](cl_event* e) { return target().clEnqueueTask(queue, kernel, waits, waitList, e); });
}

cl_int CL_API_CALL enqueueNative(cl_command_queue queue, void(CL_CALLBACK* function)(void*), void* arguments,
                                 size_t size, cl_uint count, const cl_mem* memory, const void** places, cl_uint waits,
                                 const cl_event* waitList, cl_event* event) {
  return enqueue(
      queue, event, "clEnqueueNativeKernel", false,
      [] {
        Command command;
        command.kind = Command::Kind::Kernel;
        command.name = "native kernel";
        return command;
      },
      [&](cl_event* e) {
        return target().clEnqueueNativeKernel(queue, function, arguments, size, count, memory, places, waits, waitList,
                                              e);
      });
}

}  // namespace

void interceptKernels(const cl_icd_dispatch& target, cl_icd_dispatch& ours) {
  if (target.clEnqueueNDRangeKernel) ours.clEnqueueNDRangeKernel = enqueueKernel;
  if (target.clEnqueueTask) ours.clEnqueueTask = enqueueTask;
  if (target.clEnqueueNativeKernel) ours.clEnqueueNativeKernel = enqueueNative;
}

}  // namespace ridgeline::opencl
