// What the OpenCL loader calls: takes the next table, hands out one in which some functions are ours. Which of them and
// what they see is in intercept_*.cpp.
#include "plugins/opencl/layer/intercept.h"
#include "plugins/opencl/layer/tracer.h"

#include <cstring>
#include <vector>

using namespace ridgeline::opencl;

namespace {

// The loader's table may be longer than the one of our headers: what we do not know goes through as it is.
std::vector<void*> theTable;
cl_icd_dispatch theTarget;

}  // namespace

extern "C" {

__attribute__((visibility("default"))) cl_int CL_API_CALL clGetLayerInfo(cl_layer_info what, size_t size, void* value,
                                                                         size_t* sizeOut) {
  static const cl_layer_api_version version = CL_LAYER_API_VERSION_100;
  static const char name[] = "ridgeline";
  const void* answer = what == CL_LAYER_API_VERSION ? static_cast<const void*>(&version) : name;
  const size_t bytes = what == CL_LAYER_API_VERSION ? sizeof version : sizeof name;
  if (what != CL_LAYER_API_VERSION && what != CL_LAYER_NAME) return CL_INVALID_VALUE;
  if (sizeOut) *sizeOut = bytes;
  if (!value) return CL_SUCCESS;
  if (size < bytes) return CL_INVALID_VALUE;
  std::memcpy(value, answer, bytes);
  return CL_SUCCESS;
}

__attribute__((visibility("default"))) cl_int CL_API_CALL clInitLayer(cl_uint entries, const cl_icd_dispatch* target,
                                                                      cl_uint* entriesOut,
                                                                      const cl_icd_dispatch** layer) {
  constexpr size_t known = sizeof(cl_icd_dispatch) / sizeof(void*);
  // Everything up to OpenCL 1.1 must be there; the rest is checked where it is used.
  constexpr size_t needed = offsetof(cl_icd_dispatch, clSetEventCallback) / sizeof(void*) + 1;
  if (!target || !entriesOut || !layer || entries < needed) return CL_INVALID_VALUE;
  if (!theTable.empty()) return CL_INVALID_OPERATION;  // once a process
  theTable.resize(std::max<size_t>(entries, known), nullptr);
  std::memcpy(theTable.data(), target, entries * sizeof(void*));
  std::memcpy(static_cast<void*>(&theTarget), theTable.data(), sizeof theTarget);
  auto& tracer = Tracer::get();
  tracer.begin(&theTarget);
  auto* ours = reinterpret_cast<cl_icd_dispatch*>(theTable.data());
  if (tracer.on()) {
    interceptQueues(theTarget, *ours);
    interceptKernels(theTarget, *ours);
    interceptCopies(theTarget, *ours);
    interceptWaits(theTarget, *ours);
  }
  *entriesOut = entries;
  *layer = ours;
  return CL_SUCCESS;
}
}
