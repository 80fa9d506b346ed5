// What the analysis says of recordings that are small enough to work out by hand. Times in the recordings are in us.
#include "analyzers/timeline/timeline.h"
#include "profile/levels.h"
#include "tests/import/support.h"
#include "tests/support/trace_text.h"

using namespace ridgeline;
using namespace ridgeline::tests;

namespace {

using Rows = std::vector<std::vector<std::string>>;

// The third launch waits until the first kernel has ended; the fourth comes when the device has run dry.
const std::string kFullQueue = launch(1, 0, 5) + launch(2, 10, 5) + launch(3, 20, 495) + launch(4, 1040, 5) +
                               work("kernel", "a", 1, 10, 500) + work("kernel", "b", 2, 510, 500) +
                               work("kernel", "c", 3, 1010, 10) + work("kernel", "d", 4, 1050, 100);

}  // namespace

TEST_CASE("A launch that waits for a full queue leads the critical path to the work it waited for", "[import]") {
  const auto made = analyzed({trace(kFullQueue)});
  CHECK(
      rowsOf(made.profile,
             "SELECT p.what, p.start_ns, p.duration_ns FROM path_part p WHERE p.duration_ns > 0 ORDER BY p.ordinal") ==
      Rows{{"wait", "0", "10000"},
           {"kernel", "10000", "500000"},
           {"call", "510000", "5000"},
           {"host", "515000", "525000"},
           {"launch", "1040000", "10000"},
           {"kernel", "1050000", "100000"}});
}

TEST_CASE("A device's time is split into busy and idle, and idle time into causes", "[import]") {
  const auto made = analyzed({trace(kFullQueue)});
  CHECK(rowsOf(made.profile, "SELECT duration_ns, busy_ns, compute_ns, copy_ns FROM device_use") ==
        Rows{{"1140000", "1110000", "1110000", "0"}});
  CHECK(rowsOf(made.profile, "SELECT reason, count, total_ns FROM idle_cause") == Rows{{"host", "1", "30000"}});
}

TEST_CASE("A copy beside a kernel is counted as overlapped only where both run", "[import]") {
  const auto made = analyzed({trace(work("kernel", "k", 1, 0, 100) + work("gpu_memcpy", "Memcpy HtoD", 2, 70, 90, 8) +
                                    work("kernel", "ncclDevKernel_AllReduce", 3, 90, 30, 9))});
  CHECK(rowsOf(made.profile,
               "SELECT busy_ns, compute_ns, copy_ns, copy_overlap_ns, communication_ns, communication_overlap_ns "
               "FROM device_use") == Rows{{"160000", "100000", "90000", "30000", "30000", "10000"}});
}

TEST_CASE("Operators that are in some steps only add up to the time of a step", "[import]") {
  std::string events;
  for (int step = 0; step < 3; ++step) {
    const int at = step * 1000;
    events += span("user_annotation", fmt::format("ProfilerStep#{}", step).c_str(), at, 1000);
    events += span("cpu_op", "aten::always", at + 10, 100) + launch(2 * step, at + 20, 5) +
              work("kernel", "k", 2 * step, at + 30, 10 * (step + 1));
    if (step != 1) continue;
    events += span("cpu_op", "aten::rare", at + 210, 100) + launch(2 * step + 1, at + 220, 5) +
              work("kernel", "r", 2 * step + 1, at + 230, 30);
  }
  const auto made = analyzed({trace(events)});
  CHECK(rowsOf(made.profile, "SELECT name, time_ns FROM operator ORDER BY name") ==
        Rows{{"aten::always", "20000"}, {"aten::rare", "10000"}});
  CHECK(one(made.profile, "SELECT COUNT(*) FROM run") == "3");
}

TEST_CASE("Kernels stand under the operators that launched them", "[import]") {
  const auto made =
      analyzed({trace(span("cpu_op", "outer", 0, 100) + span("cpu_op", "inner", 10, 50) + launch(1, 20, 5) +
                      work("kernel", "k", 1, 30, 40) + launch(2, 70, 5) + work("kernel", "k", 2, 80, 7))});
  CHECK(rowsOf(made.profile,
               "SELECT l.text, COALESCE(u.text, ''), t.calls, t.total_ns, t.kernel_ns FROM tree_node t "
               "JOIN label l ON l.id = t.label LEFT JOIN tree_node p ON p.id = t.parent "
               "LEFT JOIN label u ON u.id = p.label ORDER BY l.text, u.text") ==
        Rows{{"inner", "outer", "1", "50000", "40000"},
             {"k", "inner", "1", "40000", "40000"},
             {"k", "outer", "1", "7000", "7000"},
             {"outer", "", "1", "100000", "47000"}});
}

TEST_CASE("The rank that computes longest is named", "[import]") {
  const auto made = analyzed({trace(work("kernel", "k", 1, 0, 100), 0), trace(work("kernel", "k", 1, 0, 200), 1)});
  const auto found = rowsOf(made.profile, "SELECT target FROM finding WHERE text LIKE '%the others wait for it%'");
  REQUIRE(found.size() == 1);
  CHECK(found[0][0].find("rank 1") != std::string::npos);
}

TEST_CASE("A long recording gets its levels of detail when it is imported, with progress", "[import]") {
  struct Phases : Progress {
    std::vector<std::string> names;
    void phase(std::string_view name) override { names.emplace_back(name); }
  } phases;
  const StopFlag stop;
  const Scratch s;
  const auto file = s.write("a.json", trace(kFullQueue));
  const auto levelsOf = [&](const std::string& name, int64_t above) {
    collector::import::ImportRequest request{{file}, s.at(name), {}};
    request.levelsAbove = above;
    REQUIRE(collector::import::importTraces(request, {phases, stop}));
    return profile::levels::areThere(*profile::Profile::open(s.at(name), profile::Profile::Mode::ReadOnly));
  };
  CHECK_FALSE(levelsOf("short.ridge", 8));  // four launches, four kernels
  CHECK(phases.names == std::vector<std::string>{"import a.json"});
  CHECK(levelsOf("long.ridge", 7));
  CHECK(phases.names.back() == "prepare the timeline");
}
