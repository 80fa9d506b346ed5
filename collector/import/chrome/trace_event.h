// One event of the Chrome trace format and its relatives (Kineto, ONNX Runtime), read field by field.
#pragma once

#include "base/result.h"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace ridgeline::collector::import {

// Numbers that were not there are kNoNumber (recording.h). Texts are valid until the next event.
struct EventArgs {
  int64_t correlation, externalId, device, stream, bytes, registers, sharedMemory, graphNode, totalAllocated,
      deviceType, deviceId;
  std::array<int64_t, 3> grid, block;
  double occupancy;                                        // percent; negative when not there
  std::string_view inputDims, inputTypes, concreteInputs;  // JSON text
  std::string_view name, kind;
  std::string_view opName, provider, inputTypeShape, outputTypeShape;  // of ONNX Runtime
  EventArgs() { clear(); }
  void clear();
};

struct TraceEvent {
  std::string_view name, category;
  std::string_view pid, tid;  // as written, without quotes
  std::string_view id;
  char phase = 0;  // 0: none
  bool hasTime = false, hasDuration = false;
  int64_t timeNs = 0, durationNs = 0;
  EventArgs args;
  std::string_view text;  // the whole event
};

// Calls `event` for each event of an array, in order; `text` as from JsonStream. `name` stands in messages.
class TraceEventParser {
 public:
  TraceEventParser();
  ~TraceEventParser();
  Status parse(std::string_view text, uint64_t offset, std::string_view name,
               const std::function<Status(const TraceEvent&)>& event);
  // The numbers among an event's args, by name.
  void numbers(const TraceEvent& event, const std::function<void(std::string_view, double)>& number);

 private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

// "12.5" us -> 12500 ns, exactly; quotes are taken off. Empty when it is no number, or too large for 64 bits of ns.
std::optional<int64_t> nanosecondsOf(std::string_view microseconds);
// A whole number, also when written "7", 7.0 or "0x1f". Empty for anything else.
std::optional<int64_t> integerOf(std::string_view text);

}  // namespace ridgeline::collector::import
