// A profile: one SQLite file that holds everything that was measured, found, tried and proved about a model.
//
//   auto p = Profile::create("resnet50.ridge");
//   auto t = p->begin();
//   auto id = p->add(Device{.name = "EPYC", .kind = "cpu"});
//   p->add(std::span<const Roof>(roofs));
//   t->commit();
//   p->finish();
//
// A Profile is used by one thread at a time.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "profile/query.h"
#include "profile/vocabulary.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ridgeline::profile {

// Keys of the meta table. Values are text.
namespace meta {
inline constexpr std::string_view created = "created";           // UTC, "2026-01-31T12:00:00Z"; set by create()
inline constexpr std::string_view complete = "complete";         // "1"; set by finish()
inline constexpr std::string_view toolVersion = "tool_version";  // "0.1.0"
inline constexpr std::string_view engine = "engine";             // "ONNX Runtime 1.30.0"
inline constexpr std::string_view command = "command";           // paths reduced to base names: see commandForProfile()
inline constexpr std::string_view device = "device";             // name of the device that ran the model
inline constexpr std::string_view threads = "threads";           // of the engine, as in use
inline constexpr std::string_view model = "model";               // base name of the file
inline constexpr std::string_view modelSha256 = "model_sha256";
inline constexpr std::string_view inputs = "inputs";  // "given" | "synthetic"
inline constexpr std::string_view samples = "samples";
inline constexpr std::string_view lostEvents = "lost_events";  // observations begun and not ended, over all runs
inline constexpr std::string_view notes = "notes";             // one a line
}  // namespace meta

struct ProfileImpl;

// Rolls back unless committed. One begun inside another is a part of it. Must not outlive its profile.
class Transaction {
 public:
  Transaction(Transaction&& other) noexcept : m_impl(std::exchange(other.m_impl, nullptr)), m_depth(other.m_depth) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Status commit();

 private:
  friend class Profile;
  Transaction(ProfileImpl* impl, int depth) : m_impl(impl), m_depth(depth) {}
  ProfileImpl* m_impl;
  int m_depth;
};

class Profile {
 public:
  // Copy: a copy in memory that can be written, and is lost at the end.
  enum class Mode { ReadOnly, ReadWrite, Copy };

  // A new profile, built beside `path` under a temporary name; finish() puts it there. Destroyed without finish(),
  // nothing is left. docs/decisions/0001-profile-durability.md says what a crash leaves.
  static Result<Profile> create(const std::filesystem::path& path);
  // A profile in memory, for tests and for work that leaves no file.
  static Result<Profile> createInMemory();
  // BadInput when it is no profile, damaged, or of a newer schema. An older one is migrated: in the file when it is
  // opened for writing, else in a copy in memory.
  static Result<Profile> open(const std::filesystem::path& path, Mode mode);

  Profile(Profile&&) noexcept;
  Profile& operator=(Profile&&) noexcept;
  ~Profile();

  // Makes a created profile appear under its name, whole and synced. It stays open for writing. No effect on others.
  Status finish();
  // False for a recording that was cut short.
  bool complete() const;

  Result<Transaction> begin();

  // `Row` is any struct of vocabulary.h. A row without an id gets the next one, which is returned; rows that have no id
  // return an empty value. Autocommitted outside a transaction, which is slow for many.
  template <class Row>
  Result<decltype(Row::id)> add(const Row& row);
  Status add(const OperatorNode& row);
  Status add(const CounterValue& row);
  Status add(const Classification& row);
  template <class Row>
  Status addAll(std::span<const Row> rows);  // in one transaction; the fast way for many
  template <class Row>
  Status addAll(const std::vector<Row>& rows) {
    return addAll(std::span<const Row>(rows));
  }
  template <class Row>
  Status update(const Row& row);  // the row of this id
  template <class Row>
  Status clear();  // removes every row of the table
  Status clearFindings(std::string_view analyzer);

  // Every row, by id (by operator for rows without one).
  template <class Row>
  Result<std::vector<Row>> all() const;
  template <class Row>
  Result<int64_t> count() const;

  // The id under which a text used as the name of slices is kept; the same text gives the same id.
  Result<LabelId> label(std::string_view text);

  Status setMeta(std::string_view key, std::string_view value);
  std::optional<std::string> metaValue(std::string_view key) const;
  Result<std::vector<std::pair<std::string, std::string>>> allMeta() const;  // by key

  // Runs one statement that only reads. Usage with SQLite's message when it is wrong, would write, or is more than one.
  Result<Table> query(std::string_view sql, const StopFlag* stop = nullptr) const;
  // Row by row; `columns` is called once before, `row` until it returns false.
  Status query(std::string_view sql, const std::function<void(const std::vector<std::string>&)>& columns,
               const std::function<bool(const std::vector<Cell>&)>& row, const StopFlag* stop = nullptr) const;

  // The bytes of one blob. BadInput when there is none.
  Result<std::string> blob(std::string_view table, std::string_view column, int64_t rowId) const;

  // Base name of the file, for messages and reports; "(memory)" for none.
  std::string name() const;

 private:
  friend class TimelineWriter;
  friend class TimelineReader;
  explicit Profile(std::unique_ptr<ProfileImpl> impl);
  std::unique_ptr<ProfileImpl> m_impl;
};

// A command line as a profile may keep it: every path in it, also behind "--option=", reduced to its base name.
std::string commandForProfile(std::span<const std::string> arguments);

}  // namespace ridgeline::profile
