// The schema, its migrations, and the document about it.
#include "base/files.h"
#include "profile/profile.h"
#include "profile/schema.h"

#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <sstream>

using namespace ridgeline;
using namespace ridgeline::profile;

namespace {

using Path = std::filesystem::path;
const Path kRoot = Path(RIDGELINE_TEST_DATA).parent_path().parent_path();

std::vector<std::string> column(const Profile& p, const std::string& sql) {
  std::vector<std::string> out;
  const auto table = p.query(sql);
  INFO((table ? sql : table.error().text()));
  REQUIRE(table);
  for (const auto& row : table->rows) out.push_back(textOf(row[0]));
  return out;
}

using Tables = std::map<std::string, std::set<std::string>>;

Tables tablesOf(const Profile& p) {
  Tables tables;
  for (const auto& name : column(p, "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")) {
    for (const auto& c : column(p, "SELECT name FROM pragma_table_info('" + name + "')")) tables[name].insert(c);
  }
  return tables;
}

// "### name" opens a table, "| `column` |" names a column of it.
Tables documented(const std::string& text) {
  Tables tables;
  std::string current;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("#")) current = line.starts_with("### ") ? line.substr(4) : "";
    if (!current.empty()) tables[current];
    if (!current.empty() && line.starts_with("| `")) tables[current].insert(line.substr(3, line.find('`', 3) - 3));
  }
  return tables;
}

sqlite::Connection databaseOf(const Path& sqlFile) {
  auto db = *sqlite::Connection::inMemory();
  REQUIRE(db.execute(*readFile(sqlFile)));
  return db;
}

void saveAs(sqlite::Connection& db, const Path& path) {
  auto statement = *sqlite::Statement::prepare(db, "VACUUM INTO ?");
  statement.bind(1, std::string_view(path.native()));
  REQUIRE(statement.run());
}

int64_t version(const sqlite::Connection& db) { return *db.integer("PRAGMA user_version"); }

}  // namespace

TEST_CASE("docs/profile-schema.md has every table, view and column, and no other", "[profile]") {
  const auto p = *Profile::createInMemory();
  const auto actual = tablesOf(p);
  const auto written = documented(*readFile(kRoot / "docs/profile-schema.md"));
  REQUIRE(actual.size() > 20);
  for (const auto& [table, columns] : actual) {
    INFO(table);
    REQUIRE(written.count(table) == 1);
    CHECK(written.at(table) == columns);
  }
  for (const auto& [table, columns] : written) {
    INFO(table);
    CHECK(actual.count(table) == 1);
  }
}

TEST_CASE("The queries in docs/profile-schema.md run", "[profile]") {
  const auto p = *Profile::createInMemory();
  const auto text = *readFile(kRoot / "docs/profile-schema.md");
  int count = 0;
  for (size_t at = text.find("```sql\n"); at != std::string::npos; at = text.find("```sql\n", at + 1)) {
    const auto sql = text.substr(at + 7, text.find("```", at + 7) - at - 7);
    INFO(sql);
    const auto result = p.query(sql);
    INFO((result ? "" : result.error().text()));
    CHECK(result);
    ++count;
  }
  CHECK(count >= 3);
}

// Views included.
const std::vector<std::string> kTablesOfSchema1{
    "advice",   "advice_ranked", "classification", "counter_kind", "counter_value", "device",    "finding",
    "hotspots", "label",         "latency",        "meta",         "model",         "near_miss", "node",
    "operator", "operators",     "operator_node",  "proof",        "roof",          "roofs",     "run",
    "slice",    "slices",        "track",          "trial",        "trials"};

