// Small recordings of the PyTorch profiler, written by hand: what is linked to what, and what becomes of odd events.
#include "tests/import/support.h"

using namespace ridgeline;
using namespace ridgeline::tests;

namespace {

// A linear layer that copies, multiplies and adds on the device, twice, as steps.
const std::string kSmall = R"json({
"schemaVersion": 1, "distributedInfo": {"rank": 3, "world_size": 8},
"deviceProperties": [{"id": 0, "name": "NVIDIA A100-SXM4-40GB", "computeMajor": 8, "computeMinor": 0, "numSms": 108}],
"traceEvents": [
 {"ph":"X","cat":"user_annotation","name":"ProfilerStep#1","pid":7,"tid":7,"ts":1000,"dur":100,"args":{"External id":1}},
 {"ph":"X","cat":"cpu_op","name":"aten::linear","pid":7,"tid":7,"ts":1010.5,"dur":50,"args":{"External id":2}},
 {"ph":"X","cat":"cpu_op","name":"aten::addmm","pid":7,"tid":7,"ts":1012,"dur":40,
  "args":{"External id":3,"Input Dims":[[64],[32,16],[16,64],[],[]],"Input type":["float","float","float","Scalar","Scalar"]}},
 {"ph":"X","cat":"cuda_runtime","name":"cudaMemcpyAsync","pid":7,"tid":7,"ts":1013,"dur":2,"args":{"correlation":10}},
 {"ph":"X","cat":"cuda_runtime","name":"cudaLaunchKernel","pid":7,"tid":7,"ts":1020,"dur":5,"args":{"correlation":11}},
 {"ph":"s","id":11,"pid":7,"tid":7,"ts":1020,"cat":"ac2g","name":"ac2g"},
 {"ph":"f","id":11,"pid":0,"tid":7,"ts":1030,"cat":"ac2g","name":"ac2g","bp":"e"},
 {"ph":"X","cat":"gpu_memcpy","name":"Memcpy HtoD (Pinned -> Device)",
  "pid":0,"tid":7,"ts":1016,"dur":4,"args":{"device":0,"context":1,"stream":7,"correlation":10,"bytes":4096}},
 {"ph":"X","cat":"kernel","name":"gemm","pid":0,"tid":7,"ts":1030,"dur":20.25,
  "args":{"device":0,"stream":7,"correlation":11,"registers per thread":32,"grid":[8,2,1],"block":[128,1,1],
          "est. achieved occupancy %":25}},
 {"ph":"X","cat":"user_annotation","name":"ProfilerStep#2","pid":7,"tid":7,"ts":1100,"dur":80,"args":{}},
 {"ph":"X","cat":"cpu_op","name":"aten::addmm","pid":7,"tid":7,"ts":1112,"dur":40,
  "args":{"Input Dims":[[64],[32,16],[16,64],[],[]],"Input type":["float","float","float","Scalar","Scalar"]}},
 {"ph":"X","cat":"cuda_runtime","name":"cudaLaunchKernel","pid":7,"tid":7,"ts":1120,"dur":5,"args":{"correlation":12}},
 {"ph":"X","cat":"kernel","name":"gemm","pid":0,"tid":7,"ts":1130,"dur":10.75,
  "args":{"device":0,"stream":7,"correlation":12,"registers per thread":32,"grid":[8,2,1],"block":[128,1,1]}},
 {"ph":"i","s":"t","name":"[memory]","pid":7,"tid":7,"ts":1015,"args":{"Device Type":1,"Device Id":0,"Bytes":512}},
 {"ph":"M","name":"process_name","pid":7,"tid":0,"ts":0,"args":{"name":"/home/ann/secret/train.py"}}
]
})json";

std::string withEvents(const std::string& events) {
  return R"json({"schemaVersion": 1, "traceEvents": [)json" + events + "]}";
}

}  // namespace

