// Millions of timeline rows, written at the speed SQLite allows: statements prepared once, no checks of references.
//
// Rows must come with ids, and slices in the order of their track and start, which keeps the index cheap. References
// are not checked while a writer lives; it must not be made inside a transaction, and be gone before finish().
#pragma once

#include "profile/profile.h"
#include "profile/timeline_vocabulary.h"

#include <string_view>

struct sqlite3_stmt;

namespace ridgeline::profile {

class TimelineWriter {
 public:
  static Result<TimelineWriter> open(Profile& profile);
  TimelineWriter(TimelineWriter&&) noexcept;
  TimelineWriter& operator=(TimelineWriter&&) = delete;
  ~TimelineWriter();

  Status label(LabelId id, std::string_view text);  // texts must differ from all there are
  Status slice(const Slice& row);
  Status kernel(const KernelLaunch& row);
  Status copy(const Copy& row);
  Status sample(const Sample& row);
  // Moves every point in time of ranks, runs, slices and samples.
  Status shift(int64_t ns);

 private:
  explicit TimelineWriter(ProfileImpl* impl) : m_impl(impl) {}
  Status prepare();
  Status run(sqlite3_stmt* statement);

  ProfileImpl* m_impl;
  sqlite3_stmt* m_label = nullptr;
  sqlite3_stmt* m_slice = nullptr;
  sqlite3_stmt* m_kernel = nullptr;
  sqlite3_stmt* m_copy = nullptr;
  sqlite3_stmt* m_sample = nullptr;
};

}  // namespace ridgeline::profile
