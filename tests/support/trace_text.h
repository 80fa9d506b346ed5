// Kineto traces written by hand, small enough to work out what they mean. Times are in us.
#pragma once

#include <fmt/format.h>

#include <string>

namespace ridgeline::tests {

// A call that launches; work of the same correlation is what it launched.
inline std::string launch(int correlation, int at, int length) {
  return fmt::format(R"({{"ph":"X","cat":"cuda_runtime","name":"cudaLaunchKernel","pid":1,"tid":1,"ts":{},"dur":{},)"
                     R"("args":{{"correlation":{}}}}},)",
                     at, length, correlation);
}

// `more` is further members of args: R"("grid":[8,1,1],)".
inline std::string work(const char* category, const std::string& name, int correlation, int at, int length,
                        int stream = 7, const std::string& more = "") {
  return fmt::format(R"({{"ph":"X","cat":"{}","name":"{}","pid":0,"tid":{},"ts":{},"dur":{},)"
                     R"("args":{{{}"device":0,"stream":{},"correlation":{}}}}},)",
                     category, name, stream, at, length, more, stream, correlation);
}

// Of the host: "cpu_op", "user_annotation", "cuda_runtime".
inline std::string span(const char* category, const std::string& name, int at, int length) {
  return fmt::format(R"({{"ph":"X","cat":"{}","name":"{}","pid":1,"tid":1,"ts":{},"dur":{}}},)", category, name, at,
                     length);
}

inline std::string step(int number, int at, int length) {
  return span("user_annotation", fmt::format("ProfilerStep#{}", number), at, length);
}

// Two steps of 1 ms, in each of which the device computes 300 us, the last 100 of them in `kernel`, copies 100 us, and
// waits for the host.
inline std::string twoSteps(const std::string& kernel) {
  std::string events;
  for (int n = 0; n < 2; ++n) {
    const int at = n * 1000, id = 10 * n;
    events += step(n, at, 1000) + span("cpu_op", "aten::mm", at + 10, 300) + launch(id, at + 20, 5);
    events += work("kernel", "gemm", id, at + 30, 200, 7, R"("grid":[16,2,1],"block":[128,1,1],)");
    events += span("cpu_op", "aten::add", at + 500, 100) + launch(id + 1, at + 520, 5);
    events += work("kernel", kernel, id + 1, at + 530, 100);
    events +=
        launch(id + 2, at + 540, 5) + work("gpu_memcpy", "Memcpy HtoD (Pageable -> Device)", id + 2, at + 630, 100);
  }
  return events;
}

// `gpu` is what the trace says of device 0, if anything.
inline std::string trace(std::string events, int rank = 0, const std::string& gpu = "") {
  events.pop_back();  // the last comma
  const auto devices = gpu.empty() ? gpu : fmt::format(R"("deviceProperties":[{}],)", gpu);
  return fmt::format(R"({{"schemaVersion":1,{}"distributedInfo":{{"rank":{}}},"traceEvents":[{}]}})", devices, rank,
                     events);
}

// An A100 in all that is asked of it.
inline const char* const kAmpere =
    R"({"id":0,"name":"NVIDIA A100","computeMajor":8,"computeMinor":0,"numSms":108,"totalGlobalMem":42505273344})";

}  // namespace ridgeline::tests
