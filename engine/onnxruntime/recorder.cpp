#include "engine/onnxruntime/recorder.h"

#include "base/clock.h"

#include <nlohmann/json.hpp>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <map>
#include <new>
#include <string_view>

namespace ridgeline::engine {
namespace {

int64_t kernelThreadId() {
  // A thread keeps its id, and the call is a system call.
  static thread_local const int64_t id = ::syscall(SYS_gettid);
  return id;
}

// Names as in ONNX Runtime's profile.
graph::DataType typeNamed(std::string_view name) {
  using graph::DataType;
  static const std::map<std::string_view, DataType> types = {{"float", DataType::Float},
                                                             {"double", DataType::Double},
                                                             {"float16", DataType::Float16},
                                                             {"bfloat16", DataType::Bfloat16},
                                                             {"int8", DataType::Int8},
                                                             {"uint8", DataType::Uint8},
                                                             {"int16", DataType::Int16},
                                                             {"uint16", DataType::Uint16},
                                                             {"int32", DataType::Int32},
                                                             {"uint32", DataType::Uint32},
                                                             {"int64", DataType::Int64},
                                                             {"uint64", DataType::Uint64},
                                                             {"bool", DataType::Bool},
                                                             {"string", DataType::String},
                                                             {"Int4x2", DataType::Int4},
                                                             {"UInt4x2", DataType::Uint4},
                                                             {"Float8E4M3FN", DataType::Float8E4M3FN},
                                                             {"Float8E5M2", DataType::Float8E5M2}};
  const auto found = types.find(name);
  return found == types.end() ? DataType::Undefined : found->second;
}

}  // namespace

std::vector<NodeEvent::Port> parsePorts(std::string_view text) {
  std::vector<NodeEvent::Port> ports;
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_array()) return ports;
  for (const auto& item : json) {
    NodeEvent::Port port;
    if (item.is_object() && item.size() == 1) {
      port.type = typeNamed(item.begin().key());
      if (item.begin().value().is_array()) {
        for (const auto& dim : item.begin().value()) {
          if (dim.is_number_integer()) port.dims.push_back(dim.get<int64_t>());
        }
      }
    }
    ports.push_back(std::move(port));
  }
  return ports;
}

void Recorder::start() {
  const std::lock_guard lock(m_mutex);
  m_threads.clear();
  m_closed.clear();
  m_text.clear();
  m_counts.clear();
  m_order = m_lost = 0;
}

Recorder::Thread& Recorder::threadOf(int64_t id) {
  const auto found = std::find_if(m_threads.begin(), m_threads.end(), [id](const Thread& t) { return t.id == id; });
  if (found != m_threads.end()) return *found;
  m_threads.push_back({id, {}});
  return m_threads.back();
}

Recorder::Text Recorder::store(const char* text) {
  if (!text) return {};
  const Text stored{m_text.size(), std::strlen(text)};
  m_text.append(text, stored.size);
  return stored;
}

size_t Recorder::readCounters() {
  if (!m_counters) return kNotCounted;
  const size_t at = m_counts.size();
  m_counts.resize(at + m_counters->size());
  if (m_counters->read(std::span(m_counts).subspan(at))) return at;
  m_counts.resize(at);
  return kNotCounted;
}

// Puts what was counted since into the place of the totals at the beginning.
bool Recorder::countSince(size_t begun) {
  if (begun == kNotCounted) return false;
  m_totals.resize(m_counters->size());
  if (!m_counters->read(m_totals)) return false;
  for (size_t i = 0; i < m_totals.size(); ++i) m_counts[begun + i] = m_totals[i] - m_counts[begun + i];
  return true;
}

void Recorder::begin(uint64_t id) noexcept {
  const std::lock_guard lock(m_mutex);
  try {
    auto& open = threadOf(kernelThreadId()).open;
    // The clock is read last, so that the recorder's own work lies outside the event.
    open.push_back({id, m_order++, 0, readCounters()});
    open.back().startNs = monotonicNs();
  } catch (const std::bad_alloc&) {
    ++m_lost;
  }
}

void Recorder::end(uint64_t id, const EventView& event) noexcept {
  const int64_t now = monotonicNs();
  const std::lock_guard lock(m_mutex);
  try {
    const int64_t thread = kernelThreadId();
    auto& open = threadOf(thread).open;
    const auto match = std::find_if(open.rbegin(), open.rend(), [id](const Open& o) { return o.id == id; });
    if (match == open.rend()) {
      ++m_lost;
      return;
    }
    m_lost += match - open.rbegin();  // begun inside this event, never ended
    const Open begun = *match;
    const size_t counts = countSince(begun.counts) ? begun.counts : kNotCounted;
    open.resize(static_cast<size_t>(open.rend() - match) - 1);
    m_closed.push_back({begun.order, m_order++, begun.startNs, now, thread, event.node, store(event.name),
                        store(event.opType), store(event.provider), store(event.nodeIndex), store(event.inputShapes),
                        store(event.outputShapes), counts});
  } catch (const std::bad_alloc&) {
    ++m_lost;
  }
}

NodeEvent Recorder::decode(const Closed& closed) const {
  static constexpr std::string_view kSuffix = "_kernel_time";
  NodeEvent event;
  event.name = textOf(closed.name);
  if (event.name.ends_with(kSuffix)) event.name.resize(event.name.size() - kSuffix.size());
  event.opType = textOf(closed.opType);
  event.provider = textOf(closed.provider);
  const auto index = textOf(closed.nodeIndex);
  std::from_chars(index.data(), index.data() + index.size(), event.nodeIndex);
  event.startNs = closed.startNs;
  event.durationNs = closed.endNs - closed.startNs;
  event.threadId = closed.threadId;
  event.inputs = parsePorts(textOf(closed.inputShapes));
  event.outputs = parsePorts(textOf(closed.outputShapes));
  if (closed.counts != kNotCounted) {
    const auto first = m_counts.begin() + static_cast<std::ptrdiff_t>(closed.counts);
    event.counts.assign(first, first + static_cast<std::ptrdiff_t>(m_counters->size()));
  }
  return event;
}

void Recorder::setDepths(const std::vector<Closed>& closed, std::vector<NodeEvent>& events) {
  // Per thread, the ends of the node events that are open at this point of the sweep.
  std::map<int64_t, std::vector<int64_t>> enclosing;
  for (size_t i = 0; i < closed.size(); ++i) {
    auto& ends = enclosing[closed[i].threadId];
    while (!ends.empty() && ends.back() < closed[i].beginOrder) ends.pop_back();
    events[i].depth = static_cast<int>(ends.size());
    ends.push_back(closed[i].endOrder);
  }
}

ObservedRun Recorder::take() {
  const std::lock_guard lock(m_mutex);
  ObservedRun run;
  run.lost = m_lost;
  for (const auto& thread : m_threads) run.lost += static_cast<int64_t>(thread.open.size());
  for (const auto& closed : m_closed) {
    if (closed.node || textOf(closed.name) != "model_run") continue;
    run.startNs = closed.startNs;
    run.durationNs = closed.endNs - closed.startNs;
  }
  std::erase_if(m_closed, [](const Closed& c) { return !c.node; });
  std::sort(m_closed.begin(), m_closed.end(),
            [](const Closed& a, const Closed& b) { return a.beginOrder < b.beginOrder; });
  run.events.reserve(m_closed.size());
  for (const auto& closed : m_closed) run.events.push_back(decode(closed));
  setDepths(m_closed, run.events);
  return run;
}

}  // namespace ridgeline::engine
