// What open() makes of files that are not what they should be, and create() of places it cannot write to.
#include "base/files.h"
#include "profile/profile.h"

#include <catch2/catch.hpp>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>

using namespace ridgeline;
using namespace ridgeline::profile;

namespace {

using Path = std::filesystem::path;

struct Scratch {
  TemporaryFolder folder = *TemporaryFolder::create("test");
  Path at(const std::string& name) const { return folder.path() / name; }
  Path write(const std::string& name, std::string_view content) const {
    REQUIRE(writeFileAtomically(at(name), content));
    return at(name);
  }
  Path profile(int runs = 500) const {
    auto p = *Profile::create(at("p.ridge"));
    REQUIRE(p.addAll(std::vector<Run>(static_cast<size_t>(runs), Run{.durationNs = 5})));
    REQUIRE(p.finish());
    return at("p.ridge");
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) out.push_back(entry.path().filename());
    return out;
  }
};

void alter(const Path& path, const char* sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  char* message = nullptr;
  const int rc = sqlite3_exec(db, sql, nullptr, nullptr, &message);
  INFO((message ? message : ""));
  REQUIRE(rc == SQLITE_OK);
  sqlite3_close(db);
}

void checkBad(const Path& path, const std::string& part) {
  for (const auto mode : {Profile::Mode::ReadOnly, Profile::Mode::ReadWrite, Profile::Mode::Copy}) {
    const auto opened = Profile::open(path, mode);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::BadInput);
    CHECK_THAT(opened.error().message, Catch::Contains(part));
    CHECK_THAT(opened.error().text(), Catch::Contains(path.filename().string()));
    CHECK(opened.error().text().find('\n') == std::string::npos);
  }
}

}  // namespace

TEST_CASE("What is no profile is refused with what it is", "[profile]") {
  const Scratch s;
  checkBad(s.at("absent.ridge"), "no such file");
  CHECK_FALSE(std::filesystem::exists(s.at("absent.ridge")));
  checkBad(s.folder.path(), "is not a file");
  checkBad(s.write("empty.ridge", ""), "not a Ridgeline profile");
  checkBad(s.write("text.ridge", std::string(5000, 'x')), "not a Ridgeline profile");
  checkBad(s.write("short.ridge", std::string_view("SQLite format 3\0...", 19)), "not a Ridgeline profile");
  checkBad(s.write("hollow.ridge", std::string("SQLite format 3\0", 16) + std::string(4080, '\xff')), "hollow.ridge");

  alter(s.at("other.ridge"), "CREATE TABLE t (x); INSERT INTO t VALUES (1)");
  checkBad(s.at("other.ridge"), "not a Ridgeline profile");
}

TEST_CASE("A truncated profile is refused, wherever it was cut", "[profile]") {
  const Scratch s;
  const auto whole = *readFile(s.profile());
  for (const size_t keep : {whole.size() - 1, whole.size() / 2, size_t{4096}, size_t{150}}) {
    checkBad(s.write("cut.ridge", std::string_view(whole).substr(0, keep)), "cut short");
  }
}

TEST_CASE("A profile damaged inside gives errors, no crash", "[profile]") {
  const Scratch s;
  auto content = *readFile(s.profile());
  for (size_t i = 4096; i < content.size(); ++i) content[i] = static_cast<char>(i * 2654435761U >> 7);
  const auto path = s.write("garbled.ridge", content);
  auto opened = Profile::open(path, Profile::Mode::ReadOnly);
  if (opened) {
    CHECK_FALSE(opened->all<Run>());
    CHECK_FALSE(opened->query("SELECT * FROM run"));
  } else {
    CHECK(opened.error().code == ErrorCode::BadInput);
  }
}

TEST_CASE("A profile of a newer schema asks for an update", "[profile]") {
  const Scratch s;
  const auto path = s.profile();
  alter(path, "PRAGMA user_version = 999");
  checkBad(path, "newer Ridgeline (schema 999");
  alter(path, "PRAGMA user_version = 0");
  checkBad(path, "damaged");
}

TEST_CASE("A profile with a table missing is damaged", "[profile]") {
  const Scratch s;
  const auto path = s.profile();
  alter(path, "DROP TABLE near_miss");
  checkBad(path, "damaged");
}

