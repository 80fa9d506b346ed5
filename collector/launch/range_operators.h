// Kernels and copies are given the operator, else the range, around the call that launched them, once all slices of a
// process are in the profile.
#pragma once

#include "profile/profile.h"
#include "profile/timeline_vocabulary.h"
#include "profile/timeline_writer.h"

#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ridgeline::collector {

// Of one process.
class RangeOperators {
 public:
  // A slice that is a range: of an operator with these shapes of its inputs, or of anything else.
  void addOperator(profile::SliceId slice, const std::string& name, const std::string& shapes);
  void addRange() { m_any = true; }

  // Sets the callers of the work, and adds the operators that launched any. Reads slices by their time.
  Status write(profile::Profile& profile, profile::TimelineWriter& writer, profile::RankId rank);

 private:
  struct Group {
    std::string name, shapes;
    int64_t calls = 0;
    double totalNs = 0;
    profile::DeviceId device;
    profile::OperatorId row;
  };
  struct Caller {
    profile::SliceId call, caller;
  };
  static Result<std::vector<Caller>> callersOn(const profile::Profile& profile, profile::TrackId track);
  static Status findCallers(const profile::Profile& profile, profile::TimelineWriter& writer, profile::RankId rank);
  Status sumWork(const profile::Profile& profile, std::vector<std::pair<profile::SliceId, uint32_t>>& callers,
                 profile::RankId rank);

  bool m_any = false;
  std::vector<Group> m_groups;
  std::map<std::pair<std::string, std::string>, uint32_t> m_groupNumbers;  // by name and shapes
  std::unordered_map<int64_t, uint32_t> m_groupOf;                         // by slice
};

}  // namespace ridgeline::collector
