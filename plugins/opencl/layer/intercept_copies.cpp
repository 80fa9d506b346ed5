// Whatever moves or sets bytes.
#include "plugins/opencl/layer/intercept.h"

namespace ridgeline::opencl {
namespace {

const cl_icd_dispatch& target() { return Tracer::get().target(); }

Command copyCommand(int32_t kind, uint64_t bytes, const char* name = "") {
  Command command;
  command.copyKind = kind;
  command.bytes = bytes;
  command.name = name;
  return command;
}

uint64_t volume(const size_t* region) { return region ? uint64_t{region[0]} * region[1] * region[2] : 0; }

uint64_t imageBytes(cl_mem image, const size_t* region) {
  size_t element = 0;
  if (target().clGetImageInfo(image, CL_IMAGE_ELEMENT_SIZE, sizeof element, &element, nullptr) != CL_SUCCESS) return 0;
  return volume(region) * element;
}

// The arguments that every one of them ends with.
#define REST cl_uint waits, const cl_event *waitList, cl_event *event
#define PASS waits, waitList, e

cl_int CL_API_CALL readBuffer(cl_command_queue q, cl_mem b, cl_bool blocking, size_t offset, size_t size, void* p,
                              REST) {
  return enqueue(
      q, event, "clEnqueueReadBuffer", blocking, [&] { return copyCommand(RIDGELINE_DEVICE_TO_HOST, size); },
      [&](cl_event* e) { return target().clEnqueueReadBuffer(q, b, blocking, offset, size, p, PASS); });
}
cl_int CL_API_CALL writeBuffer(cl_command_queue q, cl_mem b, cl_bool blocking, size_t offset, size_t size,
                               const void* p, REST) {
  return enqueue(
      q, event, "clEnqueueWriteBuffer", blocking, [&] { return copyCommand(RIDGELINE_HOST_TO_DEVICE, size); },
      [&](cl_event* e) { return target().clEnqueueWriteBuffer(q, b, blocking, offset, size, p, PASS); });
}
cl_int CL_API_CALL copyBuffer(cl_command_queue q, cl_mem from, cl_mem to, size_t fromOffset, size_t toOffset,
                              size_t size, REST) {
  return enqueue(
      q, event, "clEnqueueCopyBuffer", false, [&] { return copyCommand(RIDGELINE_DEVICE_TO_DEVICE, size); },
      [&](cl_event* e) { return target().clEnqueueCopyBuffer(q, from, to, fromOffset, toOffset, size, PASS); });
}
cl_int CL_API_CALL readRect(cl_command_queue q, cl_mem b, cl_bool blocking, const size_t* bo, const size_t* ho,
                            const size_t* region, size_t br, size_t bs, size_t hr, size_t hs, void* p, REST) {
  return enqueue(
      q, event, "clEnqueueReadBufferRect", blocking,
      [&] { return copyCommand(RIDGELINE_DEVICE_TO_HOST, volume(region)); },
      [&](cl_event* e) {
        return target().clEnqueueReadBufferRect(q, b, blocking, bo, ho, region, br, bs, hr, hs, p, PASS);
      });
}
cl_int CL_API_CALL writeRect(cl_command_queue q, cl_mem b, cl_bool blocking, const size_t* bo, const size_t* ho,
                             const size_t* region, size_t br, size_t bs, size_t hr, size_t hs, const void* p, REST) {
  return enqueue(
      q, event, "clEnqueueWriteBufferRect", blocking,
      [&] { return copyCommand(RIDGELINE_HOST_TO_DEVICE, volume(region)); },
      [&](cl_event* e) {
        return target().clEnqueueWriteBufferRect(q, b, blocking, bo, ho, region, br, bs, hr, hs, p, PASS);
      });
}
cl_int CL_API_CALL copyRect(cl_command_queue q, cl_mem from, cl_mem to, const size_t* fo, const size_t* to_,
                            const size_t* region, size_t fr, size_t fs, size_t tr, size_t ts, REST) {
  return enqueue(
      q, event, "clEnqueueCopyBufferRect", false,
      [&] { return copyCommand(RIDGELINE_DEVICE_TO_DEVICE, volume(region)); },
      [&](cl_event* e) {
        return target().clEnqueueCopyBufferRect(q, from, to, fo, to_, region, fr, fs, tr, ts, PASS);
      });
}
cl_int CL_API_CALL fillBuffer(cl_command_queue q, cl_mem b, const void* pattern, size_t patternSize, size_t offset,
                              size_t size, REST) {
  return enqueue(
      q, event, "clEnqueueFillBuffer", false, [&] { return copyCommand(RIDGELINE_SET, size); },
      [&](cl_event* e) { return target().clEnqueueFillBuffer(q, b, pattern, patternSize, offset, size, PASS); });
}
cl_int CL_API_CALL readImage(cl_command_queue q, cl_mem image, cl_bool blocking, const size_t* origin,
                             const size_t* region, size_t row, size_t slice, void* p, REST) {
  return enqueue(
      q, event, "clEnqueueReadImage", blocking,
      [&] { return copyCommand(RIDGELINE_DEVICE_TO_HOST, imageBytes(image, region)); },
      [&](cl_event* e) {
        return target().clEnqueueReadImage(q, image, blocking, origin, region, row, slice, p, PASS);
      });
}
cl_int CL_API_CALL writeImage(cl_command_queue q, cl_mem image, cl_bool blocking, const size_t* origin,
                              const size_t* region, size_t row, size_t slice, const void* p, REST) {
  return enqueue(
      q, event, "clEnqueueWriteImage", blocking,
      [&] { return copyCommand(RIDGELINE_HOST_TO_DEVICE, imageBytes(image, region)); },
      [&](cl_event* e) {
        return target().clEnqueueWriteImage(q, image, blocking, origin, region, row, slice, p, PASS);
      });
}
cl_int CL_API_CALL copyImage(cl_command_queue q, cl_mem from, cl_mem to, const size_t* fo, const size_t* to_,
                             const size_t* region, REST) {
  return enqueue(
      q, event, "clEnqueueCopyImage", false,
      [&] { return copyCommand(RIDGELINE_DEVICE_TO_DEVICE, imageBytes(from, region)); },
      [&](cl_event* e) { return target().clEnqueueCopyImage(q, from, to, fo, to_, region, PASS); });
}
cl_int CL_API_CALL fillImage(cl_command_queue q, cl_mem image, const void* colour, const size_t* origin,
                             const size_t* region, REST) {
  return enqueue(
      q, event, "clEnqueueFillImage", false, [&] { return copyCommand(RIDGELINE_SET, imageBytes(image, region)); },
      [&](cl_event* e) { return target().clEnqueueFillImage(q, image, colour, origin, region, PASS); });
}
cl_int CL_API_CALL imageToBuffer(cl_command_queue q, cl_mem image, cl_mem b, const size_t* origin, const size_t* region,
                                 size_t offset, REST) {
  return enqueue(
      q, event, "clEnqueueCopyImageToBuffer", false,
      [&] { return copyCommand(RIDGELINE_DEVICE_TO_DEVICE, imageBytes(image, region)); },
      [&](cl_event* e) { return target().clEnqueueCopyImageToBuffer(q, image, b, origin, region, offset, PASS); });
}
cl_int CL_API_CALL bufferToImage(cl_command_queue q, cl_mem b, cl_mem image, size_t offset, const size_t* origin,
                                 const size_t* region, REST) {
  return enqueue(
      q, event, "clEnqueueCopyBufferToImage", false,
      [&] { return copyCommand(RIDGELINE_DEVICE_TO_DEVICE, imageBytes(image, region)); },
      [&](cl_event* e) { return target().clEnqueueCopyBufferToImage(q, b, image, offset, origin, region, PASS); });
}
void* CL_API_CALL mapBuffer(cl_command_queue q, cl_mem b, cl_bool blocking, cl_map_flags flags, size_t offset,
                            size_t size, REST, cl_int* error) {
  void* mapped = nullptr;
  cl_int code = CL_SUCCESS;
  enqueue(
      q, event, "clEnqueueMapBuffer", blocking,
      [&] { return copyCommand(flags & CL_MAP_READ ? RIDGELINE_DEVICE_TO_HOST : RIDGELINE_OTHER_COPY, size, "map"); },
      [&](cl_event* e) {
        mapped = target().clEnqueueMapBuffer(q, b, blocking, flags, offset, size, PASS, &code);
        return code;
      });
  if (error) *error = code;
  return mapped;
}
cl_int CL_API_CALL unmap(cl_command_queue q, cl_mem memory, void* mapped, REST) {
  return enqueue(
      q, event, "clEnqueueUnmapMemObject", false, [&] { return copyCommand(RIDGELINE_OTHER_COPY, 0, "unmap"); },
      [&](cl_event* e) { return target().clEnqueueUnmapMemObject(q, memory, mapped, PASS); });
}
cl_int CL_API_CALL migrate(cl_command_queue q, cl_uint count, const cl_mem* memory, cl_mem_migration_flags flags,
                           REST) {
  return enqueue(
      q, event, "clEnqueueMigrateMemObjects", false, [&] { return copyCommand(RIDGELINE_OTHER_COPY, 0, "migrate"); },
      [&](cl_event* e) { return target().clEnqueueMigrateMemObjects(q, count, memory, flags, PASS); });
}
cl_int CL_API_CALL svmCopy(cl_command_queue q, cl_bool blocking, void* to, const void* from, size_t size, REST) {
  return enqueue(
      q, event, "clEnqueueSVMMemcpy", blocking, [&] { return copyCommand(RIDGELINE_DEVICE_TO_DEVICE, size); },
      [&](cl_event* e) { return target().clEnqueueSVMMemcpy(q, blocking, to, from, size, PASS); });
}
cl_int CL_API_CALL svmFill(cl_command_queue q, void* p, const void* pattern, size_t patternSize, size_t size, REST) {
  return enqueue(
      q, event, "clEnqueueSVMMemFill", false, [&] { return copyCommand(RIDGELINE_SET, size); },
      [&](cl_event* e) { return target().clEnqueueSVMMemFill(q, p, pattern, patternSize, size, PASS); });
}

}  // namespace

void interceptCopies(const cl_icd_dispatch& target, cl_icd_dispatch& ours) {
#define REPLACE(function, with) \
  if (target.function) ours.function = with
  REPLACE(clEnqueueReadBuffer, readBuffer);
  REPLACE(clEnqueueWriteBuffer, writeBuffer);
  REPLACE(clEnqueueCopyBuffer, copyBuffer);
  REPLACE(clEnqueueReadBufferRect, readRect);
  REPLACE(clEnqueueWriteBufferRect, writeRect);
  REPLACE(clEnqueueCopyBufferRect, copyRect);
  REPLACE(clEnqueueFillBuffer, fillBuffer);
  REPLACE(clEnqueueReadImage, readImage);
  REPLACE(clEnqueueWriteImage, writeImage);
  REPLACE(clEnqueueCopyImage, copyImage);
  REPLACE(clEnqueueFillImage, fillImage);
  REPLACE(clEnqueueCopyImageToBuffer, imageToBuffer);
  REPLACE(clEnqueueCopyBufferToImage, bufferToImage);
  REPLACE(clEnqueueMapBuffer, mapBuffer);
  REPLACE(clEnqueueUnmapMemObject, unmap);
  REPLACE(clEnqueueMigrateMemObjects, migrate);
  REPLACE(clEnqueueSVMMemcpy, svmCopy);
  REPLACE(clEnqueueSVMMemFill, svmFill);
#undef REPLACE
}

}  // namespace ridgeline::opencl
