// ONNX Runtime, Nsight Compute, Nsight Systems and plain Chrome traces, written by hand.
#include "tests/import/support.h"

#include <sqlite3.h>

using namespace ridgeline;
using namespace ridgeline::tests;

namespace {

using Rows = std::vector<std::vector<std::string>>;

const std::string kOrt = R"json([
{"cat":"Session","pid":1,"tid":1,"dur":500,"ts":3,"ph":"X","name":"model_loading_uri","args":{}},
{"cat":"Node","pid":1,"tid":1,"dur":40,"ts":1005,"ph":"X","name":"conv1_fence_before","args":{"op_name":"Conv"}},
{"cat":"Node","pid":1,"tid":1,"dur":40,"ts":1010,"ph":"X","name":"conv1_kernel_time","args":{"op_name":"Conv","provider":"CPUExecutionProvider","input_type_shape":[{"float":[1,3,8,8]},{"float":[4,3,3,3]}],"output_type_shape":[{"float":[1,4,6,6]}],"node_index":"0"}},
{"cat":"Node","pid":1,"tid":1,"dur":10,"ts":1060,"ph":"X","name":"relu1_kernel_time","args":{"op_name":"Relu","provider":"CPUExecutionProvider"}},
{"cat":"Session","pid":1,"tid":1,"dur":100,"ts":1000,"ph":"X","name":"model_run","args":{}},
{"cat":"Node","pid":1,"tid":1,"dur":60,"ts":2010,"ph":"X","name":"conv1_kernel_time","args":{"op_name":"Conv","provider":"CPUExecutionProvider"}},
{"cat":"Node","pid":1,"tid":1,"dur":12,"ts":2080,"ph":"X","name":"relu1_kernel_time","args":{"op_name":"Relu","provider":"CPUExecutionProvider"}},
{"cat":"Session","pid":1,"tid":1,"dur":120,"ts":2000,"ph":"X","name":"model_run","args":{}}
])json";

const std::string kNcuLong = R"json(==PROF== Connected to process 1234 (/home/ann/bin/app)
some output of the program
==PROF== Profiling "gemm" - 1: 0%....100% - 9 passes
"ID","Process ID","Process Name","Host Name","Kernel Name","Context","Stream","Block Size","Grid Size","Device","CC","Section Name","Metric Name","Metric Unit","Metric Value"
"0","1234","app","127.0.0.1","gemm(float*, int)","1","7","(128, 1, 1)","(16, 2, 1)","0","8.0","Speed","Duration","usecond","1,234.50"
"0","1234","app","127.0.0.1","gemm(float*, int)","1","7","(128, 1, 1)","(16, 2, 1)","0","8.0","Speed","DRAM Throughput","%","45.5"
"1","1234","app","127.0.0.1","a ""quoted"" kernel","1","7","(64, 1, 1)","(4, 1, 1)","0","8.0","Speed","Duration","ns","800"
)json";

const std::string kNcuWide =
    R"json("ID","Process ID","Process Name","Host Name","Kernel Name","Context","Stream","Block Size","Grid Size","Device","CC","gpu__time_duration.sum","dram__bytes.sum"
"","","","","","","","","","","","msecond","Mbyte"
"0","1234","app","127.0.0.1","gemm","1","7","(128, 1, 1)","(16, 2, 1)","0","8.0","2","1,000"
"1","1234","app","127.0.0.1","gemm","1","7","(128, 1, 1)","(16, 2, 1)","0","8.0","0.5","nan"
)json";

std::filesystem::path nsys(const Scratch& s, const std::string& sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(s.at("x.sqlite").c_str(), &db) == SQLITE_OK);
  char* message = nullptr;
  const int rc = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &message);
  INFO((message != nullptr ? message : ""));
  REQUIRE(rc == SQLITE_OK);
  sqlite3_close(db);
  return s.at("x.sqlite");
}

}  // namespace

