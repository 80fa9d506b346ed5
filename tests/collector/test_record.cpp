// Recording a model file into a profile: what is in it, and what is left when it goes wrong.
#include "analyzers/report_model.h"
#include "base/hash.h"
#include "collector/record.h"
#include "profile/profile.h"
#include "tests/collector/fixture.h"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

using namespace ridgeline;
using namespace ridgeline::collector;
using namespace ridgeline::collector::test;
using profile::Profile;

namespace {

RecordRequest requestFor(const Workplace& workplace, const graph::Model& model) {
  RecordRequest request;
  request.model = workplace / "model.onnx";
  request.output = workplace / "model.ridge";
  request.threads = 1;
  request.seconds = 1;
  REQUIRE(model.save(request.model));
  return request;
}

std::vector<std::vector<profile::Cell>> query(const Profile& profile, const char* sql) {
  auto table = profile.query(sql);
  INFO(sql);
  REQUIRE(table);
  return table->rows;
}

int64_t number(const Profile& profile, const char* sql) { return std::get<int64_t>(query(profile, sql).at(0).at(0)); }

// Asks to stop when this phase begins.
class StopsInPhase : public Progress {
 public:
  StopsInPhase(StopFlag& stop, std::string phase) : m_stop(stop), m_phase(std::move(phase)) {}
  void phase(std::string_view name) override {
    if (name == m_phase) m_stop.request();
  }

 private:
  StopFlag& m_stop;
  std::string m_phase;
};

}  // namespace

TEST_CASE("a recording holds the device, the model, the runs, the operators and the analysis") {
  const Workplace workplace;
  auto request = requestFor(workplace, twoProducts(256));
  request.shapes = {"x=8x256"};
  request.command = {"ridgeline", "record", request.model.string()};
  const auto summary = recordModel(request, quietJob());
  REQUIRE(summary);
  CHECK(summary->nodes == 3);
  CHECK(summary->threads == 1);
  CHECK(summary->latencyMs > 0);
  CHECK(summary->observedLatencyMs > 0);
  CHECK(summary->syntheticInputs);

  const auto profile = Profile::open(request.output, Profile::Mode::ReadOnly);
  REQUIRE(profile);
  CHECK(profile->complete());
  CHECK(profile->metaValue(profile::meta::model) == "model.onnx");
  CHECK(profile->metaValue(profile::meta::modelSha256) == *sha256OfFile(request.model));
  CHECK(profile->metaValue(profile::meta::command) == "ridgeline record model.onnx");
  CHECK(profile->metaValue(profile::meta::inputs) == "synthetic");
  CHECK(profile->metaValue(profile::meta::threads) == "1");
  CHECK(profile->metaValue(profile::meta::engine)->starts_with("ONNX Runtime"));
  CHECK(number(*profile, "SELECT COUNT(*) FROM device") == 1);
  CHECK(number(*profile, "SELECT COUNT(*) FROM roof WHERE kind = 'compute'") == 2);
  CHECK(number(*profile, "SELECT COUNT(*) FROM roof WHERE unit = 'OP/s'") == 1);
  CHECK(number(*profile, "SELECT COUNT(*) FROM node WHERE work_known") == 3);
  CHECK(number(*profile, "SELECT COUNT(DISTINCT node) FROM operator_node") == 3);
  CHECK(number(*profile, "SELECT COUNT(*) FROM run WHERE kind = 'plain'") == summary->plainRuns);
  CHECK(number(*profile, "SELECT COUNT(*) FROM run WHERE kind = 'observed'") == summary->observedRuns);
  CHECK(number(*profile, "SELECT COUNT(*) FROM classification") == summary->operators);
  CHECK(number(*profile, "SELECT COUNT(*) FROM slice") >= summary->operators);
  CHECK(number(*profile, "SELECT COUNT(DISTINCT run) FROM slice") == 1);
  CHECK(number(*profile, "SELECT COUNT(*) FROM slice WHERE start_ns < 0") == 0);
  CHECK(query(*profile, "SELECT inputs FROM model").size() == 1);

  const auto report = analyzers::loadReport(*profile);
  REQUIRE(report);
  CHECK(*report->latencyMs == Approx(summary->latencyMs));
  CHECK(report->operatorTimeMs == Approx(summary->operatorMs));
}

TEST_CASE("a profile holds no path of this machine") {
  const Workplace workplace;
  auto request = requestFor(workplace, addThenMultiply());
  request.command = {"/usr/bin/ridgeline", "record", request.model.string(), "--inputs=/home/somebody/data"};
  REQUIRE(recordModel(request, quietJob()));
  const auto bytes = readFile(request.output);
  REQUIRE(bytes);
  CHECK(bytes->find(workplace.path().string()) == std::string::npos);
  CHECK(bytes->find("/home/somebody") == std::string::npos);
}

