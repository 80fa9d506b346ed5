// The small writes and reads that are no rows of a vocabulary struct.
#include "profile/profile.h"
#include "profile/profile_impl.h"

namespace ridgeline::profile {
namespace {

// An argument that is a path, or "--option=path", without its folders.
std::string withoutFolders(const std::string& argument) {
  const auto slash = argument.rfind('/');
  if (slash == std::string::npos) return argument;
  const auto equals = argument.find('=');
  const bool option = argument.starts_with("-") && equals != std::string::npos && equals < slash;
  std::string base = argument.substr(slash + 1);
  if (base.empty()) {  // "folder/"
    const auto end = argument.find_last_not_of('/');
    const auto start = end == std::string::npos ? std::string::npos : argument.rfind('/', end);
    const auto from = start != std::string::npos ? start + 1 : option ? equals + 1 : 0;
    base = end == std::string::npos ? "/" : argument.substr(from, end + 1 - from);
  }
  return option ? argument.substr(0, equals + 1) + base : base;
}

}  // namespace

Status Profile::setMeta(std::string_view key, std::string_view value) {
  auto statement = m_impl->statement("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)");
  if (!statement) return passOn(statement);
  (*statement)->bind(1, key);
  (*statement)->bind(2, value);
  return (*statement)->run();
}

std::optional<std::string> Profile::metaValue(std::string_view key) const {
  auto statement = m_impl->statement("SELECT value FROM meta WHERE key = ?");
  if (!statement) return std::nullopt;
  (*statement)->bind(1, key);
  std::optional<std::string> value;
  if (auto row = (*statement)->step(); row && *row) value = (*statement)->text(0);
  (*statement)->reset();
  return value;
}

Result<std::vector<std::pair<std::string, std::string>>> Profile::allMeta() const {
  auto statement = sqlite::Statement::prepare(m_impl->db, "SELECT key, value FROM meta ORDER BY key");
  if (!statement) return passOn(statement);
  std::vector<std::pair<std::string, std::string>> entries;
  for (;;) {
    auto row = statement->step();
    if (!row) return passOn(row);
    if (!*row) return entries;
    entries.emplace_back(statement->text(0), statement->text(1));
  }
}

Result<std::string> Profile::blob(std::string_view table, std::string_view column, int64_t rowId) const {
  sqlite3_blob* handle = nullptr;
  const int opened = sqlite3_blob_open(m_impl->db.handle(), "main", std::string(table).c_str(),
                                       std::string(column).c_str(), rowId, 0, &handle);
  if (opened != SQLITE_OK) {
    sqlite3_blob_close(handle);
    return badInput(fmt::format("{} is damaged: row {} of {} has no bytes", m_impl->name, rowId, table),
                    "record it again");
  }
  std::string bytes(static_cast<size_t>(sqlite3_blob_bytes(handle)), '\0');
  const int rc = sqlite3_blob_read(handle, bytes.data(), static_cast<int>(bytes.size()), 0);
  sqlite3_blob_close(handle);
  if (rc != SQLITE_OK) return tl::unexpected<Error>(m_impl->db.error(rc, "read"));
  return bytes;
}

Status Profile::clearFindings(std::string_view analyzer) {
  auto statement = m_impl->statement("DELETE FROM finding WHERE analyzer = ?");
  if (!statement) return passOn(statement);
  (*statement)->bind(1, analyzer);
  return (*statement)->run();
}

Result<LabelId> Profile::label(std::string_view text) {
  std::string key(text);
  if (const auto it = m_impl->labels.find(key); it != m_impl->labels.end()) return it->second;
  auto insert = m_impl->statement("INSERT OR IGNORE INTO label (text) VALUES (?)");
  if (!insert) return passOn(insert);
  (*insert)->bind(1, text);
  if (auto s = (*insert)->run(); !s) return passOn(s);
  auto select = m_impl->statement("SELECT id FROM label WHERE text = ?");
  if (!select) return passOn(select);
  (*select)->bind(1, text);
  auto row = (*select)->step();
  if (!row) return passOn(row);
  if (!*row) return internalError("a label that was just written is not there");
  const LabelId id{(*select)->integer(0)};
  (*select)->reset();
  m_impl->labels.emplace(std::move(key), id);
  return id;
}

std::string commandForProfile(std::span<const std::string> arguments) {
  std::string out;
  for (const auto& argument : arguments) {
    if (!out.empty()) out += ' ';
    out += withoutFolders(argument);
  }
  return out;
}

}  // namespace ridgeline::profile
