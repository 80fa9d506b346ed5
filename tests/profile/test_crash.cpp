// What is left when the writer is killed or the disk is full.
#include "base/files.h"
#include "profile/profile.h"

#include <catch2/catch.hpp>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

using namespace ridgeline;
using namespace ridgeline::profile;

namespace {

constexpr int kBatch = 200;

// Writes batches of runs until it is killed; tells the parent by a byte after each.
[[noreturn]] void writeForever(Profile profile, int pipe) {
  for (int64_t ordinal = 0;; ++ordinal) {
    auto t = profile.begin();
    for (int i = 0; i < kBatch; ++i) {
      if (!profile.add(Run{.ordinal = ordinal, .durationNs = i})) ::_exit(3);
    }
    if (!t->commit() || ::write(pipe, ".", 1) != 1) ::_exit(4);
  }
}

// Runs `start` in a child, lets it write some batches and a part of one, and kills it. Returns the batches it reported.
template <class Start>
int killWhileWriting(Start start, int batches, int extraUs) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    auto profile = start();
    if (!profile) ::_exit(2);
    writeForever(std::move(*profile), ends[1]);
  }
  ::close(ends[1]);
  int seen = 0;
  char byte;
  while (seen < batches && ::read(ends[0], &byte, 1) == 1) ++seen;
  std::this_thread::sleep_for(std::chrono::microseconds(extraUs));
  ::kill(child, SIGKILL);
  while (::read(ends[0], &byte, 1) == 1) ++seen;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  return seen;
}

void checkWholeBatches(const Profile& profile, int atLeast) {
  const auto table = profile.query("SELECT COUNT(*), COUNT(DISTINCT ordinal) FROM run");
  REQUIRE(table);
  const auto rows = std::get<int64_t>(table->rows[0][0]);
  const auto batches = std::get<int64_t>(table->rows[0][1]);
  CHECK(rows == batches * kBatch);
  CHECK(batches >= atLeast);
  CHECK(batches <= atLeast + 1);
  CHECK(profile.query("PRAGMA integrity_check")->rows.at(0).at(0) == Cell(std::string("ok")));
}

}  // namespace

TEST_CASE("A recorder that is killed leaves no file under the name, and what it had beside it", "[profile]") {
  for (const int extraUs : {0, 300, 900, 2100}) {
    const auto folder = *TemporaryFolder::create("test");
    const auto path = folder.path() / "p.ridge";
    const int batches = killWhileWriting([&] { return Profile::create(path); }, 5, extraUs);
    CHECK_FALSE(std::filesystem::exists(path));
    std::filesystem::path part;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      if (entry.path().extension() == ".part") part = entry.path();
    }
    REQUIRE_FALSE(part.empty());
    auto p = Profile::open(part, Profile::Mode::ReadOnly);
    REQUIRE(p);
    CHECK_FALSE(p->complete());
    checkWholeBatches(*p, batches);
  }
}

TEST_CASE("A profile whose writer is killed opens with what was committed", "[profile]") {
  for (const int extraUs : {0, 300, 900, 2100}) {
    const auto folder = *TemporaryFolder::create("test");
    const auto path = folder.path() / "p.ridge";
    {
      auto p = *Profile::create(path);
      REQUIRE(p.finish());
    }
    const int batches = killWhileWriting([&] { return Profile::open(path, Profile::Mode::ReadWrite); }, 5, extraUs);
    auto p = Profile::open(path, Profile::Mode::ReadOnly);
    REQUIRE(p);
    CHECK(p->complete());
    checkWholeBatches(*p, batches);
  }
}

TEST_CASE("A killed writer's half of a transaction is rolled back by a reader", "[profile]") {
  const auto folder = *TemporaryFolder::create("test");
  const auto path = folder.path() / "p.ridge";
  {
    auto p = *Profile::create(path);
    REQUIRE(p.addAll(std::vector<Run>(5000, Run{.durationNs = 1})));
    REQUIRE(p.finish());
  }
  const pid_t child = ::fork();
  if (child == 0) {
    auto p = Profile::open(path, Profile::Mode::ReadWrite);
    auto t = p->begin();
    (void)p->clear<Run>();
    // More than the page cache holds, so that changed pages reach the file before the commit.
    for (int i = 0; i < 50; ++i) (void)p->addAll(std::vector<Finding>(1000, Finding{.text = std::string(1000, 'x')}));
    ::kill(::getpid(), SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  REQUIRE(std::filesystem::exists(path.string() + "-journal"));
  auto p = Profile::open(path, Profile::Mode::ReadOnly);
  REQUIRE(p);
  CHECK(*p->count<Run>() == 5000);
  CHECK(*p->count<Finding>() == 0);
  CHECK_FALSE(std::filesystem::exists(path.string() + "-journal"));
}

TEST_CASE("A full disk is an error, and nothing half-written stays", "[profile]") {
  const auto folder = *TemporaryFolder::create("test");
  const auto path = folder.path() / "p.ridge";
  const pid_t child = ::fork();  // limits are a process's own
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1 << 20, 1 << 20};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    auto p = Profile::create(path);
    if (!p) ::_exit(2);
    if (!p->addAll(std::vector<Run>(100))) ::_exit(3);
    const auto s = p->addAll(std::vector<Finding>(40, Finding{.text = std::string(100000, 'x')}));
    if (s) ::_exit(4);
    if (s.error().code != ErrorCode::Unavailable || s.error().hint.empty()) ::_exit(5);
    if (*p->count<Run>() != 100 || *p->count<Finding>() != 0) ::_exit(6);
    p = fail(ErrorCode::Internal, "done with it");
    ::_exit(std::filesystem::is_empty(folder.path()) ? 0 : 7);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
