// Runs in a PostgreSQL database that many runners share. A run is one row, inserted in one statement under its
// content's hash: repeated after a lost connection, it is there once.
#include "advisor/check/postgres.h"
#include "advisor/check/run_store.h"
#include "base/files.h"

#include <nlohmann/json.hpp>

#include <charconv>

namespace ridgeline::advisor {
namespace {

using postgres::Connection;
using postgres::Parameter;
using postgres::ResultHandle;

constexpr int kSchemaVersion = 1;
// Any number that no other program is likely to lock.
constexpr const char* kLock = "SELECT pg_advisory_xact_lock(1380206405)";
constexpr const char* kTables[] = {
    "CREATE TABLE IF NOT EXISTS ridgeline_schema (version INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS ridgeline_run (id TEXT PRIMARY KEY, published TIMESTAMPTZ NOT NULL DEFAULT now(), "
    "created TEXT NOT NULL, project TEXT NOT NULL, branch TEXT NOT NULL, commit_hash TEXT NOT NULL, model TEXT NOT "
    "NULL, "
    "model_sha256 TEXT NOT NULL, device TEXT NOT NULL, engine TEXT NOT NULL, threads INTEGER NOT NULL, "
    "latency_ms DOUBLE PRECISION, latency_sigma_ms DOUBLE PRECISION, runs BIGINT NOT NULL, profile BYTEA NOT NULL)",
    "CREATE INDEX IF NOT EXISTS ridgeline_run_by_model ON ridgeline_run (model, device, created)",
    "INSERT INTO ridgeline_schema SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM ridgeline_schema)"};

// The server takes valid UTF-8 only; names in recordings may be anything.
std::string utf8(const std::string& text) {
  const auto replaced = nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  auto clean = nlohmann::json::parse(replaced).get<std::string>();
  clean.erase(std::remove(clean.begin(), clean.end(), '\0'), clean.end());
  return clean;
}

Parameter text(const std::string& value) { return {utf8(value), false}; }
Parameter number(const std::optional<double>& value) {
  return {value ? std::optional(fmt::format("{}", *value)) : std::nullopt, false};
}

std::string cell(const ResultHandle& rows, int row, int column) { return PQgetvalue(rows.get(), row, column); }

std::optional<double> numberIn(const ResultHandle& rows, int row, int column) {
  if (PQgetisnull(rows.get(), row, column)) return std::nullopt;
  const auto value = cell(rows, row, column);
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

class PostgresStore : public RunStore {
 public:
  explicit PostgresStore(Connection connection) : m_connection(std::move(connection)) {}

  Result<StoredRun> publish(const std::filesystem::path& profile, const RunLabels& labels,
                            const std::filesystem::path& /*model*/) override {
    auto run = describeRun(profile);
    if (!run) return passOn(run);
    run->labels = labels;
    auto bytes = readFile(profile);
    if (!bytes) return passOn(bytes);
    const std::vector<Parameter> parameters{text(run->id),
                                            text(run->created),
                                            text(labels.project),
                                            text(labels.branch),
                                            text(labels.commit),
                                            text(run->model),
                                            text(run->modelSha256),
                                            text(run->device),
                                            text(run->engine),
                                            {std::to_string(run->threads), false},
                                            number(run->latencyMs),
                                            number(run->latencySigmaMs),
                                            {std::to_string(run->runs), false},
                                            {std::move(*bytes), true}};
    const auto done = withSchema([&](Connection& c) -> Status {
      auto inserted = c.execute(
          "INSERT INTO ridgeline_run (id, created, project, branch, commit_hash, model, model_sha256, device, engine, "
          "threads, latency_ms, latency_sigma_ms, runs, profile) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
          "$10::integer, "
          "$11::double precision, $12::double precision, $13::bigint, $14::bytea) ON CONFLICT (id) DO NOTHING",
          parameters);
      return inserted ? Status() : passOn(inserted);
    });
    if (!done) return tl::unexpected<Error>(done.error());
    return run;
  }

  Result<std::vector<StoredRun>> list(const RunFilter& filter) override {
    std::vector<StoredRun> runs;
    const std::vector<Parameter> parameters{text(filter.project),
                                            text(filter.branch),
                                            text(filter.model),
                                            text(filter.device),
                                            {std::to_string(filter.threads), false},
                                            {std::to_string(filter.limit), false}};
    const auto done = withSchema([&](Connection& c) -> Status {
      runs.clear();
      auto rows = c.execute(
          "SELECT id, created, project, branch, commit_hash, model, model_sha256, device, engine, threads, latency_ms, "
          "latency_sigma_ms, runs FROM ridgeline_run WHERE ($1 = '' OR project = $1) AND ($2 = '' OR branch = $2) AND "
          "($3 = '' OR model = $3) AND ($4 = '' OR device = $4) AND ($5::integer = 0 OR threads = $5::integer) "
          "ORDER BY created DESC, id DESC LIMIT $6::bigint",
          parameters);
      if (!rows) return passOn(rows);
      for (int i = 0; i < PQntuples(rows->get()); ++i) runs.push_back(runOf(*rows, i));
      return {};
    });
    if (!done) return tl::unexpected<Error>(done.error());
    return runs;
  }

  Status fetch(const std::string& id, const std::filesystem::path& path) override {
    std::string bytes;
    const auto done = withSchema([&](Connection& c) -> Status {
      auto rows = c.execute("SELECT profile FROM ridgeline_run WHERE id = $1", {text(id)}, true);
      if (!rows) return passOn(rows);
      if (PQntuples(rows->get()) == 0) return badInput(fmt::format("{} has no run {}", name(), id.substr(0, 12)));
      bytes.assign(PQgetvalue(rows->get(), 0, 0), static_cast<size_t>(PQgetlength(rows->get(), 0, 0)));
      return {};
    });
    return done ? writeFileAtomically(path, bytes) : done;
  }

  std::optional<std::filesystem::path> modelFile(const std::string&) override { return std::nullopt; }

  Result<int64_t> prune(size_t keep) override {
    int64_t gone = 0;
    const auto done = withSchema([&](Connection& c) -> Status {
      auto deleted = c.execute(
          "DELETE FROM ridgeline_run WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY project, "
          "branch, model, device ORDER BY created DESC, id DESC) AS place FROM ridgeline_run) AS placed WHERE place > "
          "$1::bigint)",
          {{std::to_string(keep), false}});
      if (!deleted) return passOn(deleted);
      const std::string count = PQcmdTuples(deleted->get());
      std::from_chars(count.data(), count.data() + count.size(), gone);
      return {};
    });
    if (!done) return tl::unexpected<Error>(done.error());
    return gone;
  }

  std::string name() const override { return m_connection.name(); }

 private:
  static StoredRun runOf(const ResultHandle& rows, int i) {
    StoredRun run;
    run.id = cell(rows, i, 0);
    run.created = cell(rows, i, 1);
    run.labels = {cell(rows, i, 2), cell(rows, i, 3), cell(rows, i, 4)};
    run.model = cell(rows, i, 5);
    run.modelSha256 = cell(rows, i, 6);
    run.device = cell(rows, i, 7);
    run.engine = cell(rows, i, 8);
    run.threads = static_cast<int>(numberIn(rows, i, 9).value_or(0));
    run.latencyMs = numberIn(rows, i, 10);
    run.latencySigmaMs = numberIn(rows, i, 11);
    run.runs = static_cast<int64_t>(numberIn(rows, i, 12).value_or(0));
    return run;
  }

  // Runs `work` once the tables are there and of a version that this program knows.
  Status withSchema(const std::function<Status(Connection&)>& work) {
    return m_connection.withRetries([&](Connection& c) -> Status {
      if (!m_ready) {
        if (auto s = prepare(c); !s) return s;
        m_ready = true;
      }
      return work(c);
    });
  }

  Status prepare(Connection& c) {
    auto there = c.execute("SELECT to_regclass('ridgeline_schema') IS NOT NULL");
    if (!there) return passOn(there);
    if (cell(*there, 0, 0) != "t") {
      if (auto s = makeTables(c); !s) return s;
    }
    auto version = c.execute("SELECT MAX(version) FROM ridgeline_schema");
    if (!version) return passOn(version);
    const auto is = numberIn(*version, 0, 0).value_or(0);
    if (is > kSchemaVersion) {
      return unavailable(fmt::format("{} was made by a newer Ridgeline (schema {:.0f}; this one knows {})", name(), is,
                                     kSchemaVersion),
                         "update this one");
    }
    if (is < kSchemaVersion) return unavailable(fmt::format("{} holds a damaged ridgeline_schema table", name()));
    return {};
  }

  // One of several that come at once makes them; the lock lasts as long as the transaction.
  Status makeTables(Connection& c) {
    std::vector<const char*> statements{"BEGIN", kLock};
    statements.insert(statements.end(), std::begin(kTables), std::end(kTables));
    statements.push_back("COMMIT");
    for (const char* sql : statements) {
      if (auto done = c.execute(sql); !done) {
        (void)c.execute("ROLLBACK");
        return passOn(done);
      }
    }
    return {};
  }

  Connection m_connection;
  bool m_ready = false;
};

}  // namespace

Result<std::unique_ptr<RunStore>> openPostgresStore(const std::string& url) {
  auto connection = Connection::at(url);
  if (!connection) return passOn(connection);
  return std::make_unique<PostgresStore>(std::move(*connection));
}

}  // namespace ridgeline::advisor
