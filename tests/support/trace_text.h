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