TEST_CASE("A kernel is linked to its launch, its operator and its step", "[import]") {
  const Scratch s;
  const auto made = import({s.write("small.json", kSmall)});
  const auto& p = made.profile;
  CHECK(rowsOf(p, "SELECT name, ordinal, format, source FROM rank") ==
        std::vector<std::vector<std::string>>{{"rank 3", "3", "kineto", "small.json"}});
  CHECK(rowsOf(p,
               "SELECT k.text, c.text, o.text, r.name FROM kernel x JOIN slice s ON s.id = x.slice "
               "JOIN label k ON k.id = s.label JOIN slice cs ON cs.id = x.launch JOIN label c ON c.id = cs.label "
               "JOIN slice os ON os.id = x.caller JOIN label o ON o.id = os.label JOIN run r ON r.id = s.run "
               "ORDER BY s.start_ns") ==
        std::vector<std::vector<std::string>>{{"gemm", "cudaLaunchKernel", "aten::addmm", "ProfilerStep#1"},
                                              {"gemm", "cudaLaunchKernel", "aten::addmm", "ProfilerStep#2"}});
  // Times count from the first event, in whole nanoseconds.
  CHECK(rowsOf(p, "SELECT start_ns, duration_ns FROM slice WHERE kind = 'kernel' ORDER BY id") ==
        std::vector<std::vector<std::string>>{{"30000", "20250"}, {"130000", "10750"}});
  CHECK(rowsOf(p, "SELECT grid_x, grid_y, block_x, registers, occupancy FROM launch_shape ORDER BY id")[0] ==
        std::vector<std::string>{"8", "2", "128", "32", "0.25"});
  CHECK(rowsOf(p, "SELECT direction, bytes, pinned FROM copy") ==
        std::vector<std::vector<std::string>>{{"host_to_device", "4096", "1"}});
  CHECK(rowsOf(p, "SELECT name, json_extract(properties, '$.compute_capability') FROM device") ==
        std::vector<std::vector<std::string>>{{"NVIDIA A100-SXM4-40GB", "8.0"}});
  CHECK(one(p, "SELECT value FROM sample") == "512");
  CHECK(one(p, "SELECT name FROM track WHERE kind = 'stream'") == "stream 7");
}

TEST_CASE("Equal operators are one row with the time of the work they launched, per step", "[import]") {
  const Scratch s;
  const auto made = import({s.write("small.json", kSmall)});
  const auto operators = *made.profile.all<profile::Operator>();
  REQUIRE(operators.size() == 1);
  const auto& op = operators[0];
  CHECK(op.name == "aten::addmm");
  CHECK(op.opType == "addmm");
  CHECK(op.inputShapes == "float32 64, float32 32x16, float32 16x64");
  CHECK(op.callsPerRun == 1);
  CHECK(op.timeNs == (24250 + 10750) / 2.0);  // the first step also copied for 4 us
  CHECK(op.provenanceTime == profile::Provenance::Imported);
  REQUIRE(op.work);
  CHECK(op.work->flops == 2.0 * 32 * 16 * 64);
  CHECK(op.work->bytesRead == 4.0 * (64 + 32 * 16 + 16 * 64));
  CHECK(op.work->bytesWritten == 4.0 * 32 * 64);
  CHECK(op.provenanceWork == profile::Provenance::Modelled);
}

TEST_CASE("Every event of a recording is counted once, kept or not", "[import]") {
  const Scratch s;
  const auto made = import({s.write("small.json", kSmall)});
  const auto& p = made.profile;
  CHECK(one(p,
            "SELECT SUM(count) FROM intake WHERE what IN ('user_annotation', 'cpu_op', 'cuda_runtime', 'gpu_memcpy', "
            "'kernel', '[memory]', 'flow ac2g', 'metadata')") == "15");
  CHECK(one(p, "SELECT COUNT(*) FROM intake") == "8");  // no odd ones
  CHECK(rowsOf(p, "SELECT what, count FROM intake WHERE kept = 0 ORDER BY what") ==
        std::vector<std::vector<std::string>>{{"flow ac2g", "2"}, {"metadata", "1"}});
  CHECK(made.summary.notKept.size() == 2);
}

