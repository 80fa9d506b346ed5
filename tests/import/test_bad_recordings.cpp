// Files that are damaged, hostile or something else: refused in one line, without a crash and without much memory.
#include "tests/import/support.h"

#include <zlib.h>

using namespace ridgeline;
using namespace ridgeline::tests;

namespace {

std::string gzip(const std::string& text, int level = 6) {
  z_stream z{};
  REQUIRE(deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&z, text.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string kineto(const std::string& events) { return R"({"schemaVersion": 1, "traceEvents": [)" + events + "]}"; }

constexpr const char* kEvent =
    R"({"ph":"X","cat":"kernel","name":"k","pid":0,"tid":7,"ts":1,"dur":2,"args":{"device":0,"stream":7}})";

void checkRefused(const std::string& content, const std::string& words) {
  const Scratch s;
  const auto text = refusal(s.write("bad.json", content));
  INFO(text);
  CHECK(text.find(words) != std::string::npos);
}

}  // namespace

TEST_CASE("What is no recording is refused", "[import]") {
  const Scratch s;
  checkRefused("", "is empty");
  checkRefused("   \n ", "no recording");
  checkRefused("Dear all,\n", "no recording");
  checkRefused("{\"a\": 1}", "no recording");
  checkRefused("[1, 2, 3]", "no recording");
  checkRefused(std::string(5000, '\0'), "no recording");
  checkRefused(
      "\x7f"
      "ELF\x02\x01\x01",
      "no recording");
  CHECK(refusal(s.at("missing.json")).find("no such file") != std::string::npos);
  std::filesystem::create_directory(s.at("folder.json"));
  CHECK(refusal(s.at("folder.json")).find("directory") != std::string::npos);
}

TEST_CASE("A recording cut anywhere is refused, never half read", "[import]") {
  const std::string whole = kineto(std::string(kEvent) + "," + kEvent);
  for (size_t keep = 1; keep < whole.size(); ++keep) {
    auto profile = *profile::Profile::createInMemory();
    const Scratch s;
    const auto summary =
        collector::import::importInto(profile, {s.write("cut.json", whole.substr(0, keep))}, quietJob());
    INFO(whole.substr(0, keep));
    REQUIRE_FALSE(summary);
    CHECK(summary.error().code == ErrorCode::BadInput);
  }
  const auto packed = gzip(whole);
  for (const size_t keep : {size_t{3}, size_t{12}, packed.size() / 2, packed.size() - 9, packed.size() - 1}) {
    checkRefused(packed.substr(0, keep), "");
  }
  auto damaged = packed;
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
  checkRefused(damaged, "");
}

TEST_CASE("Malformed events are refused with where they are", "[import]") {
  checkRefused(kineto("{\"ph\":\"X\",}"), "byte");
  checkRefused(kineto(std::string(kEvent) + kEvent), "comma");
  checkRefused(kineto(std::string(kEvent) + ",,"), "comma");
  checkRefused(kineto("5"), "byte");
  checkRefused(kineto("\"text\""), "byte");
  checkRefused(kineto("[]"), "byte");
  checkRefused(kineto(R"({"cat":"kernel","name":"k","ts":1})"), "phase");
  checkRefused(kineto(R"({"ph":"X","cat":"kernel","name":"k","dur":1})"), "\"ts\"");
  checkRefused(kineto(R"({"ph":"X","cat":"kernel","name":"k","ts":"soon","dur":1})"), "no time");
  checkRefused(kineto(R"({"ph":"X","cat":"kernel","name":"k","ts":[1],"dur":1})"), "no time");
  checkRefused(kineto(kEvent) + "x", "follows");
}

TEST_CASE("Hostile numbers, keys, texts and nesting are refused", "[import]") {
  checkRefused(kineto(R"({"ph":"X","cat":"kernel","name":"k","ts":1e400,"dur":1})"), "no time");
  checkRefused(kineto(R"({"ph":"X","cat":"kernel","name":"k","ts":99999999999999999999999,"dur":1})"), "no time");
  checkRefused(kineto(R"({"ph":"X","cat":"kernel","name":"k","ts":9999999999999999,"dur":1})"), "no time");
  checkRefused(kineto(R"({"ph":"X","cat":"kernel","name":"k","ts":1,"dur":9.3e15})"), "no time");
  const auto timed = [](const std::string& ms) { return R"([{"count": 1}, {"name": "a", "averageMs": )" + ms + "}]"; };
  checkRefused(timed("1e14"), "too long");
  checkRefused(timed("-1"), "no time");
  std::string ncu = "\"ID\",\"Process ID\",\"Kernel Name\",\"Metric Name\",\"Metric Unit\",\"Metric Value\"\n";
  checkRefused(ncu + "\"0\",\"1\",\"k\",\"Duration\",\"second\",\"1e30\"\n", "no sense");
  for (int i = 0; i < 5000; ++i) ncu += fmt::format("\"{}\",\"1\",\"k\",\"Duration\",\"second\",\"900000\"\n", i);
  checkRefused(ncu, "century");
  checkRefused(kineto(R"({"ph":"X","cat":"kernel","name":"k","ts":1,"dur":1e300})"), "no time");
  checkRefused(kineto(R"({"ph":"X","cat":"kernel","name":"k","ts":1,"dur":1,"dur":2})"), "twice");
  checkRefused(kineto("{\"ph\":\"X\",\"cat\":\"kernel\",\"name\":\"\xff\xfe\",\"ts\":1,\"dur\":1}"), "UTF-8");
  const std::string deep(100000, '[');
  checkRefused(kineto(R"({"ph":"X","ts":1,"args":{"x":)" + deep + std::string(100000, ']') + "}}"), "nests");
  checkRefused(R"({"schemaVersion": 1, "x": )" + deep, "nests");
  checkRefused(R"({"Layers": )" + std::string(100000, '[') + std::string(100000, ']') + "}", "nests");
}

TEST_CASE("Numbers at the edge of what fits are read, beyond it refused", "[import]") {
  const Scratch s;
  const auto made = import(
      {s.write("edge.json", kineto(
                                R"({"ph":"X","cat":"cpu_op","name":"a","pid":1,"tid":1,"ts":4500000000000000.5,"dur":1},
         {"ph":"X","cat":"cpu_op","name":"b","pid":1,"tid":1,"ts":"4500000000000001.25","dur":"2"},
         {"ph":"X","cat":"cpu_op","name":"c","pid":1,"tid":1,"ts":4.500000000000002e15,"dur":1e0})"))});
  CHECK(rowsOf(made.profile, "SELECT start_ns, duration_ns FROM slice ORDER BY id") ==
        std::vector<std::vector<std::string>>{{"0", "1000"}, {"750", "2000"}, {"1500", "1000"}});
}

TEST_CASE("A gzip bomb is refused before it fills anything", "[import]") {
  const Scratch s;
  std::string bomb = R"({"schemaVersion": 1, "traceEvents": [)" + std::string(200 << 20, ' ') + "]}";
  const auto path = s.write("bomb.json.gz", gzip(bomb, 9));
  bomb.clear();
  bomb.shrink_to_fit();
  CHECK(refusal(path).find("times its size") != std::string::npos);
}

TEST_CASE("A file made of several gzip files is read to its end", "[import]") {
  const Scratch s;
  const auto text = kineto(std::string(kEvent) + "," + kEvent);
  const auto made = import({s.write("two.json.gz", gzip(text.substr(0, 50)) + gzip(text.substr(50)))});
  CHECK(made.summary.ranks[0].kernels == 2);
}

TEST_CASE("Databases that are no export, damaged or cut are refused", "[import]") {
  const Scratch s;
  {
    auto p = *profile::Profile::create(s.at("own.ridge"));
    REQUIRE(p.finish());
  }
  CHECK(refusal(s.at("own.ridge")).find("already") != std::string::npos);
  const auto bytes = *readFile(s.at("own.ridge"));
  CHECK(refusal(s.write("cut.sqlite", bytes.substr(0, bytes.size() / 2))).find("cut short") != std::string::npos);
  CHECK(refusal(s.write("short.sqlite", bytes.substr(0, 20))).find("cut short") != std::string::npos);
  auto garbled = bytes;
  for (size_t i = 100; i < garbled.size(); ++i) garbled[i] = static_cast<char>(i * 2654435761U >> 5);
  refusal(s.write("garbled.sqlite", garbled));
}

TEST_CASE("An output that is also an input is refused before it is touched", "[import]") {
  const Scratch s;
  const auto path = s.write("trace.json", kineto(kEvent));
  const auto summary = collector::import::importTraces({{path}, path, {}}, quietJob());
  REQUIRE_FALSE(summary);
  CHECK(summary.error().code == ErrorCode::Usage);
  CHECK(*readFile(path) == kineto(kEvent));
}

TEST_CASE("A failed import leaves nothing under the output's name", "[import]") {
  const Scratch s;
  const auto out = s.at("out.ridge");
  REQUIRE_FALSE(collector::import::importTraces({{s.write("bad.json", "nothing")}, out, {}}, quietJob()));
  CHECK_FALSE(std::filesystem::exists(out));
}
