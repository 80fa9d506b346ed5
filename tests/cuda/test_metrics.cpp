// Metric files, and what becomes of them on the chips that CUPTI knows. CUPTI's host API needs no GPU and no driver;
// where there is no CUPTI, these tests say so and pass.
#include "plugins/cuda/counters/host_metrics.h"
#include "plugins/cuda/counters/permission.h"
#include "plugins/cuda/counters/resolve.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace ridgeline::cuda;

namespace {

MetricCatalog read(const std::string& file) {
  MetricCatalog catalog;
  std::string why;
  REQUIRE(readMetricFile(file, catalog, why));
  return catalog;
}

std::string troubleOf(const std::string& file) {
  MetricCatalog catalog;
  std::string why;
  return readMetricFile(file, catalog, why) ? "" : why;
}

constexpr const char* kSmall = R"(
metric flops unit=FLOP
  say Operations
  term 2 fma.sum
  term 1 add.sum
  maybe 4 fma2.sum
metric tensor unit=FLOP
  every 1 ops_src_fp*.sum ops_src_tf*.sum !*_sparsity_* !*_realtime.sum
metric all unit=FLOP
  of flops
  of tensor
set roofline
  has all flops
)";

const CuptiProfiler* cupti() {
#if defined(__SANITIZE_ADDRESS__)
  WARN("left out: CUPTI loads its library in a way (RTLD_DEEPBIND) that AddressSanitizer refuses");
  return nullptr;
#else
  std::string why;
  const auto* found = CuptiProfiler::get("", why);
  if (!found) WARN(why);
  return found;
#endif
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

TEST_CASE("a metric is the sum of a chip's counters") {
  const auto catalog = read(kSmall);
  ResolvedCounters out;
  std::string why;
  REQUIRE(resolveCounters(catalog, {"flops"}, {"fma", "add"}, out, why));
  CHECK(out.counters == std::vector<std::string>{"fma.sum", "add.sum"});
  REQUIRE(out.metrics.size() == 1);
  CHECK(out.metrics[0].value({10, 3}) == 23);
  REQUIRE(resolveCounters(catalog, {"flops"}, {"fma", "add", "fma2"}, out, why));
  CHECK(out.metrics[0].value({10, 3, 5}) == 43);
}

TEST_CASE("counters that differ from chip to chip are found by pattern, without those that count the same again") {
  ResolvedCounters out;
  std::string why;
  REQUIRE(resolveCounters(
      read(kSmall), {"tensor"},
      {"ops_src_fp16", "ops_src_fp16_sparsity_on", "ops_src_tf32_dst_fp32", "ops_src_fp8_realtime", "ops_src_int8"},
      out, why));
  CHECK(out.counters == std::vector<std::string>{"ops_src_fp16.sum", "ops_src_tf32_dst_fp32.sum"});
}

TEST_CASE("a set brings its metrics, each counter once, and tells what the chip lacks") {
  ResolvedCounters out;
  std::string why;
  REQUIRE(resolveCounters(read(kSmall), {"roofline", "tensor", "l2.avg"}, {"fma", "add", "l2"}, out, why));
  CHECK(out.counters == std::vector<std::string>{"fma.sum", "add.sum", "l2.avg"});
  REQUIRE(out.metrics.size() == 3);
  CHECK(out.metrics[0].name == "all");
  CHECK(out.metrics[2].name == "l2.avg");
  CHECK(out.missing == std::vector<std::string>{"tensor"});
}

TEST_CASE("what is no counter is refused by name") {
  ResolvedCounters out;
  std::string why;
  CHECK_FALSE(resolveCounters(read(kSmall), {"flux"}, {"fma", "add"}, out, why));
  CHECK(why.rfind("there is no counter flux on this chip", 0) == 0);
  CHECK_FALSE(resolveCounters(read(kSmall), {"fma"}, {"fma"}, out, why));  // taken together how?
  CHECK_FALSE(resolveCounters(read(kSmall), {"flops"}, {"add"}, out, why));
  CHECK(why == "this chip has none of the counters that were asked for");
}

TEST_CASE("a metric file says which line makes no sense") {
  CHECK(troubleOf("metric a unit=1\n  term 1 x.sum\nmetric a unit=1\n") == "line 3: there is a metric a already");
  CHECK(troubleOf("term 1 x.sum\n") == "line 1: 'term' is not expected here");
  CHECK(troubleOf("metric a\n") == "line 1: metric NAME unit=UNIT is not whole");
  CHECK(troubleOf("metric a unit=1\n  term two x\n") == "line 2: a factor is missing");
  CHECK(troubleOf("metric a unit=1\n  term 2\n") == "line 2: a counter is missing");
  CHECK(troubleOf("metric a unit=1\n  of b\n") == "line 2: there is no metric 'b' before this line");
  CHECK(troubleOf("set s\n  has b\n") == "line 2: there is no metric 'b'");
  CHECK(troubleOf("set s\n  term 1 x\n") == "line 2: 'term' is not expected here");
}

TEST_CASE("the files that come with Ridgeline can be read, and the sets are there") {
  MetricCatalog catalog;
  for (const auto file : metricFiles()) {
    std::string why;
    INFO(why);
    CHECK(readMetricFile(file, catalog, why));
  }
  for (const char* name : {"roofline", "memory", "tensor"}) CHECK(catalog.set(name) != nullptr);
  for (const auto& metric : catalog.metrics) {
    INFO(metric.name);
    CHECK_FALSE(metric.description.empty());
    CHECK_FALSE(metric.terms.empty());
  }
}

TEST_CASE("every set is found on the chips of four generations, and CUPTI can plan it") {
  const auto* profiler = cupti();
  if (!profiler) return;
  // With a counter that only this generation has under this name, and whether it works on pairs of floats.
  const auto [chip, tensor, packed] =
      GENERATE(table<const char*, const char*, bool>({{"GA100", "sm__ops_path_tensor_src_fp16_dst_fp32.sum", false},
                                                      {"AD102", "sm__ops_path_tensor_src_fp8.sum", false},
                                                      {"GH100", "sm__ops_path_tensor_src_fp16.sum", false},
                                                      {"GB100", "sm__ops_path_tensor_src_fp4_dst_fp32.sum", true}}));
  INFO(chip);
  std::string why;
  for (const char* set : {"roofline", "memory", "tensor"}) {
    const auto host = HostMetrics::open(*profiler, chip, {}, why);
    REQUIRE(host);
    ResolvedCounters out;
    REQUIRE(resolveCounters(metricCatalog(), {set}, host->baseCounters(), out, why));
    INFO(set);
    REQUIRE(host->configure(out.counters, why));
    CHECK(host->passes() >= 1);
    CHECK(host->passes() <= 40);
    CHECK(host->image().size() > 0);
    if (std::string(set) != "roofline") continue;
    CHECK(out.missing.empty());
    CHECK(has(out.counters, "dram__bytes.sum"));
    CHECK(has(out.counters, tensor));
    CHECK(has(out.counters, "smsp__sass_thread_inst_executed_op_ffma2_pred_on.sum") == packed);
    for (const auto& counter : out.counters) {
      CHECK(counter.find("sparsity") == std::string::npos);
      CHECK(counter.find("realtime") == std::string::npos);
      CHECK(counter.find("int8") == std::string::npos);
    }
  }
}

TEST_CASE("a chip that CUPTI does not know, and counters it cannot plan, are refused with the reason") {
  const auto* profiler = cupti();
  if (!profiler) return;
  std::string why;
  CHECK_FALSE(HostMetrics::open(*profiler, "XY999", {}, why));
  CHECK(why.rfind("CUPTI cannot count on the chip XY999: ", 0) == 0);
  const auto host = HostMetrics::open(*profiler, "GH100", {}, why);
  REQUIRE(host);
  CHECK_FALSE(host->configure({"no__such_counter.sum"}, why));
}

TEST_CASE("the driver's word on who may count is heeded") {
  const std::string locked = "ModifyDeviceFiles: 1\nRmProfilingAdminOnly: 1\n";
  const std::string open = "ModifyDeviceFiles: 1\nRmProfilingAdminOnly: 0\n";
  const std::string user = "Name:\tsh\nCapEff:\t0000000000000000\n", root = "Name:\tsh\nCapEff:\t000001ffffffffff\n";
  const std::string almost = "CapEff:\t00000000a80425fb\n";  // root in a container
  CHECK(whyNotPermitted(locked, user) == "the driver lets only administrators count");
  CHECK(whyNotPermitted(locked, almost) == "the driver lets only administrators count");
  CHECK(whyNotPermitted(locked, root).empty());
  CHECK(whyNotPermitted(open, user).empty());
  CHECK(whyNotPermitted("", user).empty());  // no such file
}