TEST_CASE("Names of people and folders are left behind", "[import]") {
  const Scratch s;
  const auto made = import({s.write(
      "x.json",
      withEvents(
          R"json({"ph":"X","cat":"python_function","name":"/home/ann/net/train.py(12): main","pid":1,"tid":1,"ts":1,"dur":1},
         {"ph":"X","cat":"user_annotation","name":"ann@host7.lab run","pid":1,"tid":1,"ts":2,"dur":1},
         {"ph":"X","cat":"user_annotation","name":"/layer1/Conv","pid":1,"tid":1,"ts":3,"dur":1},
         {"ph":"X","cat":"cpu_op","name":"memcpy@@GLIBC_2.14","pid":1,"tid":"C:\\Users\\ann\\x","ts":4,"dur":1})json"))});
  CHECK(rowsOf(made.profile, "SELECT text FROM label ORDER BY id") ==
        std::vector<std::vector<std::string>>{
            {"train.py(12): main"}, {"(removed) run"}, {"/layer1/Conv"}, {"memcpy@@GLIBC_2.14"}});
  CHECK(one(made.profile, "SELECT COUNT(*) FROM track WHERE name LIKE '%ann%'") == "0");
}

TEST_CASE("Odd events are kept or counted, never lost", "[import]") {
  const Scratch s;
  const auto made =
      import({s.write("odd.json", withEvents(
                                      R"json({"ph":"X","cat":"cpu_op","name":"a","pid":1,"tid":1,"ts":100,"dur":-5},
         {"ph":"X","cat":"cpu_op","name":"b","pid":1,"tid":1,"ts":100,"dur":0},
         {"ph":"X","cat":"cpu_op","name":"c","pid":1,"tid":1,"ts":90},
         {"ph":"X","cat":"cpu_op","name":"overlaps","pid":1,"tid":1,"ts":80,"dur":15},
         {"ph":"X","cat":"kernel","name":"no launch","pid":0,"tid":7,"ts":5,"dur":3,"args":{"device":0,"stream":7,"correlation":99}},
         {"ph":"X","cat":"kernel","name":"early","pid":0,"tid":7,"ts":10,"dur":3,"args":{"device":0,"stream":7,"correlation":4}},
         {"ph":"X","cat":"cuda_runtime","name":"cudaLaunchKernel","pid":1,"tid":1,"ts":50,"dur":3,"args":{"correlation":4}},
         {"ph":"X","cat":"cpu_op","name":"long ago","pid":1,"tid":1,"ts":0,"dur":1},
         {"ph":"B","cat":"x","name":"open","pid":1,"tid":2,"ts":10},
         {"ph":"B","cat":"x","name":"closed","pid":1,"tid":2,"ts":11},{"ph":"E","pid":1,"tid":2,"ts":15},
         {"ph":"E","pid":1,"tid":3,"ts":15},
         {"ph":"Z","cat":"x","name":"?","pid":1,"tid":2,"ts":10},
         {"ph":"f","cat":"fwdbwd","name":"alone","id":3,"pid":1,"tid":2,"ts":10})json"))});
  const auto& p = made.profile;
  CHECK(one(p, "SELECT COUNT(*) FROM slice") == "10");
  CHECK(one(p, "SELECT MIN(duration_ns) FROM slice") == "0");
  CHECK(one(p, "SELECT duration_ns FROM slice s JOIN label l ON l.id = s.label WHERE l.text = 'closed'") == "4000");
  const auto count = [&](const std::string& what) {
    return one(p, "SELECT count FROM intake WHERE what = '" + what + "'");
  };
  CHECK(count("event of negative duration") == "1");
  CHECK(count("event without a duration") == "1");
  CHECK(count("work without its launching call") == "1");
  CHECK(count("work that begins before its launch") == "1");
  CHECK(count("begin without an end") == "1");
  CHECK(count("end without a begin") == "1");
  CHECK(count("event of phase Z") == "1");
  CHECK(count("flow") == "1");
}

TEST_CASE("An event without a name is kept", "[import]") {
  const Scratch s;
  const auto made = import(
      {s.write("nameless.json", withEvents(R"json({"ph":"X","cat":"cpu_op","name":"","pid":1,"tid":1,"ts":1,"dur":1},
         {"ph":"X","cat":"cpu_op","pid":1,"tid":1,"ts":3,"dur":1})json"))});
  CHECK(rowsOf(made.profile, "SELECT l.text, COUNT(*) FROM slice s JOIN label l ON l.id = s.label GROUP BY 1") ==
        std::vector<std::vector<std::string>>{{"", "2"}});
}

TEST_CASE("Names of 2021 are read like today's", "[import]") {
  const Scratch s;
  const auto made = import({s.write(
      "old.json",
      withEvents(
          R"json({"ph":"X","cat":"Operator","name":"aten::add","pid":5,"tid":"5","ts":10,"dur":10,"args":{"External id":4}},
         {"ph":"X","cat":"Runtime","name":"cudaLaunchKernel","pid":5,"tid":"5","ts":12,"dur":2,"args":{"correlation":9,"external id":4}},
         {"ph":"X","cat":"Kernel","name":"k","pid":0,"tid":"stream 7","ts":15,"dur":3,"args":{"device":0,"stream":7,"correlation":9}},
         {"ph":"X","cat":"Memset","name":"Memset (Device)","pid":0,"tid":"stream 7","ts":19,"dur":3,"args":{
    "device" : 0, "stream" : 7, "correlation" : 10, "bytes" : 8}})json"))});
  CHECK(made.summary.ranks[0].kernels == 1);
  CHECK(made.summary.ranks[0].sets == 1);
  CHECK(
      one(made.profile, "SELECT l.text FROM kernel k JOIN slice s ON s.id = k.caller JOIN label l ON l.id = s.label") ==
      "aten::add");
}

TEST_CASE("Work without a launching call finds its operator by external id", "[import]") {
  const Scratch s;
  const auto made = import({s.write(
      "graph.json",
      withEvents(
          R"json({"ph":"X","cat":"cpu_op","name":"replay","pid":5,"tid":5,"ts":10,"dur":10,"args":{"External id":4}},
         {"ph":"X","cat":"kernel","name":"k","pid":0,"tid":7,"ts":15,"dur":3,"args":{"External id":4,"device":0,"stream":7,"correlation":9}})json"))});
  CHECK(one(made.profile,
            "SELECT l.text FROM kernel k JOIN slice s ON s.id = k.caller JOIN label l ON l.id = s.label") == "replay");
}

TEST_CASE("Several files become ranks with one clock", "[import]") {
  const Scratch s;
  const auto trace = [](int rank, int ts) {
    return R"json({"schemaVersion":1,"distributedInfo":{"rank":)json" + std::to_string(rank) +
           R"json(},"baseTimeNanoseconds":1000000000,"traceEvents":[{"ph":"X","cat":"kernel","name":"k","pid":0,"tid":7,"ts":)json" +
           std::to_string(ts) + R"json(,"dur":3,"args":{"device":0,"stream":7,"correlation":1}}]})json";
  };
  const auto made = import({s.write("a.json", trace(1, 500)), s.write("b.json", trace(0, 400))});
  CHECK(rowsOf(made.profile,
               "SELECT r.name, s.start_ns FROM slice s JOIN track t ON t.id = s.track "
               "JOIN rank r ON r.id = t.rank ORDER BY r.ordinal") ==
        std::vector<std::vector<std::string>>{{"rank 0", "0"}, {"rank 1", "100000"}});
}

TEST_CASE("Operators on the host alone get their time without that of operators within them", "[import]") {
  const Scratch s;
  const auto made =
      import({s.write("cpu.json", withEvents(
                                      R"json({"ph":"X","cat":"cpu_op","name":"outer","pid":1,"tid":1,"ts":0,"dur":100},
         {"ph":"X","cat":"cpu_op","name":"inner","pid":1,"tid":1,"ts":10,"dur":30},
         {"ph":"X","cat":"cpu_op","name":"inner","pid":1,"tid":1,"ts":50,"dur":20})json"))});
  CHECK(rowsOf(made.profile, "SELECT name, calls_per_run, time_ns FROM operator ORDER BY name") ==
        std::vector<std::vector<std::string>>{{"inner", "2", "50000"}, {"outer", "1", "50000"}});
}
