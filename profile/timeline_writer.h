// Millions of timeline rows, written at the speed SQLite allows: thousands at a time, no checks of references.
//
// Rows must come with ids, and slices in the order of their track and start, which keeps the index cheap. References
// are not checked while a writer lives; it must not be made inside a transaction, and be gone before finish(). What was
// given to it is in the profile after flush(), which comes before the end of a transaction. Slices, kernels and copies
// are written by a thread of the writer's own: settle() comes before any other use of the profile.
#pragma once

#include "profile/profile.h"
#include "profile/timeline_vocabulary.h"

#include <memory>
#include <string_view>

struct sqlite3_stmt;

namespace ridgeline::profile {

struct WaitingRows;

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
  Status flush();
  // Waits for what is being written. Rows that were not handed over yet stay where they are.
  Status settle();
  // The operator or range around a call; linkCallers() makes it the caller of all that the call launched.
  Status caller(SliceId call, SliceId caller);
  Status linkCallers();
  // Which operator a slice is; linkOperators() gives it to the slice, and to the work whose caller it is.
  Status operatorOf(SliceId slice, OperatorId op);
  Status linkOperators();
  // Without the index that finds slices by track and time, writing is faster when they come in no order. It must be
  // built again before the profile is read by time.
  Status dropTimeIndex();
  Status buildTimeIndex();
  // Moves every point in time of ranks, runs, slices and samples.
  Status shift(int64_t ns);

 private:
  explicit TimelineWriter(ProfileImpl* impl);
  Status prepare();
  Status handOver();
  Status run(sqlite3_stmt* statement);
  Status pair(sqlite3_stmt*& statement, const char* table, int64_t key, int64_t value);
  Status link(sqlite3_stmt*& statement, const char* sql);

  ProfileImpl* m_impl;
  sqlite3_stmt* m_label = nullptr;
  std::unique_ptr<WaitingRows> m_waiting;
  sqlite3_stmt* m_sample = nullptr;
  sqlite3_stmt* m_callers = nullptr;  // of temporary tables, which are there as long as these
  sqlite3_stmt* m_operators = nullptr;
};

}  // namespace ridgeline::profile
