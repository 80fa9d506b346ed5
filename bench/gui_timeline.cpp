// Opening and moving about in a timeline of ten million slices, with no screen:
//   bench_gui_timeline [SLICES] [FILE.ridge]
// Makes the profile (kept as FILE.ridge, and used again if it is there), its levels of detail, then opens it in the
// window at 2560x1440 and pans and zooms. Prints what a person waits for.
#include "base/clock.h"
#include "base/files.h"
#include "base/stats.h"
#include "gui/app/main_window.h"
#include "gui/views/timeline_view.h"
#include "profile/levels.h"

#include <QApplication>
#include <QThread>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

using namespace ridgeline;
using namespace ridgeline::gui;

namespace {

// Eight threads of nested calls and four streams of kernels, in bursts.
Status makeProfile(const std::filesystem::path& path, int64_t slices) {
  auto p = profile::Profile::create(path);
  if (!p) return passOn(p);
  std::vector<profile::LabelId> names;
  for (int i = 0; i < 400; ++i) {
    auto label = p->label("kernel_or_call_" + std::to_string(i));
    if (!label) return passOn(label);
    names.push_back(*label);
  }
  std::mt19937 random(1);
  std::vector<profile::Slice> rows;
  int64_t made = 0;
  for (int t = 0; t < 12; ++t) {
    const bool stream = t >= 8;
    auto track = p->add(profile::Track{.name = (stream ? "stream " : "thread ") + std::to_string(t),
                                       .kind = stream ? profile::TrackKind::Stream : profile::TrackKind::Thread,
                                       .ordinal = t});
    if (!track) return passOn(track);
    int64_t at = 0;
    const int64_t wanted = slices * (t + 1) / 12;
    while (made < wanted) {
      const auto add = [&](int64_t start, int64_t duration) {
        rows.push_back({.track = *track,
                        .label = names[random() % names.size()],
                        .startNs = start,
                        .durationNs = duration,
                        .kind = stream ? profile::SliceKind::Kernel : profile::SliceKind::Call});
        ++made;
      };
      const int64_t length = 2000 + static_cast<int64_t>(random() % 9000);
      add(at, length);
      if (!stream) add(at + 100, length / 2), add(at + 200, length / 4);
      at += length + static_cast<int64_t>(random() % 2000) + (random() % 5000 == 0 ? 20'000'000 : 0);
      if (rows.size() > 500'000) {
        if (auto s = p->addAll(rows); !s) return s;
        rows.clear();
      }
    }
  }
  if (auto s = p->addAll(rows); !s) return s;
  return p->finish();
}

double peakMb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

template <class Done>
void wait(Done done) {
  while (!done()) {
    QApplication::processEvents(QEventLoop::AllEvents, 5);
    QThread::usleep(200);
  }
}

// The time of every frame, from the move until it is drawn, while `move` is called again and again; what is asked for
// in the background arrives between, and that time counts too.
template <class Move>
void frames(const char* name, TimelineCanvas& canvas, int count, Move move) {
  std::vector<double> ms;
  for (int i = 0; i < count; ++i) {
    const Stopwatch watch;
    move(i);
    QApplication::processEvents();
    canvas.repaint();
    ms.push_back(watch.ms());
    QThread::usleep(500);
  }
  std::printf("%-22s %4d frames: median %5.2f ms, 95 %% %5.2f ms, longest %5.2f ms\n", name, count, median(ms),
              quantile(ms, 0.95), quantile(ms, 1));
}

int run(const std::filesystem::path& path, int64_t slices) {
  std::error_code ec;
  if (!std::filesystem::exists(path, ec)) {
    const Stopwatch watch;
    if (auto s = makeProfile(path, slices); !s) return std::fprintf(stderr, "%s\n", s.error().text().c_str()), 1;
    std::printf("%-22s %.1f s\n", "made the profile", watch.seconds());
  }
  {
    auto p = profile::Profile::open(path, profile::Profile::Mode::ReadWrite);
    if (!p) return std::fprintf(stderr, "%s\n", p.error().text().c_str()), 1;
    if (!profile::levels::areThere(*p)) {
      const Stopwatch watch;
      if (auto s = profile::levels::make(*p, *p, quietJob()); !s)
        return std::fprintf(stderr, "%s\n", s.error().text().c_str()), 1;
      std::printf("%-22s %.1f s, peak %.0f MB\n", "made its levels", watch.seconds(), peakMb());
    }
    // Analyzers run once a profile, not at every opening.
    (void)analyzers::loadReport(path);
  }
  std::printf("%-22s %.0f MB\n", "file", static_cast<double>(std::filesystem::file_size(path, ec)) * 1e-6);
  const Stopwatch opening;
  MainWindow window(nullptr);
  window.resize(2560, 1440);
  window.show();
  window.open(QString::fromStdString(path.string()));
  wait([&] { return window.document() != nullptr; });
  window.grab();
  std::printf("%-22s %.0f ms\n", "overview drawn after", opening.ms());
  auto* view = qobject_cast<TimelineView*>(window.page(QStringLiteral("timeline")));
  window.showPage(QStringLiteral("timeline"));
  wait([&] { return !view->source().tracks().empty(); });
  window.grab();
  std::printf("%-22s %.0f ms\n", "timeline drawn after", opening.ms());
  auto& canvas = view->canvas();
  const double middle = canvas.trackArea().center().x();
  frames("zoom in", canvas, 120, [&](int) { canvas.zoomAt(0.9, middle); });
  frames("pan", canvas, 200, [&](int) { canvas.panBy(45); });
  frames("zoom out", canvas, 120, [&](int) { canvas.zoomAt(1 / 0.9, middle); });
  frames("pan, half way in", canvas, 200, [&](int i) {
    if (i == 0) canvas.zoomAt(std::pow(0.9, 60), middle);
    canvas.panBy(i % 2 == 0 ? 90 : 30);
  });
  frames("zoom in and out", canvas, 200, [&](int i) { canvas.zoomAt(i / 20 % 2 == 0 ? 0.85 : 1 / 0.85, middle); });
  std::printf("%-22s %.0f MB\n", "peak memory", peakMb());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  setenv("QT_QPA_PLATFORM", "offscreen", 1);
  const int64_t slices = argc > 1 ? std::atoll(argv[1]) : 10'000'000;
  QApplication application(argc, argv);
  applyLook(application, Look::Light);
  if (argc > 2) return run(argv[2], slices);
  auto folder = TemporaryFolder::create("bench");
  if (!folder) return 1;
  return run(folder->path() / "timeline.ridge", slices);
}
