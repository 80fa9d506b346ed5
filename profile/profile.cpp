#include "profile/profile.h"

#include "base/clock.h"
#include "profile/profile_impl.h"
#include "profile/schema.h"

#include <fstream>

namespace ridgeline::profile {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kMagic{"SQLite format 3\0", 16};

uint32_t bigEndian(std::string_view bytes, size_t at, size_t count) {
  uint32_t value = 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

bool hasJournal(const fs::path& path) {
  std::error_code ec;
  return fs::exists(path.string() + "-journal", ec) || fs::exists(path.string() + "-wal", ec);
}

// What SQLite itself would only notice when it reaches a missing page. Offsets: "Database File Format", section 1.3.
Status checkHeader(const fs::path& path) {
  std::error_code ec;
  const auto status = fs::status(path, ec);
  if (!fs::exists(status)) return badInput(fmt::format("{}: no such file", path.string()));
  if (!fs::is_regular_file(status)) return badInput(fmt::format("{} is not a file", path.string()));
  std::ifstream in(path, std::ios::binary);
  if (!in) return badInput(fmt::format("{} cannot be read", path.string()), "check its permissions");
  std::string header(100, '\0');
  in.read(header.data(), static_cast<std::streamsize>(header.size()));
  if (static_cast<size_t>(in.gcount()) < header.size() || !header.starts_with(kMagic)) {
    return badInput(fmt::format("{} is not a Ridgeline profile", path.string()), "`ridgeline record` writes profiles");
  }
  const uint64_t pageSize = bigEndian(header, 16, 2) == 1 ? 65536 : bigEndian(header, 16, 2);
  const uint64_t expected = pageSize * bigEndian(header, 28, 4);
  const bool sizeIsValid = bigEndian(header, 24, 4) == bigEndian(header, 92, 4);
  const uint64_t size = fs::file_size(path, ec);
  if (!ec && sizeIsValid && size < expected && !hasJournal(path)) {
    return badInput(fmt::format("{} is cut short: {} of {} bytes are there", path.string(), size, expected),
                    "copy it again, or record it again");
  }
  return {};
}

// A writer that was killed leaves a journal, and the file is whole again once that is rolled back, which a reader
// without write access cannot do.
void recover(const fs::path& path) {
  if (!hasJournal(path)) return;
  auto writer = sqlite::Connection::open(path, sqlite::OpenMode::ReadWrite);
  if (writer) (void)writer->integer("PRAGMA user_version");
}

Status configure(sqlite::Connection& db) {
  // A profile may come from anybody: nothing in its schema may do more than store rows.
  sqlite3_db_config(db.handle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // 8 MB of pages: with 32 a long spool takes 5 to 10 % longer and three times the memory, an import no less time.
  return db.execute("PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8192;");
}

Result<sqlite::Connection> copyInMemory(sqlite::Connection& from) {
  auto copy = sqlite::Connection::inMemory();
  if (!copy) return copy;
  sqlite3_backup* backup = sqlite3_backup_init(copy->handle(), "main", from.handle(), "main");
  if (backup == nullptr) return tl::unexpected<Error>(copy->error(sqlite3_errcode(copy->handle()), "read"));
  const int rc = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  if (rc != SQLITE_DONE) return tl::unexpected<Error>(from.error(rc, "read"));
  return copy;
}

// Every table the current schema has, against what is there.
Status checkTables(sqlite::Connection& db, const std::string& name) {
  auto reference = sqlite::Connection::inMemory();
  if (!reference) return passOn(reference);
  if (auto made = schema::migrate(*reference, schema::steps(), schema::views()); !made) return made;
  const std::string count = "SELECT COUNT(*) FROM sqlite_master WHERE type IN ('table', 'view')";
  auto expected = reference->integer(count);
  auto found = db.integer(count);
  if (!found) return passOn(found);
  if (!expected) return passOn(expected);
  if (*found < *expected) {
    return badInput(fmt::format("{} is damaged: it has {} of {} tables", name, *found, *expected), "record it again");
  }
  return {};
}

}  // namespace

Result<sqlite::Statement*> ProfileImpl::statement(const std::string& sql) {
  if (const auto it = statements.find(sql); it != statements.end()) {
    it->second.reset();
    return &it->second;
  }
  auto prepared = sqlite::Statement::prepare(db, sql, true);
  if (!prepared) return passOn(prepared);
  return &statements.emplace(sql, std::move(*prepared)).first->second;
}

Profile::Profile(std::unique_ptr<ProfileImpl> impl) : m_impl(std::move(impl)) {}
Profile::Profile(Profile&&) noexcept = default;
Profile& Profile::operator=(Profile&&) noexcept = default;
Profile::~Profile() = default;

Result<Profile> Profile::create(const fs::path& path) {
  auto pending = PendingFile::create(path);
  if (!pending) return passOn(pending);
  auto db = sqlite::Connection::open(pending->temporary(), sqlite::OpenMode::Create);
  if (!db) return passOn(db);
  auto impl = std::make_unique<ProfileImpl>(std::move(*db));
  impl->pending = std::move(*pending);
  impl->name = path.filename().string();
  // finish() syncs the whole file once. Until then a loss of power may cost it; a crash of this process may not.
  // Keeping track of pages that might be given back (Debian's default) is work for nothing: hardly any ever is.
  if (auto s = impl->db.execute("PRAGMA auto_vacuum = NONE; PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF;");
      !s)
    return passOn(s);
  if (auto s = configure(impl->db); !s) return passOn(s);
  if (auto s = schema::migrate(impl->db, schema::steps(), schema::views()); !s) return passOn(s);
  Profile profile(std::move(impl));
  if (auto s = profile.setMeta(meta::created, utcNow()); !s) return passOn(s);
  return profile;
}

Result<Profile> Profile::createInMemory() {
  auto db = sqlite::Connection::inMemory();
  if (!db) return passOn(db);
  auto impl = std::make_unique<ProfileImpl>(std::move(*db));
  if (auto s = configure(impl->db); !s) return passOn(s);
  if (auto s = schema::migrate(impl->db, schema::steps(), schema::views()); !s) return passOn(s);
  Profile profile(std::move(impl));
  if (auto s = profile.setMeta(meta::created, utcNow()); !s) return passOn(s);
  return profile;
}

Result<Profile> Profile::open(const fs::path& path, Mode mode) {
  if (auto s = checkHeader(path); !s) return passOn(s);
  recover(path);
  const bool writable = mode == Mode::ReadWrite;
  auto db = sqlite::Connection::open(path, writable ? sqlite::OpenMode::ReadWrite : sqlite::OpenMode::ReadOnly);
  if (!db) return passOn(db);
  auto state = schema::examine(*db);
  if (!state) return passOn(state);
  if (writable && sqlite3_db_readonly(db->handle(), "main") != 0) {
    return unavailable(fmt::format("cannot write {}: no permission", path.string()), "check its permissions");
  }
  if (mode == Mode::Copy || (*state == schema::State::Older && !writable)) {
    auto copy = copyInMemory(*db);
    if (!copy) return passOn(copy);
    db = std::move(*copy);
  }
  if (*state == schema::State::Older) {
    if (auto s = schema::migrate(*db, schema::steps(), schema::views()); !s) return passOn(s);
  }
  if (auto s = checkTables(*db, path.string()); !s) return passOn(s);
  if (auto s = configure(*db); !s) return passOn(s);
  if (mode == Mode::ReadOnly) {
    if (auto s = db->execute("PRAGMA query_only = ON"); !s) return passOn(s);
  }
  auto impl = std::make_unique<ProfileImpl>(std::move(*db));
  impl->name = path.filename().string();
  return Profile(std::move(impl));
}

Status Profile::finish() {
  if (!m_impl->pending) return {};
  if (m_impl->depth != 0) return internalError("finish() inside a transaction");
  if (auto s = setMeta(meta::complete, "1"); !s) return s;
  // A journal takes the name under which the file was opened, so it is closed for the time of renaming.
  auto placeholder = sqlite::Connection::inMemory();
  if (!placeholder) return passOn(placeholder);
  m_impl->statements.clear();
  { const sqlite::Connection closing = std::exchange(m_impl->db, std::move(*placeholder)); }
  const auto path = m_impl->pending->finalPath();
  if (auto s = m_impl->pending->commit(); !s) return s;
  m_impl->pending.reset();
  auto db = sqlite::Connection::open(path, sqlite::OpenMode::ReadWrite);
  if (!db) return passOn(db);
  m_impl->db = std::move(*db);
  return configure(m_impl->db);
}

bool Profile::complete() const { return metaValue(meta::complete).has_value(); }

std::string Profile::name() const { return m_impl->name; }

Result<Transaction> Profile::begin() {
  if (auto s = m_impl->db.execute(fmt::format("SAVEPOINT level{}", m_impl->depth)); !s) return passOn(s);
  return Transaction(m_impl.get(), m_impl->depth++);
}

Status Transaction::commit() {
  if (m_impl == nullptr) return internalError("a transaction was committed twice");
  if (auto s = m_impl->db.execute(fmt::format("RELEASE level{}", m_depth)); !s) return s;
  m_impl->depth = m_depth;
  m_impl = nullptr;
  return {};
}

Transaction::~Transaction() {
  if (m_impl == nullptr) return;
  // A full disk may have rolled it back already, then these fail and nothing is lost.
  (void)m_impl->db.execute(fmt::format("ROLLBACK TO level{}", m_depth));
  (void)m_impl->db.execute(fmt::format("RELEASE level{}", m_depth));
  m_impl->labels.clear();
  m_impl->depth = m_depth;
}

}  // namespace ridgeline::profile