TEST_CASE("ONNX Runtime's nodes become operators with their time per run", "[import]") {
  const Scratch s;
  const auto made = import({s.write("ort.json", kOrt)});
  const auto& p = made.profile;
  CHECK(one(p, "SELECT format FROM rank") == "onnxruntime");
  CHECK(rowsOf(p,
               "SELECT name, op_type, provider, calls_per_run, time_ns, input_shapes, output_shapes FROM operator "
               "ORDER BY id") == Rows{{"conv1", "Conv", "CPUExecutionProvider", "1", "50000",
                                       "float32 1x3x8x8, float32 4x3x3x3", "float32 1x4x6x6"},
                                      {"relu1", "Relu", "CPUExecutionProvider", "1", "11000", "", ""}});
  CHECK(rowsOf(p, "SELECT duration_ns FROM run ORDER BY id") == Rows{{"100000"}, {"120000"}});
  CHECK(one(p, "SELECT COUNT(*) FROM slice WHERE operator IS NOT NULL AND run IS NOT NULL") == "4");
}

TEST_CASE("Nsight Compute's long table gives kernels with durations, shapes and metrics", "[import]") {
  const Scratch s;
  const auto made = import({s.write("ncu.csv", kNcuLong)});
  const auto& p = made.profile;
  CHECK(
      rowsOf(p, "SELECT l.text, s.start_ns, s.duration_ns FROM slice s JOIN label l ON l.id = s.label ORDER BY s.id") ==
      Rows{{"gemm(float*, int)", "0", "1234500"}, {"a \"quoted\" kernel", "1234500", "800"}});
  CHECK(rowsOf(p,
               "SELECT k.name, k.unit, v.value FROM kernel_counter v JOIN counter_kind k ON k.id = v.counter "
               "WHERE v.slice = 1 ORDER BY k.name") ==
        Rows{{"DRAM Throughput", "%", "45.5"}, {"Duration", "usecond", "1234.5"}});
  CHECK(rowsOf(p, "SELECT grid_x, grid_y, block_x FROM launch_shape ORDER BY id")[0] ==
        std::vector<std::string>{"16", "2", "128"});
  CHECK(one(p, "SELECT timed FROM rank") == "0");
  CHECK(one(p, "SELECT COUNT(*) FROM label WHERE text LIKE '%ann%' OR text LIKE '%127.0%'") == "0");
}

TEST_CASE("Nsight Compute's wide table has a line of units", "[import]") {
  const Scratch s;
  const auto made = import({s.write("ncu.csv", kNcuWide)});
  CHECK(rowsOf(made.profile, "SELECT duration_ns FROM slice ORDER BY id") == Rows{{"2000000"}, {"500000"}});
  CHECK(one(made.profile,
            "SELECT value FROM kernel_counter v JOIN counter_kind k ON k.id = v.counter "
            "WHERE k.name = 'dram__bytes.sum'") == "1000");
  CHECK(one(made.profile, "SELECT count FROM intake WHERE what = 'metric' AND kept = 0") == "1");
}

TEST_CASE("A device number that fits nowhere does no harm", "[import]") {
  const Scratch s;
  auto text = kNcuLong;
  text.replace(text.find("\"0\",\"8.0\""), 3, "\"1e40\"");
  CHECK(import({s.write("ncu.csv", text)}).summary.ranks[0].kernels == 2);
}

TEST_CASE("A table cut in a quote, or without kernels, is refused", "[import]") {
  const Scratch s;
  CHECK(refusal(s.write("cut.csv", kNcuLong.substr(0, kNcuLong.size() - 20))).find("cut short") != std::string::npos);
  CHECK(refusal(s.write("none.csv", kNcuLong.substr(0, kNcuLong.find("\"0\",")))).find("no kernel") !=
        std::string::npos);
}

