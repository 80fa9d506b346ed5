// Reads a spool (ridgeline_spool.h) in bounded memory, as far as it is sound: a cut-off end, a damaged block and
// unknown records are counted and passed over.
#pragma once

#include "base/result.h"
#include "plugins/sdk/ridgeline_spool.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace ridgeline::plugins {

struct SpoolInfo {
  std::string plugin, program;
  int64_t process = 0, parent = 0;
  int64_t monotonicNs = 0, realtimeNs = 0;  // one moment, on the clocks of the process that wrote it
};

struct SpoolDamage {
  int64_t blocks = 0;        // whose checksum or length is wrong
  int64_t missingBytes = 0;  // of the last block, which was not written to its end
  int64_t unknown = 0;       // records of types or lengths that this Ridgeline does not know
};

// Records as the plugin gave them. Texts are valid until readSpool() returns, and two texts never have the same
// address.
class SpoolVisitor {
 public:
  virtual ~SpoolVisitor() = default;
  // Records of a type (RIDGELINE_RECORD_...) that is not wanted are passed over, and so are blocks without any other.
  virtual bool wants(uint16_t /*type*/) const { return true; }
  virtual Status device(const RidgelineDevice&) { return {}; }
  virtual Status track(const RidgelineTrack&) { return {}; }
  virtual Status kernel(const RidgelineKernel&) { return {}; }
  virtual Status copy(const RidgelineCopy&) { return {}; }
  virtual Status span(const RidgelineSpan&) { return {}; }
  virtual Status count(const RidgelineCount&) { return {}; }
  virtual Status clock(const RidgelineClock&) { return {}; }
  virtual Status lost(const RidgelineLost&) { return {}; }
  virtual Status note(const RidgelineNote&) { return {}; }
};

// What the head of the file says. BadInput when it is no spool.
Result<SpoolInfo> readSpoolInfo(const std::filesystem::path& file);

// Every sound record, in the order of the file. Fails as the visitor does, else only when the file cannot be read.
Result<SpoolDamage> readSpool(const std::filesystem::path& file, SpoolVisitor& visitor);

}  // namespace ridgeline::plugins
