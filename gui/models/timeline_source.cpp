#include "gui/models/timeline_source.h"

#include "gui/models/text.h"
#include "gui/models/timeline_queries.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <QMetaObject>
#include <algorithm>

namespace ridgeline::gui {
namespace {

constexpr int64_t kWholeSpans = 4096;  // of a track, always there

TrackWindow windowOf(std::vector<Span> spans, int lanes, int64_t from, int64_t to, int64_t resolution) {
  TrackWindow window{from, to, resolution, std::vector<std::vector<Span>>(static_cast<size_t>(std::max(1, lanes)))};
  for (const auto& span : spans) {
    if (span.lane < window.lanes.size()) window.lanes[span.lane].push_back(span);
  }
  return window;
}

class TellFraction : public Progress {
 public:
  explicit TellFraction(std::function<void(double)> tell) : m_tell(std::move(tell)) {}
  void fraction(double done) override { m_tell(done); }

 private:
  std::function<void(double)> m_tell;
};

}  // namespace

size_t TrackWindow::spans() const {
  size_t count = 0;
  for (const auto& lane : lanes) count += lane.size();
  return count;
}

// What the thread owns.
struct TimelineSource::Worker {
  std::unique_ptr<profile::Profile> slices, levels;  // levels null: they are in `slices`
  std::unique_ptr<profile::levels::Reader> reader;
  StopFlag stop;

  Status open(const std::filesystem::path& path, int64_t count, Progress& progress) {
    reader.reset();
    auto opened = profile::Profile::open(path, profile::Profile::Mode::ReadOnly);
    if (!opened) return passOn(opened);
    slices = std::make_unique<profile::Profile>(std::move(*opened));
    levels.reset();
    if (!profile::levels::areThere(*slices)) {
      if (auto s = make(path, count, progress); !s) return s;
    }
    auto made = profile::levels::Reader::open(*slices, levels ? *levels : *slices);
    if (!made) return passOn(made);
    reader = std::make_unique<profile::levels::Reader>(std::move(made).value());
    return {};
  }

  // In the file where that is worth it and can be, else in memory.
  Status make(const std::filesystem::path& path, int64_t count, Progress& progress) {
    const Job job{progress, stop};
    if (count > profile::levels::kWorthKeeping) {
      auto writable = profile::Profile::open(path, profile::Profile::Mode::ReadWrite);
      if (writable && profile::levels::make(*writable, *writable, job)) return {};
      if (stop.requested()) return fail(ErrorCode::Interrupted, "interrupted");
    }
    auto memory = profile::Profile::createInMemory();
    if (!memory) return passOn(memory);
    levels = std::make_unique<profile::Profile>(std::move(*memory));
    return profile::levels::make(*slices, *levels, job);
  }
};

TimelineSource::TimelineSource(QObject* parent) : QObject(parent), m_thread([this] { runWorker(); }) {}

TimelineSource::~TimelineSource() {
  {
    const std::lock_guard lock(m_mutex);
    m_quit = true;
    m_tasks.clear();
    m_windows.clear();
    if (m_current != nullptr) m_current->request();
  }
  m_wake.notify_all();
  m_thread.join();
}

void TimelineSource::runWorker() {
  // Of this thread alone: where it shares a core with the one that draws, drawing comes first.
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), 10);
  std::optional<Worker> worker;
  for (;;) {
    Task task;
    {
      std::unique_lock lock(m_mutex);
      m_current = nullptr;
      m_wake.wait(lock, [this] { return m_quit || !m_tasks.empty() || !m_windows.empty(); });
      if (m_quit) return;
      if (!m_tasks.empty()) {
        task = std::move(m_tasks.front());
        m_tasks.pop_front();
      } else {
        task = std::move(m_windows.begin()->second);
        m_windows.erase(m_windows.begin());
      }
      if (!worker || worker->stop.requested()) worker.emplace();
      m_current = &worker->stop;
    }
    task(*worker);
  }
}

