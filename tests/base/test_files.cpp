#include "base/files.h"

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

using namespace ridgeline;
namespace fs = std::filesystem;

TEST_CASE("a pending file that is not committed leaves nothing") {
  auto folder = TemporaryFolder::create("test");
  REQUIRE(folder);
  const auto target = folder->path() / "out.bin";
  {
    auto pending = PendingFile::create(target);
    REQUIRE(pending);
    CHECK(fs::exists(pending->temporary()));
  }
  CHECK(fs::is_empty(folder->path()));
}

TEST_CASE("what a killed process left of a file is cleared away, and nothing else") {
  auto folder = TemporaryFolder::create("test");
  REQUIRE(folder);
  const pid_t dead = ::fork();
  if (dead == 0) ::_exit(0);
  REQUIRE(::waitpid(dead, nullptr, 0) == dead);
  const auto part = [&](const std::string& name, pid_t owner, const std::string& end, int hours = 48) {
    const auto path = folder->path() / ("." + name + "." + std::to_string(owner) + end);
    std::ofstream(path) << "half";
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(hours));
    return path;
  };
  const auto left = part("out.bin", dead, ".part"), log = part("out.bin", dead, ".part-wal");
  const auto alive = part("out.bin", ::getppid(), ".part"), other = part("other.bin", dead, ".part");
  const auto kept = part("out.bin", dead, ".bak"), fresh = part("out.bin", dead + 1, ".part", 1);
  REQUIRE(PendingFile::create(folder->path() / "out.bin"));
  CHECK_FALSE(fs::exists(left));
  CHECK_FALSE(fs::exists(log));
  CHECK(fs::exists(alive));
  CHECK(fs::exists(other));
  CHECK(fs::exists(kept));
  CHECK(fs::exists(fresh));  // perhaps of another machine, which is at it
}

TEST_CASE("a write appears whole and replaces what was there") {
  auto folder = TemporaryFolder::create("test");
  REQUIRE(folder);
  const auto target = folder->path() / "out.txt";
  REQUIRE(writeFileAtomically(target, "one"));
  REQUIRE(writeFileAtomically(target, "two"));
  CHECK(*readFile(target) == "two");
  CHECK(std::distance(fs::directory_iterator(folder->path()), fs::directory_iterator()) == 1);
}

TEST_CASE("unwritable places are named before any work") {
  auto folder = TemporaryFolder::create("test");
  REQUIRE(folder);
  CHECK(PendingFile::create(folder->path() / "no" / "such" / "file").error().code == ErrorCode::Unavailable);
  CHECK(PendingFile::create(folder->path()).error().message.find("directory") != std::string::npos);
  CHECK(PendingFile::create("/dev/full").error().code == ErrorCode::Unavailable);
}

TEST_CASE("reading what is no file is bad input") {
  auto folder = TemporaryFolder::create("test");
  REQUIRE(folder);
  CHECK(readFile(folder->path() / "missing").error().code == ErrorCode::BadInput);
  CHECK(readFile(folder->path()).error().code == ErrorCode::BadInput);
}

TEST_CASE("a temporary folder goes away with what is in it") {
  fs::path path;
  {
    auto folder = TemporaryFolder::create("test");
    REQUIRE(folder);
    path = folder->path();
    REQUIRE(writeFileAtomically(path / "x", "y"));
  }
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("temporary folders of processes that were killed go after a day") {
  auto folder = TemporaryFolder::create("test");
  REQUIRE(folder);
  const char* const before = std::getenv("TMPDIR");
  const std::string restored = before ? before : "";
  ::setenv("TMPDIR", folder->path().c_str(), 1);
  const pid_t dead = ::fork();
  if (dead == 0) ::_exit(0);
  ::waitpid(dead, nullptr, 0);
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(25);
  const auto make = [&](const std::string& name, bool isOld) {
    fs::create_directory(folder->path() / name);
    REQUIRE(writeFileAtomically(folder->path() / name / "weights", "w"));
    if (isOld) fs::last_write_time(folder->path() / name, old);
    return folder->path() / name;
  };
  const auto left = make(fmt::format("ridgeline-session-{}-aB3dE6", dead), true);
  const auto recent = make(fmt::format("ridgeline-session-{}-aB3dE7", dead), false);
  const auto alive = make(fmt::format("ridgeline-session-{}-aB3dE8", ::getpid()), true);
  const auto others = make(fmt::format("ridgeline-{}", dead), true);
  CHECK(TemporaryFolder::create("session"));
  CHECK_FALSE(fs::exists(left));
  CHECK(fs::exists(recent));
  CHECK(fs::exists(alive));
  CHECK(fs::exists(others));
  restored.empty() ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", restored.c_str(), 1);
}
