#include "plugins/opencl/plugin/opencl_library.h"

#include <dlfcn.h>

namespace ridgeline::opencl {
namespace {

template <class F>
bool find(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(::dlsym(library, name));
  return function != nullptr;
}

bool findAll(void* l, OpenClLibrary& cl) {
  return find(l, "clGetPlatformIDs", cl.queries.getPlatformIDs) &&
         find(l, "clGetPlatformInfo", cl.queries.getPlatformInfo) &&
         find(l, "clGetDeviceIDs", cl.queries.getDeviceIDs) && find(l, "clGetDeviceInfo", cl.queries.getDeviceInfo) &&
         find(l, "clCreateContext", cl.createContext) && find(l, "clReleaseContext", cl.releaseContext) &&
         find(l, "clCreateCommandQueue", cl.createCommandQueue) &&
         find(l, "clReleaseCommandQueue", cl.releaseCommandQueue) && find(l, "clCreateBuffer", cl.createBuffer) &&
         find(l, "clReleaseMemObject", cl.releaseMemObject) &&
         find(l, "clCreateProgramWithSource", cl.createProgramWithSource) &&
         find(l, "clBuildProgram", cl.buildProgram) && find(l, "clReleaseProgram", cl.releaseProgram) &&
         find(l, "clCreateKernel", cl.createKernel) && find(l, "clReleaseKernel", cl.releaseKernel) &&
         find(l, "clSetKernelArg", cl.setKernelArg) && find(l, "clEnqueueNDRangeKernel", cl.enqueueNDRangeKernel) &&
         find(l, "clFinish", cl.finish) && find(l, "clGetEventProfilingInfo", cl.getEventProfilingInfo) &&
         find(l, "clReleaseEvent", cl.releaseEvent);
}

}  // namespace

const OpenClLibrary* OpenClLibrary::get(std::string& why) {
  static OpenClLibrary cl;
  static const std::string trouble = []() -> std::string {
    void* library = ::dlopen("libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) return "there is no OpenCL loader (libOpenCL.so.1); Debian has it in ocl-icd-libopencl1";
    return findAll(library, cl) ? "" : "the OpenCL loader lacks functions of OpenCL 1.2";
  }();
  why = trouble;
  return trouble.empty() ? &cl : nullptr;
}

}  // namespace ridgeline::opencl