void TimelineSource::post(Task task) {
  ++m_waiting;
  {
    const std::lock_guard lock(m_mutex);
    m_tasks.push_back(std::move(task));
  }
  m_wake.notify_one();
}

// Called in the worker's thread: runs in this object's, unless another profile has been opened. Queued calls are
// dropped when the object is gone.
void TimelineSource::deliver(int64_t generation, std::function<void()> what) {
  QMetaObject::invokeMethod(
      this,
      [this, generation, what = std::move(what)] {
        if (generation != m_generation) return;
        --m_waiting;
        what();
      },
      Qt::QueuedConnection);
}

void TimelineSource::open(DocumentPtr document) {
  {
    const std::lock_guard lock(m_mutex);
    m_tasks.clear();
    m_windows.clear();
    if (m_current != nullptr) m_current->request();
  }
  ++m_generation;
  m_waiting = 0;
  m_document = std::move(document);
  m_tracks.clear(), m_names.clear(), m_whole.clear(), m_near.clear(), m_asked.clear();
  m_start = m_end = 0;
  if (!m_document || m_document->slices == 0) return;
  post([this, generation = m_generation, open = m_document](Worker& worker) {
    TellFraction progress([this, generation](double done) {
      QMetaObject::invokeMethod(
          this,
          [this, generation, done] {
            if (generation == m_generation) Q_EMIT preparing(done);
          },
          Qt::QueuedConnection);
    });
    if (auto s = worker.open(open->path, open->slices, progress); !s) {
      if (worker.stop.requested()) return;
      return deliver(generation, [this, why = oneLine(qs(s.error().text()))] { Q_EMIT failed(why); });
    }
    auto tracks = readTracks(*worker.slices, worker.reader->tracks());
    auto names = readNames(*worker.slices);
    std::unordered_map<int64_t, TrackWindow> whole;
    for (const auto& track : tracks) {
      const int64_t resolution = std::max<int64_t>(1, (track.endNs - track.startNs) / kWholeSpans);
      auto spans = worker.reader->spans(profile::TrackId{track.id}, track.startNs, track.endNs + 1, resolution);
      if (!spans) return deliver(generation, [this, why = oneLine(qs(spans.error().text()))] { Q_EMIT failed(why); });
      whole[track.id] = windowOf(std::move(*spans), track.lanes, track.startNs, track.endNs + 1, resolution);
    }
    deliver(generation,
            [this, tracks = std::move(tracks), names = std::move(names), whole = std::move(whole)]() mutable {
              m_tracks = std::move(tracks);
              m_names = std::move(names);
              m_whole = std::move(whole);
              for (const auto& op : m_document->report.operators) m_names[-op.id.value] = qs(op.name);
              bool first = true;
              for (const auto& track : m_tracks) {
                m_start = first ? track.startNs : std::min(m_start, track.startNs);
                m_end = first ? track.endNs : std::max(m_end, track.endNs);
                first = false;
              }
              Q_EMIT ready();
            });
  });
}

QString TimelineSource::nameOf(int64_t name) const {
  const auto it = m_names.find(name);
  return it == m_names.end() ? QStringLiteral("(no name)") : it->second;
}

std::vector<int64_t> TimelineSource::namesWith(const QString& text) const {
  std::vector<int64_t> out;
  for (const auto& [id, name] : m_names) {
    if (name.contains(text, Qt::CaseInsensitive)) out.push_back(id);
  }
  return out;
}

const TrackWindow* TimelineSource::window(int64_t track, int64_t fromNs, int64_t toNs) const {
  const auto whole = m_whole.find(track);
  if (whole == m_whole.end()) return nullptr;
  const int64_t from = std::max(fromNs, whole->second.fromNs), to = std::min(toNs, whole->second.toNs);
  const auto near = m_near.find(track);
  const bool covers = near != m_near.end() && near->second.fromNs <= from && near->second.toNs >= to;
  return covers ? &near->second : &whole->second;
}

