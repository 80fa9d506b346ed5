// From trace events to a Recording: what Kineto's and other Chrome traces have in common.
#pragma once

#include "collector/import/chrome/trace_event.h"
#include "collector/import/json_stream.h"
#include "collector/import/reader.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace ridgeline::collector::import {

class TraceReader : public JsonStreamHandler {
 public:
  TraceReader(Recording& recording, Names& names, std::string file)
      : m_recording(recording), m_names(names), m_file(std::move(file)) {}

  bool wantsElements(std::string_view key) override { return key.empty() || key == "traceEvents"; }
  Status elements(std::string_view array, uint64_t offset) override;
  Status member(std::string_view key, std::string_view value) override;
  // After the last event: pairs what is still open, turns counts into rows.
  void finish();
  int64_t events() const { return m_events; }

 protected:
  // What a category stands for, asked once per category.
  virtual profile::SliceKind kindOf(std::string_view category) const = 0;
  // A complete event; `at` is the row of m_recording.events made of it, track not set yet for works.
  virtual void complete(const TraceEvent& event, Event& row);
  virtual Status metadata(const TraceEvent& event);
  virtual bool instant(const TraceEvent& event);                   // false: kept like a slice without duration
  virtual std::string whyNoFlow(std::string_view category) const;  // empty: the flow is kept

  uint32_t labelOf(std::string_view raw);
  uint32_t trackOf(const TraceEvent& event);
  uint32_t track(std::string_view key, profile::TrackKind kind, int device, const std::string& name, int64_t ordinal);
  int deviceOf(int64_t ordinal);
  void sample(std::string_view series, std::string_view unit, int device, int64_t atNs, double value);

  Recording& m_recording;
  Names& m_names;
  std::string m_file;
  TraceEventParser m_parser;

 private:
  struct Category {
    std::string name;
    profile::SliceKind kind;
    int64_t slices = 0;
  };
  Status handle(const TraceEvent& event);
  uint32_t categoryOf(std::string_view text);
  void slice(const TraceEvent& event);
  void begin(const TraceEvent& event);
  void end(const TraceEvent& event);
  void close(std::vector<uint32_t>& open, int64_t atNs);
  void asynchronous(const TraceEvent& event);
  void flow(const TraceEvent& event);
  void counter(const TraceEvent& event);
  Event& row(const TraceEvent& event);

  StringTable m_rawNames, m_rawCategories, m_trackKeys, m_seriesKeys, m_asyncKeys;
  std::vector<uint32_t> m_labels;  // by raw name
  std::vector<Category> m_categories;
  std::vector<uint32_t> m_tracks;                              // by track key
  std::unordered_map<uint32_t, std::vector<uint32_t>> m_open;  // track -> rows of B without E
  std::unordered_map<uint32_t, std::vector<uint32_t>> m_openAsync;
  std::string m_key;
  int64_t m_events = 0;
};

}  // namespace ridgeline::collector::import
