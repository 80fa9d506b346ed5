// The whole way from a program to a profile, with a driver, a CUPTI and an NVML that need no GPU
// (tests/plugin_libraries/ cuda): the helper asks the plugin, the driver loads the tracing library, buffers are
// decoded, spooled and ingested.
#include "base/files.h"
#include "collector/launch/record_command.h"
#include "profile/profile.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>

using namespace ridgeline;
using namespace ridgeline::collector;

namespace {

// Set while it lives.
class Variable {
 public:
  Variable(std::string name, const std::string& value) : m_name(std::move(name)) {
    ::setenv(m_name.c_str(), value.c_str(), 1);
  }
  ~Variable() { ::unsetenv(m_name.c_str()); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  std::string m_name;
};

std::string fakes() { return std::string(RIDGELINE_TEST_LIBRARIES) + "/cuda"; }

struct Recorded {
  Recorded()
      : folder(*TemporaryFolder::create("test-cuda")),
        cache("RIDGELINE_CACHE_DIR", folder.path().string()),
        libraries("LD_LIBRARY_PATH", fakes()) {}

  Result<CommandSummary> record(std::vector<std::string> arguments, std::vector<std::string> counters = {}) {
    CommandRequest request{.output = folder.path() / "out.ridge", .counters = std::move(counters)};
    request.command = {fakes() + "/cuda_work"};
    request.command.insert(request.command.end(), arguments.begin(), arguments.end());
    request.plugins.folders = {std::string(RIDGELINE_RUNTIME_LIBRARIES) + "/plugins/libridgeline_cuda.so"};
    request.measureRoofs = false;  // the driver of the tests cannot
    auto summary = recordCommand(request, quietJob());
    if (summary) notes = summary->notes;
    for (const auto& n : notes) UNSCOPED_INFO(n);
    return summary;
  }
  std::string cell(const std::string& sql) {
    auto profile = profile::Profile::open(folder.path() / "out.ridge", profile::Profile::Mode::ReadOnly);
    REQUIRE(profile);
    const auto table = profile->query(sql);
    INFO(sql);
    REQUIRE(table);
    REQUIRE(table->rows.size() == 1);
    return profile::textOf(table->rows[0][0]);
  }
  bool noted(const std::string& part) const {
    return std::any_of(notes.begin(), notes.end(), [&](const auto& n) { return n.find(part) != std::string::npos; });
  }

