// The OpenCL loader, found at run time: machines without it have no OpenCL, and the plugin says so.
#pragma once

#include "plugins/opencl/common/device_facts.h"

namespace ridgeline::opencl {

struct OpenClLibrary {
  DeviceQueries queries;
  cl_api_clCreateContext createContext = nullptr;
  cl_api_clReleaseContext releaseContext = nullptr;
  cl_api_clCreateCommandQueue createCommandQueue = nullptr;
  cl_api_clReleaseCommandQueue releaseCommandQueue = nullptr;
  cl_api_clCreateBuffer createBuffer = nullptr;
  cl_api_clReleaseMemObject releaseMemObject = nullptr;
  cl_api_clCreateProgramWithSource createProgramWithSource = nullptr;
  cl_api_clBuildProgram buildProgram = nullptr;
  cl_api_clReleaseProgram releaseProgram = nullptr;
  cl_api_clCreateKernel createKernel = nullptr;
  cl_api_clReleaseKernel releaseKernel = nullptr;
  cl_api_clSetKernelArg setKernelArg = nullptr;
  cl_api_clEnqueueNDRangeKernel enqueueNDRangeKernel = nullptr;
  cl_api_clFinish finish = nullptr;
  cl_api_clGetEventProfilingInfo getEventProfilingInfo = nullptr;
  cl_api_clReleaseEvent releaseEvent = nullptr;

  // The one of this process; null, with the reason in `why`, where there is none. It is never unloaded: drivers leave
  // threads behind that would lose their code.
  static const OpenClLibrary* get(std::string& why);
};

}  // namespace ridgeline::opencl