TEST_CASE("what cannot be recorded is refused, and leaves nothing") {
  const Workplace workplace;
  auto request = requestFor(workplace, addThenMultiply());
  SECTION("no such model") {
    request.model = workplace / "absent.onnx";
    CHECK(recordModel(request, quietJob()).error().code == ErrorCode::BadInput);
  }
  SECTION("no model at all") {
    std::ofstream(request.model) << "this is text";
    CHECK(recordModel(request, quietJob()).error().code == ErrorCode::BadInput);
  }
  SECTION("a shape for an input that is not there") {
    request.shapes = {"z=4"};
    CHECK(recordModel(request, quietJob()).error().code == ErrorCode::Usage);
  }
  SECTION("inputs from a folder that is not there") {
    request.inputs = workplace / "absent";
    CHECK(recordModel(request, quietJob()).error().code == ErrorCode::BadInput);
  }
  SECTION("an output in a folder that is not there") {
    request.output = workplace / "absent" / "model.ridge";
    CHECK(recordModel(request, quietJob()).error().code == ErrorCode::Unavailable);
  }
  CHECK(filesIn(workplace.path()) == std::vector<std::string>{"model.onnx"});
}

TEST_CASE("a recording that is stopped leaves nothing") {
  const Workplace workplace;
  const auto request = requestFor(workplace, addThenMultiply());
  for (const char* phase : {"load", "run", "analyze"}) {
    INFO(phase);
    StopFlag stop;
    StopsInPhase progress(stop, phase);
    const auto summary = recordModel(request, Job{progress, stop});
    REQUIRE_FALSE(summary);
    CHECK(summary.error().code == ErrorCode::Interrupted);
    CHECK(filesIn(workplace.path()) == std::vector<std::string>{"model.onnx"});
  }
}

TEST_CASE("an earlier profile stays when a new recording fails") {
  const Workplace workplace;
  auto request = requestFor(workplace, addThenMultiply());
  REQUIRE(recordModel(request, quietJob()));
  const auto before = readFile(request.output).value_or("");
  REQUIRE_FALSE(before.empty());
  request.shapes = {"nonsense=1"};
  CHECK_FALSE(recordModel(request, quietJob()));
  CHECK(readFile(request.output).value_or("") == before);
}

// Run by the next case in a process of its own, which is killed.
TEST_CASE("record what the environment names", "[.child]") {
  RecordRequest request;
  request.model = std::getenv("RIDGELINE_TEST_MODEL");
  request.output = std::getenv("RIDGELINE_TEST_OUTPUT");
  request.threads = 1;
  request.seconds = 0.5;
  CHECK(recordModel(request, quietJob()));
}

TEST_CASE("a recorder that is killed leaves a profile that opens, or none") {
  const Workplace workplace;
  const auto request = requestFor(workplace, twoProducts(64));
  ::setenv("RIDGELINE_TEST_MODEL", request.model.c_str(), 1);
  ::setenv("RIDGELINE_TEST_OUTPUT", request.output.c_str(), 1);
  const auto self = fs::read_symlink("/proc/self/exe").string();
  int finished = 0, killed = 0;
  for (int ms = 50; finished == 0 && ms < 60'000; ms = ms * 3 / 2) {
    std::error_code ec;
    fs::remove(request.output, ec);
    std::string name = "record what the environment names";
    std::string program = self;
    char* arguments[] = {program.data(), name.data(), nullptr};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child = 0;
    const int started = ::posix_spawn(&child, self.c_str(), &actions, nullptr, arguments, environ);
    ::posix_spawn_file_actions_destroy(&actions);
    REQUIRE(started == 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(ms));
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    ++(WIFSIGNALED(status) ? killed : finished);
    if (!WIFSIGNALED(status)) CHECK(WEXITSTATUS(status) == 0);
    if (!fs::exists(request.output)) {
      CHECK(WIFSIGNALED(status));
      continue;
    }
    const auto profile = Profile::open(request.output, Profile::Mode::ReadOnly);
    REQUIRE(profile);
    CHECK(number(*profile, "SELECT COUNT(*) FROM operator") > 0);
  }
  CHECK(killed > 0);
  CHECK(finished == 1);
}

TEST_CASE("every shared model that runs can be recorded") {
  const auto models = sharedModels();
  if (models.empty()) {
    WARN("skipped: the shared models are not here; RIDGELINE_SHARED_DATA names their folder");
    return;
  }
  const Workplace workplace;
  int recorded = 0, refused = 0;
  for (const auto& entry : fs::recursive_directory_iterator(models)) {
    if (entry.path().extension() != ".onnx") continue;
    INFO(entry.path().filename().string());
    RecordRequest request;
    request.model = entry.path();
    request.output = workplace / "shared.ridge";
    request.threads = 1;
    request.seconds = 0.2;
    const auto summary = recordModel(request, quietJob());
    if (!summary) {
      CHECK(summary.error().code == ErrorCode::BadInput);
      CHECK(entry.path().filename().string().starts_with("bad_graph"));
      ++refused;
      continue;
    }
    ++recorded;
    CHECK(summary->operators > 0);
    CHECK(summary->operatorMs < 1.05 * summary->observedLatencyMs);
    const auto profile = Profile::open(request.output, Profile::Mode::ReadOnly);
    REQUIRE(profile);
    CHECK(number(*profile, "SELECT COUNT(*) FROM classification") == summary->operators);
  }
  CHECK(recorded >= 35);
  CHECK(refused == 3);
}
