// Every table of an export, a recording for each process. nsys_device_tables.cpp reads what accelerators did,
// nsys_host_tables.cpp what threads did.
#pragma once

#include "collector/import/nsys/nsys_database.h"
#include "collector/import/recording.h"

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ridgeline::collector::import {

// Within 146 years, so that there is room to add and subtract.
inline bool isTime(int64_t ns) {
  constexpr int64_t kLatest = 4'600'000'000'000'000'000;
  return ns >= -kLatest && ns <= kLatest;
}

class NsysReader {
 public:
  NsysReader(NsysDatabase& db, Names& names, Job job, std::string file)
      : m_db(db), m_names(names), m_job(job), m_file(std::move(file)) {}
  Result<std::vector<Recording>> read();

 private:
  using Row = NsysDatabase::Row;
  Recording& processOf(int64_t globalId);
  int deviceOf(Recording& recording, int64_t ordinal);
  uint32_t trackOf(Recording& recording, const std::string& key, RecordedTrack track);
  uint32_t streamOf(Recording& r, const Row& row, int device, int stream, profile::TrackKind kind, const char* name);
  uint32_t threadOf(Recording& recording, int64_t globalTid);
  uint32_t labelOf(int64_t stringId);
  uint32_t shapeOf(Recording& recording, const Row& row, int first);
  Result<Event*> event(Recording& r, const Row& row, uint32_t track, uint32_t label, profile::SliceKind kind,
                       const char* what);
  Status readGpus();
  Status readKernels();
  Status readCopies();
  Status readSets();
  Status readCalls();
  Status readHost(const char* table, profile::SliceKind kind);
  Status readSyncs();
  Status readGraphs();
  Status readNvtx();
  Status readMemory();
  Status countRest();

  NsysDatabase& m_db;
  Names& m_names;
  Job m_job;
  std::string m_file;
  std::map<int64_t, Recording> m_processes;
  std::map<int64_t, RecordedDevice> m_gpus;
  std::unordered_map<std::string, uint32_t> m_tracks;  // process/key
  std::unordered_map<int64_t, uint32_t> m_labels;
  std::map<std::pair<int64_t, std::vector<int64_t>>, uint32_t> m_shapes;
  std::set<std::string> m_read;
  int64_t m_process = 0;  // of the recording in hand
};

}  // namespace ridgeline::collector::import
