// The timeline of a profile, read in a thread of its own: a view asks for what it shows and draws what has arrived.
#pragma once

#include "gui/models/document.h"
#include "gui/models/facts.h"
#include "profile/levels.h"

#include <QObject>
#include <QString>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace ridgeline::gui {

using profile::levels::Span;

struct TimelineTrack {
  int64_t id = 0;
  QString name, group;  // group: its process or device, empty where there is only one
  profile::TrackKind kind = profile::TrackKind::Thread;
  int lanes = 1;
  int64_t startNs = 0, endNs = 0, slices = 0;
};

// What a track shows of a stretch of time, by lane; within a lane by start, and nothing overlaps.
struct TrackWindow {
  int64_t fromNs = 0, toNs = 0, resolutionNs = 1;
  std::vector<std::vector<Span>> lanes;
  size_t spans() const;
};

// From the end of one slice (a launch) to the start of another (its kernel).
struct TimelineFlow {
  int64_t fromSlice = 0, fromTrack = 0, fromNs = 0;
  int64_t toSlice = 0, toTrack = 0, toNs = 0;
};

struct Found {
  int64_t slice = 0, track = 0, startNs = 0, endNs = 0;
};

class TimelineSource : public QObject {
  Q_OBJECT

 public:
  explicit TimelineSource(QObject* parent = nullptr);
  ~TimelineSource() override;

  // Forgets what it had. `ready`, or `failed`, follows.
  void open(DocumentPtr document);

  const std::vector<TimelineTrack>& tracks() const { return m_tracks; }
  int64_t startNs() const { return m_start; }
  int64_t endNs() const { return m_end; }
  QString nameOf(int64_t name) const;
  // Names that contain the text, whatever their case.
  std::vector<int64_t> namesWith(const QString& text) const;
  const std::unordered_map<int64_t, QString>& names() const { return m_names; }

  // The best of what is there for a stretch: the last window asked for if it covers it, else the whole track, coarsely.
  const TrackWindow* window(int64_t track, int64_t fromNs, int64_t toNs) const;
  // True when that would be drawn as well as it can be.
  bool fits(int64_t track, int64_t fromNs, int64_t toNs, int64_t resolutionNs) const;
  void request(int64_t track, int64_t fromNs, int64_t toNs, int64_t resolutionNs);

  void askFlows(const std::vector<int64_t>& slices);                               // flowsArrived
  void askFacts(const Span& span, int64_t track);                                  // factsArrived
  void askSums(int64_t fromNs, int64_t toNs, const std::vector<int64_t>& tracks);  // factsArrived
  // The next slice of one of these names after a time, or the first one.
  void askNext(const std::vector<int64_t>& names, int64_t afterNs);  // found
  bool busy() const { return m_waiting > 0; }

 Q_SIGNALS:
  void preparing(double fraction);
  void ready();
  void failed(const QString& why);
  void arrived();
  void flowsArrived(const std::vector<ridgeline::gui::TimelineFlow>& flows);
  void factsArrived(const ridgeline::gui::Facts& facts);
  void found(const ridgeline::gui::Found& slice);

 private:
  struct Worker;
  using Task = std::function<void(Worker&)>;
  void post(Task task);
  void runWorker();
  void deliver(int64_t generation, std::function<void()> what);

  DocumentPtr m_document;
  std::vector<TimelineTrack> m_tracks;
  std::unordered_map<int64_t, QString> m_names;
  std::unordered_map<int64_t, TrackWindow> m_whole, m_near;
  std::unordered_map<int64_t, TrackWindow> m_asked;  // without lanes
  int64_t m_start = 0, m_end = 0;
  int64_t m_generation = 0;
  int m_waiting = 0;

  std::mutex m_mutex;
  std::condition_variable m_wake;
  std::deque<Task> m_tasks;
  std::map<int64_t, Task> m_windows;  // by track: only the last one asked for counts
  StopFlag* m_current = nullptr;
  bool m_quit = false;
  std::thread m_thread;
};

}  // namespace ridgeline::gui
