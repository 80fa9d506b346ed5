#include "base/files.h"

#include <catch2/catch.hpp>

#include <filesystem>

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