TEST_CASE("A profile of schema 1 still opens with all its rows", "[profile]") {
  auto old = databaseOf(kRoot / "tests/profile/fixtures/profile_v1.sql");
  REQUIRE(version(old) == 1);
  const auto folder = *TemporaryFolder::create("test");
  const auto path = folder.path() / "old.ridge";
  saveAs(old, path);
  for (const auto mode : {Profile::Mode::ReadOnly, Profile::Mode::Copy, Profile::Mode::ReadWrite}) {
    const auto p = Profile::open(path, mode);
    REQUIRE(p);
    CHECK(p->metaValue(meta::model) == "net.onnx");
    CHECK((*p->all<Operator>()).at(0).work->flops == 1e9);
    CHECK_FALSE((*p->all<Operator>()).at(1).work);
    CHECK((*p->all<Roof>()).at(0).level == "DRAM");
    CHECK((*p->all<Finding>()).at(0).evidence == std::vector<std::string>{"one", "two"});
    CHECK((*p->all<Trial>()).at(0).verdict == Verdict::Faster);
    CHECK((*p->all<Proof>()).at(0).speedup == 2.5);
    for (const auto& table : kTablesOfSchema1) {
      INFO(table);
      CHECK(std::stoi(column(*p, "SELECT COUNT(*) FROM " + table).at(0)) > 0);
    }
  }
}

TEST_CASE("The first step makes the tables of the schema 1 that was released", "[profile]") {
  const auto tables = [](const sqlite::Connection& db) {
    std::vector<std::string> out;
    auto s = *sqlite::Statement::prepare(
        db, "SELECT sql FROM sqlite_master WHERE type <> 'view' AND sql <> '' ORDER BY name");
    while (*s.step()) out.push_back(s.text(0));
    return out;
  };
  const auto released = databaseOf(kRoot / "tests/profile/fixtures/profile_v1.sql");
  auto made = *sqlite::Connection::inMemory();
  REQUIRE(schema::migrate(made, schema::steps().first(1), ""));
  CHECK(tables(made) == tables(released));
}

TEST_CASE("Migration goes through every step that is missing, and makes the views anew", "[profile]") {
  const std::vector<std::string_view> steps{"CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)",
                                            "ALTER TABLE t ADD COLUMN b INTEGER DEFAULT 5",
                                            "CREATE TABLE u AS SELECT a + b AS c FROM t"};
  auto db = *sqlite::Connection::inMemory();
  REQUIRE(schema::migrate(db, std::span(steps).first(1),
                          "CREATE VIEW v AS SELECT a FROM t; CREATE VIEW \"q\"\"x\" AS SELECT 1;"));
  CHECK(version(db) == 1);
  REQUIRE(db.execute("INSERT INTO t VALUES (10)"));
  REQUIRE(schema::migrate(db, steps, "CREATE VIEW v AS SELECT b FROM t"));
  CHECK(version(db) == 3);
  CHECK(*db.integer("PRAGMA application_id") == schema::kApplicationId);
  CHECK(*db.integer("SELECT SUM(c) FROM u") == 21);
  CHECK(*db.integer("SELECT SUM(b) FROM v") == 10);
  CHECK(*db.integer("SELECT COUNT(*) FROM sqlite_master WHERE type = 'view'") == 1);
  REQUIRE(schema::migrate(db, steps, "CREATE VIEW v AS SELECT b FROM t"));  // nothing left to do
  CHECK(version(db) == 3);
}

TEST_CASE("A migration that fails leaves the database as it was", "[profile]") {
  const std::vector<std::string_view> steps{"CREATE TABLE t (a)",
                                            "CREATE TABLE u (b); INSERT INTO t VALUES (1); garbage"};
  auto db = *sqlite::Connection::inMemory();
  REQUIRE(schema::migrate(db, std::span(steps).first(1), "CREATE VIEW v AS SELECT a FROM t"));
  CHECK_FALSE(schema::migrate(db, steps, "CREATE VIEW v AS SELECT 2"));
  CHECK(version(db) == 1);
  CHECK(*db.integer("SELECT COUNT(*) FROM sqlite_master WHERE name = 'u'") == 0);
  CHECK(*db.integer("SELECT COUNT(*) FROM t") == 0);
  CHECK(*db.integer("SELECT COUNT(*) FROM v") == 0);
  REQUIRE(db.execute("INSERT INTO t VALUES (1)"));  // no transaction is left open
}