  TemporaryFolder folder;
  Variable cache, libraries;
  std::vector<std::string> notes;
};

}  // namespace

TEST_CASE("a CUDA program is recorded whole") {
  Recorded r;
  const auto summary = r.record({});
  REQUIRE(summary);
  CHECK(summary->exitStatus == 0);
  CHECK(summary->notes.empty());
  CHECK(summary->totals.kernels == 7);
  CHECK(summary->totals.copies == 3);
  CHECK(summary->totals.lost == 0);
  CHECK(r.cell("SELECT group_concat(name, ',') FROM device") == "Made up H100");
  CHECK(r.cell("SELECT json_extract(properties, '$.multiprocessors') || ' ' || "
               "json_extract(properties, '$.compute_capability') || ' ' || json_extract(properties, '$.memory_bytes') "
               "FROM device") == "132 9.0 85899345920");
  CHECK(r.cell("SELECT COUNT(*) FROM slice s JOIN label l ON l.id = s.label WHERE s.kind = 'kernel' AND "
               "l.text = 'void gemm<128>(float*)' AND s.duration_ns = 20000") == "2");
  CHECK(r.cell("SELECT SUM(bytes) FROM copy WHERE direction = 'host_to_device' AND pinned = 0") == "8192");
  CHECK(r.cell("SELECT grid_x || 'x' || block_x || ' ' || registers FROM launch_shape ORDER BY id LIMIT 1") ==
        "4x128 32");
  CHECK(r.cell("SELECT COUNT(*) FROM kernel WHERE graph_node = 70") == "3");
}

TEST_CASE("every kernel knows its call, and the operator around it") {
  Recorded r;
  REQUIRE(r.record({}));
  // Launch: the API call with the same correlation.
  CHECK(r.cell("SELECT COUNT(*) FROM kernel k JOIN slice c ON c.id = k.launch JOIN label l ON l.id = c.label "
               "WHERE l.text = 'cuLaunchKernel' AND c.kind = 'call'") == "7");
  CHECK(r.cell("SELECT group_concat(t, '; ') FROM (SELECT DISTINCT o.text || ' > ' || n.text AS t FROM kernel k "
               "JOIN slice s ON s.id = k.slice JOIN label n ON n.id = s.label JOIN slice c ON c.id = k.caller "
               "JOIN label o ON o.id = c.label ORDER BY k.slice)") ==
        "aten::linear > void gemm<128>(float*); aten::relu > relu(float*)");
  CHECK(r.cell("SELECT group_concat(DISTINCT l.text) FROM copy k JOIN slice c ON c.id = k.caller "
               "JOIN label l ON l.id = c.label") == "aten::linear");
  // Ranges of PyTorch's profiler are operators; others stay ranges.
  CHECK(r.cell("SELECT COUNT(*) FROM slice WHERE kind = 'operator'") == "4");
  CHECK(r.cell("SELECT COUNT(*) FROM slice s JOIN label l ON l.id = s.label WHERE s.kind = 'range' AND "
               "l.text = 'step'") == "2");
  CHECK(r.cell("SELECT op_type || ' ' || calls_per_run FROM operator WHERE name = 'aten::linear'") == "linear 2.0");
  CHECK(r.cell("SELECT input_shapes FROM operator WHERE name LIKE '%linear%'") == "8x64, 32x64");
  // Graph launches are in no range.
  CHECK(r.cell("SELECT COUNT(*) FROM kernel WHERE graph_node = 70 AND caller IS NULL AND launch IS NOT NULL") == "3");
}

TEST_CASE("power, energy and memory are series of the device") {
  Recorded r;
  REQUIRE(r.record({}));
  CHECK(r.cell("SELECT MIN(value) || ' ' || MAX(value) || ' ' || s.unit FROM sample p JOIN series s ON s.id = p.series "
               "WHERE s.name = 'power'") == "300.0 300.0 W");
  CHECK(std::stod(r.cell("SELECT MAX(value) FROM sample p JOIN series s ON s.id = p.series WHERE s.name = 'energy' "
                         "AND s.unit = 'J'")) >= 1);
  CHECK(r.cell("SELECT group_concat(CAST(value AS INTEGER), ' ') FROM (SELECT value FROM sample p JOIN series s ON "
               "s.id = p.series WHERE s.name = 'memory_in_use' AND s.unit = 'byte' ORDER BY at_ns)") == "1048576 0");
  CHECK(r.cell("SELECT COUNT(*) FROM series s JOIN device d ON d.id = s.device WHERE d.name = 'Made up H100'") == "3");
  // A device as a whole has no row of the timeline.
  CHECK(r.cell("SELECT COUNT(*) FROM track WHERE name LIKE 'device%'") == "0");
}

TEST_CASE("counting is a run of its own, put to the kernels of the first") {
  Recorded r;
  const auto summary = r.record({}, {"roofline"});
  REQUIRE(summary);
  CHECK(
      r.noted("counting flops, tensor_flops, dram_bytes, l2_bytes, tensor_active on GH100: the command runs a second "
              "time, and every kernel in it 7 times"));
  CHECK(r.noted("counted 4 of 7 kernels, in a second run of the command"));  // not the graph's
  // gemm<128>: 4 x 128 threads, each a multiply-add and eight bytes, and 1000 operations in tensor cores.
  CHECK(r.cell("SELECT group_concat(DISTINCT v.value) FROM kernel_counter v JOIN counter_kind k ON k.id = v.counter "
               "JOIN slice s ON s.id = v.slice JOIN label l ON l.id = s.label WHERE k.name = 'flops' AND "
               "k.unit = 'FLOP' AND v.provenance = 'measured' AND l.text LIKE '%gemm%'") == "2024.0");
  CHECK(r.cell("SELECT CAST(SUM(v.value) AS INTEGER) FROM kernel_counter v JOIN counter_kind k ON k.id = v.counter "
               "WHERE k.name = 'dram_bytes'") == std::to_string(2 * 8 * (4 * 128 + 8 * 256)));
  CHECK(r.cell("SELECT MAX(value) FROM kernel_counter v JOIN counter_kind k ON k.id = v.counter WHERE "
               "k.name = 'tensor_active'") == "0.5");
  // The trace is the undisturbed one.
  CHECK(r.cell("SELECT COUNT(*) FROM kernel") == "7");
  CHECK(r.cell("SELECT flops || ' ' || bytes || ' ' || provenance_work FROM kernel_group g JOIN label l ON "
               "l.id = g.label WHERE l.text LIKE '%gemm%'") == "4048.0 8192.0 measured");
}

TEST_CASE("without permission to count there is a trace, and the reason") {
  Recorded r;
  const Variable forbidden("FAKE_CUPTI_FORBIDDEN", "1");
  const auto summary = r.record({}, {"roofline"});
  REQUIRE(summary);
  CHECK(r.noted("NVreg_RestrictProfilingToAdminUsers=0"));
  CHECK(r.noted("CAP_SYS_ADMIN"));
  CHECK(summary->totals.kernels == 7);
  CHECK(r.cell("SELECT COUNT(*) FROM kernel_counter") == "0");
}

TEST_CASE("counters that no chip has are refused before the command runs") {
  Recorded r;
  const auto summary = r.record({}, {"flux"});
  REQUIRE_FALSE(summary);
  CHECK(summary.error().code == ErrorCode::Usage);
  CHECK(summary.error().message.find("CUDA has no counter flux") != std::string::npos);
}

TEST_CASE("a program that is killed keeps its trace up to the last buffers") {
  Recorded r;
  const Variable small("FAKE_CUPTI_RECORDS", "8");
  const auto summary = r.record({"killed"});
  REQUIRE(summary);
  CHECK(summary->signal == 9);
  CHECK(r.noted("the command was ended by signal 9"));
  // Of 29 records 24 were handed over: all but the end of the second step, and the graph.
  CHECK(summary->totals.kernels == 4);
  CHECK(r.cell("SELECT COUNT(*) FROM slice WHERE kind = 'range'") == "1");
}

TEST_CASE("lost and spoiled records are counted and shown") {
  Recorded r;
  const Variable drops("FAKE_CUPTI_DROPPED", "5");
  const auto summary = r.record({"spoil"});
  REQUIRE(summary);
  CHECK(summary->totals.kernels == 7);
  CHECK(summary->totals.lost == 6);
  CHECK(r.cell("SELECT SUM(count) FROM intake WHERE kept = 0 AND note = 'dropped by CUPTI'") == "5");
  CHECK(r.cell("SELECT SUM(count) FROM intake WHERE kept = 0 AND note LIKE '%no times that make sense'") == "1");
}

TEST_CASE("another profiler in the process is named") {
  Recorded r;
  const Variable other("FAKE_CUPTI_OTHER", "CUPTI for Other Tool");
  const auto summary = r.record({});
  REQUIRE(summary);
  CHECK(summary->exitStatus == 0);
  CHECK(r.noted("there is no trace: CUPTI for Other Tool is at work in the process"));
}

TEST_CASE("without a GPU the program fails as it does, and the reason is told") {
  Recorded r;
  const Variable none("FAKE_CUDA_NO_DEVICE", "1");
  const auto summary = r.record({}, {"roofline"});
  REQUIRE(summary);
  CHECK(summary->exitStatus == 3);
  CHECK(r.noted("nothing is counted: the NVIDIA driver does not start: no CUDA-capable device is detected"));
  CHECK(r.noted("nothing was recorded: the command used no device of the plugins cuda"));
}

TEST_CASE("the exit status is the program's") {
  Recorded r;
  CHECK(r.record({"fail"})->exitStatus == 3);
}

TEST_CASE("series can be turned off") {
  Recorded r;
  CommandRequest request{.command = {fakes() + "/cuda_work"}, .output = r.folder.path() / "out.ridge"};
  request.plugins.folders = {std::string(RIDGELINE_RUNTIME_LIBRARIES) + "/plugins/libridgeline_cuda.so"};
  request.plugins.values["cuda"] = {{"power", "0"}, {"memory", "0"}, {"nvtx", "0"}};
  request.measureRoofs = false;
  REQUIRE(recordCommand(request, quietJob()));
  CHECK(r.cell("SELECT COUNT(*) FROM series") == "0");
  CHECK(r.cell("SELECT COUNT(*) FROM slice WHERE kind IN ('range', 'operator')") == "0");
}
