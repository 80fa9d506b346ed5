// Gathers the events of one observed run. Knows nothing of ONNX Runtime, so that it is tested without.
#pragma once

#include "engine/onnxruntime/observer/event_sink.h"
#include "engine/session.h"

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::engine {

class Recorder final : public EventSink {
 public:
  // Forgets what was recorded. No event may be open.
  void start();
  // Reads these around every node from then on; null: none. They must outlive the recorder's use.
  void countWith(CounterReader* counters) { m_counters = counters; }
  // What was recorded since start(). The duration is that of the engine's own "model_run" event, 0 if there was none.
  ObservedRun take();

  void begin(uint64_t id) noexcept override;
  void end(uint64_t id, const EventView& event) noexcept override;

 private:
  static constexpr size_t kNotCounted = static_cast<size_t>(-1);
  struct Open {
    uint64_t id = 0;
    int64_t order = 0;
    int64_t startNs = 0;
    size_t counts = kNotCounted;  // where the totals at its beginning stand in m_counts
  };
  struct Thread {
    int64_t id = 0;
    std::vector<Open> open;
  };
  // A piece of m_text.
  struct Text {
    size_t begin = 0, size = 0;
  };
  // Texts are kept as the engine gave them: nothing is decoded while the model runs.
  struct Closed {
    int64_t beginOrder = 0, endOrder = 0;
    int64_t startNs = 0, endNs = 0, threadId = 0;
    bool node = false;
    Text name, opType, provider, nodeIndex, inputShapes, outputShapes;
    size_t counts = kNotCounted;  // where what was counted stands in m_counts
  };
  size_t readCounters();
  bool countSince(size_t begun);
  Thread& threadOf(int64_t id);
  Text store(const char* text);
  std::string_view textOf(Text text) const { return std::string_view(m_text).substr(text.begin, text.size); }
  NodeEvent decode(const Closed& closed) const;
  static void setDepths(const std::vector<Closed>& closed, std::vector<NodeEvent>& events);

  std::mutex m_mutex;
  std::vector<Thread> m_threads;
  // Memory is kept from run to run, so that only the first one grows it.
  std::vector<Closed> m_closed;
  std::string m_text;
  CounterReader* m_counters = nullptr;
  std::vector<double> m_counts, m_totals;
  int64_t m_order = 0;
  int64_t m_lost = 0;
};

// `[{"float":[1,3]},{"int64":[]}]` as ports; what cannot be read gives none.
std::vector<NodeEvent::Port> parsePorts(std::string_view text);

}  // namespace ridgeline::engine
