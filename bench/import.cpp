// How fast a PyTorch trace becomes a profile, and the profile is analysed: a generator stands in for the recorder.
//   bench_import [THOUSANDS]      events; default 450, which is about 110 MB
#include "collector/import/import.h"

#include "analyzers/timeline/timeline.h"
#include "base/files.h"
#include "profile/profile.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace {

using namespace ridgeline;

double cpuSeconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double megabytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// As training and inference write it: steps of 600 operators, two deep, half of which launch a kernel; every launch
// has its arrow. Six events an operator pair.
int64_t generate(const std::filesystem::path& path, int64_t events) {
  std::ofstream out(path, std::ios::binary);
  out << "{\"schemaVersion\": 1,\n\"deviceProperties\": [{\"id\": 0, \"name\": \"NVIDIA A100-SXM4-40GB\", "
         "\"computeMajor\": 8, \"computeMinor\": 0, \"numSms\": 108}],\n\"traceEvents\": [\n";
  fmt::memory_buffer text;
  int64_t written = 0, kernels = 0;
  double now = 1.7e15, free = now;  // us; the stream is free from then on
  const auto event = [&](const char* category, const std::string& name, int pid, double at, double length) {
    fmt::format_to(std::back_inserter(text),
                   "{}  {{\n    \"ph\": \"X\", \"cat\": \"{}\", \"name\": \"{}\", \"pid\": {}, "
                   "\"tid\": {},\n    \"ts\": {:.3f}, \"dur\": {:.3f}",
                   written == 0 ? "" : ",\n", category, name, pid, pid == 0 ? 7 : 4711, at, length);
    ++written;
  };
  const auto add = [&](const std::string& args) { fmt::format_to(std::back_inserter(text), "{}\n  }}", args); };
  for (int64_t pair = 0; written < events; ++pair) {
    const int64_t layer = pair % 300, id = pair + 1;
    if (layer == 0) {
      event("user_annotation", fmt::format("ProfilerStep#{}", pair / 300), 4711, now, 300 * 20.0);
      add("");
    }
    event("cpu_op", "aten::linear", 4711, now, 18);
    add(fmt::format(",\n    \"args\": {{\n      \"External id\": {},\"Record function id\": 0, \"Ev Idx\": {}\n    }}",
                    2 * id, written));
    event("cpu_op", "aten::addmm", 4711, now + 1, 16);
    add(fmt::format(
        ",\n    \"args\": {{\n      \"External id\": {},\"Input Dims\": [[{}], [64, 512], [512, {}], [], []], "
        "\"Input type\": [\"float\", \"float\", \"float\", \"Scalar\", \"Scalar\"]\n    }}",
        2 * id + 1, 16 + layer, 16 + layer));
    event("cuda_runtime", "cudaLaunchKernel", 4711, now + 4, 5.25);
    add(fmt::format(",\n    \"args\": {{\n      \"External id\": {}, \"cbid\": 211, \"correlation\": {}\n    }}",
                    2 * id + 1, id));
    const double begin = std::max(now + 12, free);
    free = begin + 10 + static_cast<double>(layer % 16);
    event("kernel", fmt::format("void network::gemm_{}<float, 128, 128>(float*, float const*, int)", layer % 40), 0,
          begin, free - begin);
    add(fmt::format(
        ",\n    \"args\": {{\n      \"External id\": {}, \"queued\": 0, \"device\": 0, \"context\": 1, \"stream\": "
        "7, \"correlation\": {},\n      \"registers per thread\": 64, \"shared memory\": 0, \"blocks per SM\": "
        "1.5, \"warps per SM\": 12,\n      \"grid\": [{}, 1, 1], \"block\": [256, 1, 1], \"est. achieved "
        "occupancy %\": 18\n    }}",
        2 * id + 1, id, 16 + layer));
    ++kernels;
    for (const char phase : {'s', 'f'}) {
      fmt::format_to(std::back_inserter(text),
                     ",\n  {{\n    \"ph\": \"{}\", \"id\": {}, \"pid\": {}, \"tid\": {}, \"ts\": {:.3f},\n    \"cat\": "
                     "\"ac2g\", \"name\": \"ac2g\"\n  }}",
                     phase, id, phase == 's' ? 4711 : 0, phase == 's' ? 4711 : 7, phase == 's' ? now + 4 : begin);
      ++written;
    }
    now += 20;
    if (text.size() > (1 << 20)) out.write(text.data(), static_cast<std::streamsize>(text.size())), text.clear();
  }
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out << "\n]}\n";
  return kernels;
}

}  // namespace

int main(int argc, char** argv) {
  const int64_t events = (argc > 1 ? std::atoll(argv[1]) : 450) * 1000;
  auto folder = TemporaryFolder::create("bench");
  if (!folder) return 4;
  const auto trace = folder->path() / "trace.json", output = folder->path() / "trace.ridge";
  const int64_t kernels = generate(trace, events);
  std::printf("%lld thousand events, %.1f MB\n", static_cast<long long>(events / 1000),
              static_cast<double>(std::filesystem::file_size(trace)) * 1e-6);
  double begin = cpuSeconds();
  auto summary = collector::import::importTraces({{trace}, output, {"bench"}}, quietJob());
  if (!summary || summary->ranks.size() != 1 || summary->ranks[0].kernels != kernels) {
    std::fprintf(stderr, "%s\n", summary ? "kernels are missing" : summary.error().text().c_str());
    return 1;
  }
  std::printf("imported  in %6.2f s of CPU, at most %5.0f MB of memory; %.1f MB of profile\n", cpuSeconds() - begin,
              megabytes(), static_cast<double>(std::filesystem::file_size(output)) * 1e-6);
  begin = cpuSeconds();
  auto profile = profile::Profile::open(output, profile::Profile::Mode::ReadWrite);
  const auto analysed = profile ? analyzers::analyzeTimeline(*profile) : Status(passOn(profile));
  if (!analysed) {
    std::fprintf(stderr, "%s\n", analysed.error().text().c_str());
    return 1;
  }
  std::printf("analysed  in %6.2f s of CPU, at most %5.0f MB of memory\n", cpuSeconds() - begin, megabytes());
  return 0;
}
