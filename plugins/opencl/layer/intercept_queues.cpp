// Queues: profiling is switched on for all of them, and the program is not told.
#include "plugins/opencl/layer/intercept.h"

#include <cstring>

namespace ridgeline::opencl {
namespace {

const cl_icd_dispatch& target() { return Tracer::get().target(); }

cl_command_queue CL_API_CALL createQueue(cl_context context, cl_device_id device,
                                         cl_command_queue_properties properties, cl_int* error) {
  auto queue = target().clCreateCommandQueue(context, device, properties | CL_QUEUE_PROFILING_ENABLE, error);
  if (!queue) return target().clCreateCommandQueue(context, device, properties, error);
  Tracer::get().queueMade(queue, device, properties & CL_QUEUE_PROFILING_ENABLE, {});
  return queue;
}

cl_command_queue CL_API_CALL createQueueWith(cl_context context, cl_device_id device,
                                             const cl_queue_properties* properties, cl_int* error) {
  std::vector<cl_queue_properties> given, changed;
  for (const auto* p = properties; p && *p; p += 2) given.insert(given.end(), {p[0], p[1]});
  changed = given;
  cl_queue_properties* flags = nullptr;
  for (size_t i = 0; i + 1 < changed.size(); i += 2) {
    if (changed[i] == CL_QUEUE_PROPERTIES) flags = &changed[i + 1];
  }
  if (!flags) {
    changed.insert(changed.end(), {CL_QUEUE_PROPERTIES, 0});
    flags = &changed.back();
  }
  const auto asked = *flags;
  *flags |= CL_QUEUE_PROFILING_ENABLE;
  changed.push_back(0);
  auto queue = target().clCreateCommandQueueWithProperties(context, device, changed.data(), error);
  if (!queue) return target().clCreateCommandQueueWithProperties(context, device, properties, error);
  if (properties) given.push_back(0);
  // Kernels that kernels launch have no events that the host sees.
  if (!(asked & CL_QUEUE_ON_DEVICE)) {
    Tracer::get().queueMade(queue, device, asked & CL_QUEUE_PROFILING_ENABLE, std::move(given));
  }
  return queue;
}

cl_int CL_API_CALL queueInfo(cl_command_queue queue, cl_command_queue_info what, size_t size, void* value,
                             size_t* sizeOut) {
  bool wanted = true;
  std::vector<cl_queue_properties> given;
  const bool ours = Tracer::get().propertiesOf(queue, wanted, given);
  if (ours && what == CL_QUEUE_PROPERTIES_ARRAY) {
    const size_t bytes = given.size() * sizeof given[0];
    if (value && size < bytes) return CL_INVALID_VALUE;
    if (value) std::memcpy(value, given.data(), bytes);
    if (sizeOut) *sizeOut = bytes;
    return CL_SUCCESS;
  }
  const cl_int status = target().clGetCommandQueueInfo(queue, what, size, value, sizeOut);
  if (ours && !wanted && status == CL_SUCCESS && what == CL_QUEUE_PROPERTIES && value) {
    *static_cast<cl_command_queue_properties*>(value) &= ~cl_command_queue_properties{CL_QUEUE_PROFILING_ENABLE};
  }
  return status;
}

}  // namespace

void interceptQueues(const cl_icd_dispatch& target, cl_icd_dispatch& ours) {
  if (target.clCreateCommandQueue) ours.clCreateCommandQueue = createQueue;
  if (target.clCreateCommandQueueWithProperties) ours.clCreateCommandQueueWithProperties = createQueueWith;
  if (target.clGetCommandQueueInfo) ours.clGetCommandQueueInfo = queueInfo;
}

}  // namespace ridgeline::opencl