TEST_CASE("A value that makes no sense is bad input and names its column", "[profile]") {
  const Scratch s;
  const auto path = s.profile(1);
  alter(path, "PRAGMA ignore_check_constraints = ON; UPDATE run SET kind = 'sideways'");
  auto p = *Profile::open(path, Profile::Mode::ReadOnly);
  const auto runs = p.all<Run>();
  REQUIRE_FALSE(runs);
  CHECK(runs.error().code == ErrorCode::BadInput);
  CHECK_THAT(runs.error().message, Catch::Contains("run.kind"));
  alter(path, "INSERT INTO finding VALUES (1, 'a', 'info', 't', '', 'no json', NULL)");
  CHECK_THAT(p.all<Finding>().error().message, Catch::Contains("finding.evidence"));
}

TEST_CASE("A profile opened for reading cannot be changed, a copy can", "[profile]") {
  const Scratch s;
  const auto path = s.profile();
  auto reader = *Profile::open(path, Profile::Mode::ReadOnly);
  const auto written = reader.setMeta("a", "b");
  REQUIRE_FALSE(written);
  CHECK(written.error().code == ErrorCode::Unavailable);
  CHECK_FALSE(reader.add(Run{}));

  auto copy = *Profile::open(path, Profile::Mode::Copy);
  REQUIRE(copy.clear<Run>());
  CHECK(*copy.count<Run>() == 0);
  CHECK(*reader.count<Run>() == 500);
}

TEST_CASE("A profile without write permission opens for reading only", "[profile]") {
  if (::geteuid() == 0) {
    WARN("skipped: root may write everywhere");
    return;
  }
  const Scratch s;
  const auto path = s.profile();
  REQUIRE(::chmod(path.c_str(), 0444) == 0);
  CHECK(Profile::open(path, Profile::Mode::ReadOnly));
  const auto writer = Profile::open(path, Profile::Mode::ReadWrite);
  REQUIRE_FALSE(writer);
  CHECK(writer.error().code == ErrorCode::Unavailable);
}

TEST_CASE("Names that mean something to SQLite are names of files", "[profile]") {
  const Scratch s;
  for (const std::string name : {":memory:", "file:x?mode=memory", "a?b#c.ridge", "with 'quotes\".ridge"}) {
    {
      auto p = *Profile::create(s.at(name));
      REQUIRE(p.finish());
      CHECK(p.name() == name);
    }
    CHECK(std::filesystem::is_regular_file(s.at(name)));
    CHECK(Profile::open(s.at(name), Profile::Mode::ReadWrite));
  }
}

TEST_CASE("A profile appears when it is finished, and not before", "[profile]") {
  const Scratch s;
  {
    auto p = *Profile::create(s.at("p.ridge"));
    REQUIRE(p.add(Run{}));
    CHECK_FALSE(std::filesystem::exists(s.at("p.ridge")));
    CHECK_FALSE(p.complete());
  }
  CHECK(s.names().empty());
  {
    auto p = *Profile::create(s.at("p.ridge"));
    REQUIRE(p.add(Run{}));
    REQUIRE(p.finish());
    CHECK(s.names() == std::vector<std::string>{"p.ridge"});
    REQUIRE(p.add(Run{}));  // goes on in place
    REQUIRE(p.finish());
    CHECK(p.complete());
  }
  CHECK(*Profile::open(s.at("p.ridge"), Profile::Mode::ReadOnly)->count<Run>() == 2);
  {
    auto abandoned = *Profile::create(s.at("p.ridge"));
    REQUIRE(abandoned.add(Run{}));
  }
  CHECK(*Profile::open(s.at("p.ridge"), Profile::Mode::ReadOnly)->count<Run>() == 2);
  CHECK(s.names() == std::vector<std::string>{"p.ridge"});
}

TEST_CASE("finish() inside a transaction is refused", "[profile]") {
  const Scratch s;
  auto p = *Profile::create(s.at("p.ridge"));
  auto t = *p.begin();
  CHECK_FALSE(p.finish());
  REQUIRE(t.commit());
  CHECK(p.finish());
}

TEST_CASE("A place that cannot be written to is refused at once", "[profile]") {
  const Scratch s;
  for (const auto& path : {s.at("no/such/folder/p.ridge"), s.folder.path(), Path("/dev/full")}) {
    const auto p = Profile::create(path);
    REQUIRE_FALSE(p);
    CHECK(p.error().code == ErrorCode::Unavailable);
  }
}

TEST_CASE("`file` and SQLite's tools can tell a profile", "[profile]") {
  const Scratch s;
  const auto content = *readFile(s.profile());
  CHECK(content.substr(68, 4) == "RDGE");  // application_id, "Database File Format" section 1.3
  CHECK(content.substr(60, 4) == std::string("\0\0\0\5", 4));
}