TEST_CASE("An export with few columns and two processes is read process by process", "[import]") {
  const Scratch s;
  const auto path = nsys(s, R"json(
    CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT);
    INSERT INTO StringIds VALUES (1, 'gemm(int)'), (2, 'cudaLaunchKernel_v7000'), (3, 'step 1');
    CREATE TABLE META_DATA_EXPORT (name TEXT, value TEXT);
    CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INTEGER, "end" INTEGER, deviceId INTEGER, contextId INTEGER,
      streamId INTEGER, correlationId INTEGER, globalPid INTEGER, demangledName INTEGER, gridX INTEGER, gridY INTEGER,
      gridZ INTEGER, blockX INTEGER, blockY INTEGER, blockZ INTEGER);
    INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES (150, 250, 0, 1, 7, 5, 16777216, 1, 8, 1, 1, 32, 1, 1),
      (450, 300, 1, 1, 7, 5, 33554432, 1, 8, 1, 1, 32, 1, 1);
    CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME (start INTEGER, "end" INTEGER, globalTid INTEGER, correlationId INTEGER,
      nameId INTEGER);
    INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME VALUES (120, 130, 16777217, 5, 2), (320, 330, 33554433, 5, 2);
    CREATE TABLE NVTX_EVENTS (start INTEGER, "end" INTEGER, eventType INTEGER, text TEXT, textId INTEGER, globalTid INTEGER);
    INSERT INTO NVTX_EVENTS VALUES (100, 200, 59, NULL, 3, 16777217),
      (110, 140, 59, 'aten::mm, seq = 4, sizes = [[2, 3], [3, 5]], op_id = 9', NULL, 16777217), (90, NULL, 75, 'domain', NULL, 16777217);
    CREATE TABLE GPU_METRICS (timestamp INTEGER, value INTEGER);
    INSERT INTO GPU_METRICS VALUES (1, 2), (2, 3);
    CREATE VIEW CUPTI_ACTIVITY_KIND_MEMCPY AS SELECT * FROM CUPTI_ACTIVITY_KIND_KERNEL;
  )json");
  const auto made = import({path});
  const auto& p = made.profile;
  CHECK(rowsOf(p, "SELECT name, ordinal FROM rank ORDER BY id") == Rows{{"rank 0", "0"}, {"rank 1", "1"}});
  CHECK(rowsOf(p,
               "SELECT c.text, s.duration_ns, x.caller IS NOT NULL FROM kernel x JOIN slice s ON s.id = x.slice "
               "JOIN slice l ON l.id = x.launch JOIN label c ON c.id = l.label ORDER BY s.id") ==
        Rows{{"cudaLaunchKernel", "100", "1"}, {"cudaLaunchKernel", "0", "0"}});
  CHECK(rowsOf(p, "SELECT name, input_shapes FROM operator") == Rows{{"aten::mm", "2x3, 3x5"}});
  CHECK(one(p, "SELECT count FROM intake WHERE what = 'GPU_METRICS' AND kept = 0") == "2");
  CHECK(one(p, "SELECT count FROM intake WHERE what = 'event of negative duration'") == "1");
  CHECK(one(p, "SELECT COUNT(*) FROM copy") == "0");  // a view could hold anything, and is not read
}

TEST_CASE("Chrome traces keep their spans, counters, asynchronous spans and flows", "[import]") {
  const Scratch s;
  const auto made = import({s.write("chrome.json", R"json([
    {"ph":"X","cat":"a","name":"outer","pid":1,"tid":2,"ts":10,"dur":20},
    {"ph":"X","cat":"a","name":"inner","pid":1,"tid":2,"ts":12,"dur":5},
    {"ph":"C","name":"heap","pid":1,"tid":2,"ts":11,"args":{"used":5,"free":7.5}},
    {"ph":"b","cat":"net","name":"request","id":"0x1f","pid":1,"tid":2,"ts":13},
    {"ph":"e","cat":"net","name":"request","id":"0x1f","pid":1,"tid":3,"ts":29},
    {"ph":"s","cat":"dep","name":"d","id":4,"pid":1,"tid":2,"ts":13},
    {"ph":"f","cat":"dep","name":"d","id":4,"pid":1,"tid":2,"ts":25})json")});
  const auto& p = made.profile;
  CHECK(rowsOf(p, "SELECT s.name, v.at_ns, v.value FROM sample v JOIN series s ON s.id = v.series ORDER BY s.id") ==
        Rows{{"heap used", "1000", "5"}, {"heap free", "1000", "7.5"}});
  CHECK(one(p, "SELECT duration_ns FROM slice s JOIN label l ON l.id = s.label WHERE l.text = 'request'") == "16000");
  CHECK(
      rowsOf(p,
             "SELECT f.kind, a.text, b.text FROM flow f JOIN slice x ON x.id = f.source JOIN label a ON a.id = x.label "
             "JOIN slice y ON y.id = f.target JOIN label b ON b.id = y.label") == Rows{{"dep", "inner", "outer"}});
}
