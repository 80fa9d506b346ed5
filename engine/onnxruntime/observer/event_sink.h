// What the observer library tells the program that loaded it. Both sides are built from one source tree; kSinkVersion
// guards against an older library found beside a newer program.
#pragma once

#include <cstdint>

namespace ridgeline::engine {

// A profiling event at its end. Pointers are valid during the call only, and null where the engine has nothing to say.
struct EventView {
  bool node = false;  // an operator; else something of the session ("model_run")
  const char* name = nullptr;
  const char* opType = nullptr;
  const char* provider = nullptr;
  const char* nodeIndex = nullptr;
  const char* inputShapes = nullptr;  // [{"float":[1,3,224,224]},{"int64":[]}]
  const char* outputShapes = nullptr;
};

// Called from the thread that runs the event, begin and end on the same one, nested like a stack. Several threads may
// call at once. `id` is the engine's; two events of one microsecond can share it.
class EventSink {
 public:
  virtual void begin(uint64_t id) noexcept = 0;
  virtual void end(uint64_t id, const EventView& event) noexcept = 0;

 protected:
  ~EventSink() = default;
};

inline constexpr int kSinkVersion = 1;
inline constexpr const char* kProviderName = "RidgelineObserver";
// Session config entry: "<kSinkVersion>:<address of an EventSink in hex>". The sink must outlive the session.
inline constexpr const char* kSinkConfigKey = "ridgeline.observer.sink";

}  // namespace ridgeline::engine