bool TimelineSource::fits(int64_t track, int64_t fromNs, int64_t toNs, int64_t resolutionNs) const {
  const auto* best = window(track, fromNs, toNs);
  return best == nullptr || (best->resolutionNs <= resolutionNs * 3 / 2 && best->resolutionNs * 12 >= resolutionNs) ||
         (best->resolutionNs <= resolutionNs && best->spans() < 4 * kWholeSpans);
}

void TimelineSource::request(int64_t track, int64_t fromNs, int64_t toNs, int64_t resolutionNs) {
  // A little more than is seen, so that small steps find it there.
  const int64_t more = std::max<int64_t>(1, (toNs - fromNs) / 2);
  const int64_t from = fromNs - more, to = toNs + more;
  const auto asked = m_asked.find(track);
  if (asked != m_asked.end() && asked->second.fromNs <= fromNs && asked->second.toNs >= toNs &&
      asked->second.resolutionNs <= resolutionNs * 3 / 2 && asked->second.resolutionNs * 12 >= resolutionNs) {
    return;
  }
  m_asked[track] = {from, to, resolutionNs, {}};
  const auto it = std::find_if(m_tracks.begin(), m_tracks.end(), [&](const auto& t) { return t.id == track; });
  const int lanes = it == m_tracks.end() ? 1 : it->lanes;
  Task task = [this, generation = m_generation, track, from, to, resolutionNs, lanes](Worker& worker) {
    if (!worker.reader) return deliver(generation, [] {});
    auto spans = worker.reader->spans(profile::TrackId{track}, from, to, resolutionNs);
    if (!spans) return deliver(generation, [this, why = oneLine(qs(spans.error().text()))] { Q_EMIT failed(why); });
    auto window = windowOf(std::move(*spans), lanes, from, to, resolutionNs);
    deliver(generation, [this, track, window = std::move(window)]() mutable {
      m_near[track] = std::move(window);
      Q_EMIT arrived();
    });
  };
  {
    const std::lock_guard lock(m_mutex);
    if (m_windows.insert_or_assign(track, std::move(task)).second) ++m_waiting;
  }
  m_wake.notify_one();
}

void TimelineSource::askFlows(const std::vector<int64_t>& slices) {
  post([this, generation = m_generation, slices](Worker& worker) {
    auto flows = worker.slices ? readFlows(*worker.slices, slices, worker.stop) : std::vector<TimelineFlow>{};
    deliver(generation, [this, flows = std::move(flows)] { Q_EMIT flowsArrived(flows); });
  });
}

void TimelineSource::askFacts(const Span& span, int64_t track) {
  const auto it = std::find_if(m_tracks.begin(), m_tracks.end(), [&](const auto& t) { return t.id == track; });
  const QString trackName = it == m_tracks.end() ? QString() : it->name;
  post([this, generation = m_generation, span, trackName, name = nameOf(span.name), open = m_document](Worker& worker) {
    if (!worker.slices) return deliver(generation, [] {});
    auto facts = sliceFacts(*worker.slices, *open, span, name, trackName);
    deliver(generation, [this, facts = std::move(facts)] { Q_EMIT factsArrived(facts); });
  });
}

void TimelineSource::askSums(int64_t fromNs, int64_t toNs, const std::vector<int64_t>& tracks) {
  post([this, generation = m_generation, fromNs, toNs, tracks, names = m_names](Worker& worker) {
    if (!worker.slices) return deliver(generation, [] {});
    auto facts = stretchFacts(*worker.slices, fromNs, toNs, tracks, names, worker.stop);
    deliver(generation, [this, facts = std::move(facts)] { Q_EMIT factsArrived(facts); });
  });
}

void TimelineSource::askNext(const std::vector<int64_t>& names, int64_t afterNs) {
  post([this, generation = m_generation, names, afterNs](Worker& worker) {
    auto slice = worker.slices ? findNext(*worker.slices, names, afterNs, worker.stop) : std::nullopt;
    deliver(generation, [this, slice] { Q_EMIT found(slice.value_or(Found{})); });
  });
}

}  // namespace ridgeline::gui
