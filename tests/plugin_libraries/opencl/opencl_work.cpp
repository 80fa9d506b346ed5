// An OpenCL program like any other, that says what it did: counts, and its own event times.
//   opencl_work profiled|plain|killed
#include "plugins/opencl/common/cl_headers.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr const char* kSource = R"cl(
kernel void scale(global float* x, float f) {
  const size_t i = get_global_id(0);
  float v = x[i];
  for (int k = 0; k < 2000; ++k) v = v * f + 0.5f;
  x[i] = v;
}
kernel void add(global float* x) { x[get_global_id(0)] += 1.0f; }
)cl";
constexpr size_t kItems = 4096, kGroup = 64;

[[noreturn]] void die(const char* what, int code) {
  std::fprintf(stderr, "%s: %d\n", what, code);
  std::exit(1);
}
void need(cl_int code, const char* what) {
  if (code != CL_SUCCESS) die(what, code);
}

struct Totals {
  long long kernels = 0, copies = 0, kernelNs = 0, scaleNs = 0, written = 0, read = 0, grouped = 0;
};

long long nsOf(cl_event event) {
  cl_ulong start = 0, end = 0;
  need(clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_START, sizeof start, &start, nullptr), "start");
  need(clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof end, &end, nullptr), "end");
  clReleaseEvent(event);
  return static_cast<long long>(end - start);
}

// The layer must not show that it switched profiling on.
void checkProperties(cl_command_queue queue, bool profiled) {
  cl_command_queue_properties properties = 0;
  need(clGetCommandQueueInfo(queue, CL_QUEUE_PROPERTIES, sizeof properties, &properties, nullptr), "properties");
  if (((properties & CL_QUEUE_PROFILING_ENABLE) != 0) != profiled) die("the queue's properties are not ours", 0);
}

void report(const Totals& t, int queues) {
  std::printf("kernels %lld\ncopies %lld\nkernel_ns %lld\nscale_ns %lld\nbytes_written %lld\nbytes_read %lld\n",
              t.kernels, t.copies, t.kernelNs, t.scaleNs, t.written, t.read);
  std::printf("grouped %lld\nqueues %d\n", t.grouped, queues);
  std::fflush(stdout);
}

void work(cl_context context, cl_command_queue queue, cl_program program, bool profiled, Totals& t) {
  cl_int error = 0;
  std::vector<float> data(kItems, 1.0f);
  cl_mem buffer = clCreateBuffer(context, CL_MEM_READ_WRITE, kItems * 4, nullptr, &error);
  need(error, "buffer");
  cl_kernel scale = clCreateKernel(program, "scale", &error), add = clCreateKernel(program, "add", &error);
  need(error, "kernel");
  const float factor = 0.5f;
  clSetKernelArg(scale, 0, sizeof buffer, &buffer);
  clSetKernelArg(scale, 1, sizeof factor, &factor);
  clSetKernelArg(add, 0, sizeof buffer, &buffer);
  need(clEnqueueWriteBuffer(queue, buffer, CL_TRUE, 0, kItems * 4, data.data(), 0, nullptr, nullptr), "write");
  ++t.copies, t.written += kItems * 4;
  std::vector<cl_event> scales, adds;
  for (int i = 0; i < 50; ++i) {
    cl_event a = nullptr, b = nullptr;
    const bool grouped = i % 2 == 0;
    need(clEnqueueNDRangeKernel(queue, scale, 1, nullptr, &kItems, grouped ? &kGroup : nullptr, 0, nullptr,
                                profiled ? &a : nullptr),
         "scale");
    need(clEnqueueNDRangeKernel(queue, add, 1, nullptr, &kItems, nullptr, 0, nullptr, profiled ? &b : nullptr), "add");
    t.kernels += 2, t.grouped += grouped;
    if (profiled) scales.push_back(a), adds.push_back(b);
  }
  need(clFinish(queue), "finish");
  for (auto e : scales) {
    const auto ns = nsOf(e);
    t.kernelNs += ns, t.scaleNs += ns;
  }
  for (auto e : adds) t.kernelNs += nsOf(e);
  need(clEnqueueReadBuffer(queue, buffer, CL_TRUE, 0, kItems * 4, data.data(), 0, nullptr, nullptr), "read");
  ++t.copies, t.read += kItems * 4;
  if (!(data[0] > 1.9f && data[0] < 2.1f)) die("the result is wrong", static_cast<int>(data[0] * 1000));
  clReleaseKernel(scale), clReleaseKernel(add), clReleaseMemObject(buffer);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "profiled";
  const bool profiled = mode == "profiled";
  cl_platform_id platform = nullptr;
  cl_device_id device = nullptr;
  need(clGetPlatformIDs(1, &platform, nullptr), "platform");
  need(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, nullptr), "device");
  cl_int error = 0;
  cl_context context = clCreateContext(nullptr, 1, &device, nullptr, nullptr, &error);
  need(error, "context");
  cl_program program = clCreateProgramWithSource(context, 1, const_cast<const char**>(&kSource), nullptr, &error);
  need(error, "program");
  need(clBuildProgram(program, 1, &device, "", nullptr, nullptr), "build");

  Totals totals;
  cl_command_queue first = clCreateCommandQueue(context, device, profiled ? CL_QUEUE_PROFILING_ENABLE : 0, &error);
  need(error, "queue");
  checkProperties(first, profiled);
  work(context, first, program, profiled, totals);
  const cl_queue_properties list[] = {CL_QUEUE_PROPERTIES, profiled ? CL_QUEUE_PROFILING_ENABLE : 0u, 0};
  cl_command_queue second = clCreateCommandQueueWithProperties(context, device, profiled ? list : nullptr, &error);
  need(error, "queue with properties");
  checkProperties(second, profiled);
  work(context, second, program, profiled, totals);
  report(totals, 2);
  if (mode == "killed") {
    for (int i = 0; i < 10; ++i) work(context, second, program, false, totals);
    std::raise(SIGKILL);
  }
  clReleaseCommandQueue(first), clReleaseCommandQueue(second);
  clReleaseProgram(program), clReleaseContext(context);
  return 0;
}
