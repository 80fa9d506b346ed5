#include "advisor/check/run_store.h"
#include "tests/check/recordings.h"

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

using namespace ridgeline;
using namespace ridgeline::advisor;
using ridgeline::test::recordingOf;
namespace fs = std::filesystem;

namespace {

TemporaryFolder freshFolder() {
  auto made = TemporaryFolder::create("store-test");
  REQUIRE(made);
  return std::move(*made);
}

struct Place {
  TemporaryFolder folder = freshFolder();
  fs::path operator/(const std::string& name) const { return folder.path() / name; }
};

}  // namespace

TEST_CASE("what is published is listed newest first, with its labels, and comes back byte for byte") {
  const Place place;
  auto store = makeFolderStore(place / "baselines");
  const auto old = recordingOf(place / "a.ridge", "net.onnx", 10, "a", "2026-01-01T00:00:00Z");
  const auto fresh = recordingOf(place / "b.ridge", "net.onnx", 11, "b", "2026-02-01T00:00:00Z");
  REQUIRE(store->publish(fresh, {"p", "main", "c2"}, {}));
  REQUIRE(store->publish(old, {"p", "main", "c1"}, {}));
  REQUIRE(store->publish(recordingOf(place / "c.ridge", "other.onnx", 1, "c"), {}, {}));
  const auto runs = store->list({.model = "net.onnx"});
  REQUIRE(runs);
  REQUIRE(runs->size() == 2);
  CHECK((*runs)[0].labels.commit == "c2");
  CHECK(*(*runs)[0].latencyMs == Approx(11).epsilon(1e-4));
  CHECK((*runs)[1].labels.commit == "c1");
  CHECK((*runs)[1].threads == 2);
  REQUIRE(store->fetch((*runs)[1].id, place / "back.ridge"));
  CHECK(*readFile(place / "back.ridge") == *readFile(old));
  CHECK(store->list({.branch = "feature"})->empty());
  CHECK(store->list({.limit = 1})->size() == 1);
  CHECK_FALSE(store->fetch("0123", place / "none.ridge"));
}

TEST_CASE("the same recording is one run, however often and from however many jobs it is published") {
  const Place place;
  for (int i = 0; i < 4; ++i) recordingOf(place / (std::to_string(i) + ".ridge"), "net.onnx", 5, std::to_string(i));
  std::vector<pid_t> jobs;
  for (int i = 0; i < 8; ++i) {
    const pid_t job = fork();
    REQUIRE(job >= 0);
    if (job == 0) {
      const auto done = makeFolderStore(place / "shared")->publish(place / (std::to_string(i % 4) + ".ridge"), {}, {});
      _exit(done ? 0 : 1);
    }
    jobs.push_back(job);
  }
  for (const auto job : jobs) {
    int status = -1;
    REQUIRE(waitpid(job, &status, 0) == job);
    CHECK(status == 0);
  }
  CHECK(makeFolderStore(place / "shared")->list({})->size() == 4);
}

TEST_CASE("retention keeps the newest of each kind") {
  const Place place;
  auto store = makeFolderStore(place / "baselines");
  for (int i = 0; i < 5; ++i) {
    const auto day = "2026-01-0" + std::to_string(i + 1) + "T00:00:00Z";
    REQUIRE(store->publish(recordingOf(place / "r.ridge", "net.onnx", 10 + i, day, day), {"p", "main", day}, {}));
  }
  REQUIRE(
      store->publish(recordingOf(place / "r.ridge", "net.onnx", 3, "x", "2025-01-01T00:00:00Z"), {"p", "dev", ""}, {}));
  CHECK(*store->prune(2) == 3);
  const auto runs = store->list({});
  REQUIRE(runs->size() == 3);
  CHECK((*runs)[0].created == "2026-01-05T00:00:00Z");
  CHECK((*runs)[1].created == "2026-01-04T00:00:00Z");
  CHECK((*runs)[2].labels.branch == "dev");
}

TEST_CASE("recordings that somebody put into a folder are runs too; what is none is told") {
  const Place place;
  fs::create_directories(place / "plain");
  recordingOf(place / "plain" / "by-hand.ridge", "net.onnx", 4, "x");
  std::ofstream(place / "plain" / "notes.txt") << "nothing";
  auto store = makeFolderStore(place / "plain");
  CHECK(store->list({})->size() == 1);
  std::ofstream(place / "plain" / "broken.ridge") << "not a database";
  const auto runs = store->list({});
  REQUIRE_FALSE(runs);
  CHECK(runs.error().code == ErrorCode::BadInput);
  CHECK(runs.error().message.find("broken.ridge") != std::string::npos);
  CHECK(makeFolderStore(place / "nothing-yet")->list({})->empty());
}

TEST_CASE("a place is a folder or a database, and no address may carry a password") {
  CHECK(isDatabase("postgres://host/db"));
  CHECK(isDatabase("postgresql://host/db"));
  CHECK_FALSE(isDatabase("baselines"));
  for (const char* url : {"postgres://me:secret@host/db", "postgresql://host/db?password=secret"}) {
    const auto store = openRunStore(url);
    REQUIRE_FALSE(store);
    CHECK(store.error().code == ErrorCode::Usage);
    CHECK(store.error().text().find("secret") == std::string::npos);
  }
  CHECK_FALSE(openRunStore("s3://bucket"));
  const auto store = openRunStore("postgres://me@host:1/db?sslmode=disable");
  REQUIRE(store);
  CHECK((*store)->name() == "postgres://host/db");
}
