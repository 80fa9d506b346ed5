#include "base/files.h"
#include "base/hash.h"

#include <catch2/catch.hpp>

using namespace ridgeline;

TEST_CASE("SHA-256 of the standard's own examples, from memory and from a file") {
  // FIPS 180-4's "abc", and the empty message.
  CHECK(sha256Of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256Of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  auto folder = TemporaryFolder::create("test");
  REQUIRE(folder);
  REQUIRE(writeFileAtomically(folder->path() / "abc", "abc"));
  CHECK(*sha256OfFile(folder->path() / "abc") == sha256Of("abc"));
  CHECK(sha256OfFile(folder->path() / "missing").error().code == ErrorCode::BadInput);
}
