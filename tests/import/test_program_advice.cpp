// Advice about recorded programs: for each rule a recording that asks for it, with a gain worked out by hand, and a
// twin that does not. Times in the recordings are in us, gains in ms of a step.
#include "analyzers/timeline/timeline.h"
#include "tests/import/support.h"
#include "tests/support/trace_text.h"

#include <algorithm>
#include <functional>
#include <map>

using namespace ridgeline;
using namespace ridgeline::tests;

namespace {

constexpr const char* kHopper =
    R"({"id":0,"name":"NVIDIA H100","computeMajor":9,"computeMinor":0,"numSms":132,"totalGlobalMem":85899345920})";
constexpr const char* kPascal =
    R"({"id":0,"name":"Quadro GP100","computeMajor":6,"computeMinor":0,"numSms":56,"totalGlobalMem":17179869184})";

using Step = std::function<std::string(int at, int id)>;

// `count` steps, one after another; a step's ids begin at a number of its own.
std::string steps(int count, int length, const Step& content, const char* gpu = kAmpere) {
  std::string events;
  for (int n = 0; n < count; ++n) events += step(n, n * length, length) + content(n * length, 100 * n);
  return trace(events, 0, gpu);
}

std::string kernel(const std::string& name, int at, int length, const std::string& more = "") {
  return work("kernel", name, 0, at, length, 7, more);
}

std::string copy(const char* name, int at, int length, int64_t bytes, int stream = 7) {
  return work("gpu_memcpy", name, 0, at, length, stream, fmt::format(R"("bytes":{},)", bytes));
}

// "rule" or "rule variant" -> predicted gain.
std::map<std::string, double> adviceOf(const std::string& text) {
  const auto made = analyzed({text});
  std::map<std::string, double> out;
  const auto rows = *made.profile.all<profile::Advice>();
  for (const auto& a : rows) {
    CHECK(a.kind == "program");
    CHECK_FALSE(a.evidence.empty());
    CHECK(a.risk.find("assumes") != std::string::npos);
    CHECK_FALSE(a.target.empty());
    out[a.variant.empty() ? a.rule : a.rule + " " + a.variant] = a.predictedGainMs.value();
  }
  return out;
}

double gain(const std::string& text, const std::string& rule) {
  const auto advice = adviceOf(text);
  INFO(rule);
  const auto found = advice.find(rule);
  REQUIRE(found != advice.end());
  return found->second;
}

bool says(const std::string& text, const std::string& rule) { return adviceOf(text).count(rule) != 0; }

// Ten kernels of 20 us, 80 us apart; launched just before each, or all of them ahead of the step.
std::string launchBound(int count, bool early) {
  return steps(count, 1000, [&](int at, int id) {
    std::string events;
    for (int k = 0; k < 10; ++k) {
      events += launch(id + k, early ? std::max(0, at - 300) + k : at + 100 * k + 20, 1);
      events += work("kernel", "k", id + k, at + 100 * k + 30, 20);
    }
    return events;
  });
}

std::string matrices(const std::string& name, const char* gpu) {
  return steps(
      3, 600, [&](int at, int) { return kernel(name, at, 500) + kernel("other", at + 500, 100); }, gpu);
}

}  // namespace

TEST_CASE("Steps of kernels that are launched one by one, too late, want a graph", "[import][advice]") {
  // 39 gaps of 80 us, less 1.5 us each, of a span of 3920 us.
  CHECK(gain(launchBound(4, false), "use-cuda-graphs") == Approx(39 * 78.5 / 3920));
  CHECK_FALSE(says(launchBound(4, true), "use-cuda-graphs"));
  CHECK_FALSE(says(launchBound(2, false), "use-cuda-graphs"));  // nothing tells that it repeats
}

TEST_CASE("Element-wise kernels in a row want to be fused", "[import][advice]") {
  const std::string e = "void at::native::vectorized_elementwise_kernel<4, add, 1>(int, float*)";
  const auto row = steps(3, 300, [&](int at, int) {
    return kernel("gemm", at, 100) + kernel(e, at + 100, 40) + kernel(e, at + 140, 30) + kernel(e, at + 170, 20);
  });
  CHECK(gain(row, "fuse-element-wise") == Approx(3 * 50.0 / 790 * 0.3));  // all but the longest
  const auto apart = steps(
      3, 300, [&](int at, int) { return kernel(e, at, 40) + kernel(e, at + 40, 30) + kernel("gemm", at + 70, 100); });
  CHECK_FALSE(says(apart, "fuse-element-wise"));
}

