#include "profile/schema.h"

#include "profile/schema_v1.h"
#include "profile/schema_v2.h"
#include "profile/schema_v3.h"
#include "profile/schema_v4.h"
#include "profile/schema_v5.h"

#include <array>
#include <string>
#include <vector>

namespace ridgeline::profile::schema {
namespace {

constexpr std::array kSteps{kSchema1, kSchema2, kSchema3, kSchema4, kSchema5};

Result<std::vector<std::string>> viewNames(sqlite::Connection& connection) {
  auto statement = sqlite::Statement::prepare(connection, "SELECT name FROM sqlite_master WHERE type = 'view'");
  if (!statement) return passOn(statement);
  std::vector<std::string> names;
  for (;;) {
    auto row = statement->step();
    if (!row) return passOn(row);
    if (!*row) return names;
    names.push_back(statement->text(0));
  }
}

std::string quotedName(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    out += c;
    if (c == '"') out += c;
  }
  return out + '"';
}

Status upgrade(sqlite::Connection& connection, std::span<const std::string_view> allSteps, std::string_view allViews,
               int64_t from) {
  auto names = viewNames(connection);
  if (!names) return passOn(names);
  for (const auto& name : *names) {
    if (auto dropped = connection.execute("DROP VIEW " + quotedName(name)); !dropped) return dropped;
  }
  for (size_t step = static_cast<size_t>(from); step < allSteps.size(); ++step) {
    if (auto done = connection.execute(std::string(allSteps[step])); !done) return done;
  }
  if (auto made = connection.execute(std::string(allViews)); !made) return made;
  return connection.execute(
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};", kApplicationId, allSteps.size()));
}

}  // namespace

std::span<const std::string_view> steps() { return kSteps; }

Result<State> examine(sqlite::Connection& connection) {
  const auto& name = connection.name();
  auto application = connection.integer("PRAGMA application_id");
  if (!application) return passOn(application);
  if (*application != kApplicationId) {
    return badInput(fmt::format("{} is a database, but not a Ridgeline profile", name),
                    "`ridgeline record` writes profiles");
  }
  auto version = connection.integer("PRAGMA user_version");
  if (!version) return passOn(version);
  if (*version > currentVersion()) {
    return badInput(fmt::format("{} was written by a newer Ridgeline (schema {}, this one knows up to {})", name,
                                *version, currentVersion()),
                    "update Ridgeline");
  }
  if (*version < 1) return badInput(fmt::format("{} is damaged: it has no schema version", name), "record it again");
  return *version == currentVersion() ? State::Current : State::Older;
}

Status migrate(sqlite::Connection& connection, std::span<const std::string_view> allSteps, std::string_view allViews) {
  if (auto begun = connection.execute("BEGIN IMMEDIATE"); !begun) return begun;
  auto version = connection.integer("PRAGMA user_version");  // read inside, in case another process was faster
  Status done;
  if (!version) {
    done = passOn(version);
  } else if (*version < static_cast<int64_t>(allSteps.size())) {
    done = upgrade(connection, allSteps, allViews, *version);
  }
  if (done) done = connection.execute("COMMIT");
  if (!done) sqlite3_exec(connection.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  return done;
}

}  // namespace ridgeline::profile::schema