TEST_CASE("Matrix kernels want the fastest type their device has units for", "[import][advice]") {
  CHECK(gain(matrices("ampere_sgemm_128x64_tn", kAmpere), "use-tensor-cores tf32") == Approx(0.25));
  CHECK_FALSE(says(matrices("maxwell_sgemm_128x64_tn", kPascal), "use-tensor-cores tf32"));
  CHECK_FALSE(says(matrices("a_kernel_nobody_knows", kAmpere), "use-tensor-cores tf32"));
  CHECK(gain(matrices("sm80_xmma_gemm_tf32f32_tf32f32_f32_tn", kAmpere), "use-tensor-cores bf16") == Approx(0.165));
  CHECK(gain(matrices("ampere_bf16_s16816gemm_bf16_128x128", kHopper), "use-tensor-cores fp8") == Approx(0.125));
  CHECK_FALSE(says(matrices("ampere_bf16_s16816gemm_bf16_128x128", kAmpere), "use-tensor-cores fp8"));
}

TEST_CASE("Kernels that only reorder tensors want channels last", "[import][advice]") {
  const auto with = [](const char* name) {
    return steps(3, 500, [&](int at, int) { return kernel(name, at, 50) + kernel("conv", at + 50, 450); });
  };
  CHECK(gain(with("void cudnn::ops::nchwToNhwcKernel<float, float, float>(int)"), "keep-channels-last") ==
        Approx(0.05));
  CHECK_FALSE(says(with("void cudnn::bn_fw_inf_1C11_kernel_NCHW<float>(int)"), "keep-channels-last"));
}

TEST_CASE("Copies of pageable memory want it pinned", "[import][advice]") {
  const auto with = [](const char* name, int more) {
    return steps(3, 2000, [&](int at, int id) {
      return copy(name, at, 1000, 10'000'000 + more * id) + kernel("k", at + 1000, 1000);
    });
  };
  // At 10 GB/s; twice as fast is taken for granted, since nothing here was pinned.
  CHECK(gain(with("Memcpy HtoD (Pageable -> Device)", 1), "pin-host-memory host to device") == Approx(0.5));
  CHECK_FALSE(says(with("Memcpy HtoD (Pinned -> Device)", 1), "pin-host-memory host to device"));
  // What pinned copies of the same recording reach: 40 GB/s.
  const auto both = steps(3, 2250, [&](int at, int id) {
    return copy("Memcpy HtoD (Pageable -> Device)", at, 1000, 10'000'000 + id) +
           copy("Memcpy HtoD (Pinned -> Device)", at + 1000, 250, 10'000'000) + kernel("k", at + 1250, 1000);
  });
  CHECK(gain(both, "pin-host-memory host to device") == Approx(0.75));
}

TEST_CASE("The same bytes copied in every step want to stay on the device", "[import][advice]") {
  const auto with = [](int more) {
    return steps(4, 1000, [&](int at, int id) {
      return copy("Memcpy HtoD (Pinned -> Device)", at, 400, 8'000'000 + more * id) + kernel("k", at + 400, 600);
    });
  };
  CHECK(gain(with(0), "keep-on-device") == Approx(0.4));
  CHECK_FALSE(says(with(100'000), "keep-on-device"));  // other data each time
}

TEST_CASE("Copies and communication beside nothing want to be overlapped", "[import][advice]") {
  const auto copying = [](int begin, int stream) {
    return steps(3, 1000, [=](int at, int id) {
      return kernel("k", at, 600) +
             copy("Memcpy HtoD (Pinned -> Device)", at + begin, 400, 500'000 * (id + 1), stream) +
             kernel("k", at + 990, 10);
    });
  };
  CHECK(gain(copying(590 + 10, 7), "overlap copies") == Approx(0.195).epsilon(0.01));
  CHECK_FALSE(says(copying(100, 8), "overlap copies"));
  const auto reducing = [](int begin, int stream) {
    return steps(3, 1000, [=](int at, int) {
      return kernel("k", at, 600) + work("kernel", "ncclDevKernel_AllReduce_Sum_f32", 0, at + begin, 400, stream);
    });
  };
  CHECK(gain(reducing(600, 9), "overlap communication") == Approx(0.2));
  CHECK_FALSE(says(reducing(150, 9), "overlap communication"));
}

TEST_CASE("Launches with fewer blocks than there are multiprocessors want a larger batch", "[import][advice]") {
  const auto with = [](int blocks) {
    return steps(3, 1000, [=](int at, int) {
      return kernel("small", at, 700, fmt::format(R"("grid":[{},1,1],"block":[128,1,1],)", blocks)) +
             kernel("large", at + 700, 300, R"("grid":[4000,1,1],"block":[128,1,1],)");
    });
  };
  CHECK(gain(with(16), "batch-more") == Approx(0.35));
  CHECK_FALSE(says(with(500), "batch-more"));
}

TEST_CASE("Advice is given once, whatever the number of devices, and once more after another analysis",
          "[import][advice]") {
  const auto text = matrices("ampere_sgemm_128x64_tn", kAmpere);
  auto made = analyzed({text, text});
  REQUIRE(analyzers::analyzeTimeline(made.profile));
  CHECK(one(made.profile, "SELECT COUNT(*) FROM advice") == "1");
  CHECK(one(made.profile, "SELECT COUNT(*) FROM advice, json_each(evidence) e WHERE e.value LIKE '%for 2 devices%'") ==
        "1");
}
