// The timeline's source and its drawing.
#include "gui/views/timeline_view.h"
#include "tests/gui/fixture.h"

#include <catch2/catch.hpp>

#include <QSignalSpy>
#include <QTest>

using namespace ridgeline;
using namespace ridgeline::gui;
using namespace ridgeline::tests;

namespace {

struct Shown {
  Selection selection;
  TimelineView view{&selection};
  explicit Shown(const std::filesystem::path& path) {
    view.resize(1000, 500);
    view.show();
    view.setDocument(documentOf(path));
    REQUIRE(waitUntil([this] { return view.settled(); }));
    draw();
  }
  QImage draw() {
    view.grab();
    REQUIRE(waitUntil([this] { return view.settled(); }));
    return view.canvas().grab().toImage();
  }
};

int colored(const QImage& image) {
  int count = 0;
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) count += QColor(image.pixel(x, y)).hslSaturation() > 90 ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST_CASE("Tracks, names and spans arrive", "[gui]") {
  application();
  Shown shown(gpuProfile());
  auto& source = shown.view.source();
  REQUIRE(source.tracks().size() == 2);
  CHECK(source.tracks()[0].name == QStringLiteral("thread 1"));
  CHECK(source.tracks()[0].lanes == 2);
  CHECK(source.tracks()[1].kind == profile::TrackKind::Stream);
  CHECK(source.endNs() == 999 * 100'000 + 60'000);
  CHECK(source.namesWith(QStringLiteral("SGEMM")).size() == 1);
  CHECK(source.namesWith(QStringLiteral("nothing")).empty());
  const auto* window = source.window(source.tracks()[1].id, 0, 1000);
  REQUIRE(window != nullptr);
  CHECK(window->spans() > 0);
}

TEST_CASE("Zooming in shows slices, and what one is", "[gui]") {
  application();
  Shown shown(gpuProfile());
  auto& canvas = shown.view.canvas();
  QSignalSpy facts(&shown.view, &TimelineView::facts);
  canvas.setWindow(0, 200'000);
  CHECK(colored(shown.draw()) > 500);
  // The first kernel lasts from 30 to 80 us on the second track.
  const auto area = canvas.trackArea();
  const double x = area.left() + area.width() * 50.0 / 200.0;
  std::optional<QPointF> place;
  for (double y = area.top(); y < area.bottom() && !place; y += 3) {
    const auto hit = canvas.hitAt({x, y});
    if (hit.span && hit.span->kind == profile::SliceKind::Kernel) place = QPointF(x, y);
  }
  REQUIRE(place);
  QTest::mouseClick(&canvas, Qt::LeftButton, {}, place->toPoint());
  REQUIRE(canvas.chosen());
  CHECK(canvas.chosen()->endNs - canvas.chosen()->startNs == 50'000);
  REQUIRE(waitUntil([&] { return facts.count() > 0; }));
  const auto told = facts.last()[0].value<Facts>();
  CHECK(told.title == QStringLiteral("ampere_sgemm_128x64_nn"));
  QStringList lines;
  for (const auto& [name, value] : told.lines) lines += name + QLatin1Char('=') + value;
  CHECK(lines.contains(QStringLiteral("Launched by=aten::linear")));
  CHECK(lines.contains(QStringLiteral("After its launch=20.0 µs")));
}

TEST_CASE("A stretch is summed by name", "[gui]") {
  application();
  Shown shown(gpuProfile());
  QSignalSpy facts(&shown.view, &TimelineView::facts);
  // From 0 to 400 us: four calls of everything; three of the kernels are products.
  shown.view.source().askSums(0, 400'000, {1, 2});
  REQUIRE(waitUntil([&] { return facts.count() > 0; }));
  const auto told = facts.last()[0].value<Facts>();
  CHECK(told.subtitle == QStringLiteral("selected: 12 slices on 2 tracks"));
  QStringList lines;
  for (const auto& [name, value] : told.lines) lines += name + QLatin1Char('=') + value;
  CHECK(lines.contains(QStringLiteral("240 µs=4 × aten::linear")));
  CHECK(lines.contains(QStringLiteral("150 µs=3 × ampere_sgemm_128x64_nn")));
  CHECK(lines.contains(QStringLiteral("5.00 µs=1 × vectorized_add")));
}

TEST_CASE("Keys zoom, pan, go from slice to slice, and back to everything", "[gui]") {
  application();
  Shown shown(cpuProfile());
  auto& canvas = shown.view.canvas();
  const double all = canvas.toNs() - canvas.fromNs();
  QTest::keyClick(&canvas, Qt::Key_W);
  CHECK(canvas.toNs() - canvas.fromNs() == Approx(all * 0.75));
  const double from = canvas.fromNs();
  QTest::keyClick(&canvas, Qt::Key_D);
  CHECK(canvas.fromNs() > from);
  QTest::keyClick(&canvas, Qt::Key_Home);
  CHECK(canvas.toNs() - canvas.fromNs() == Approx(all));
  QTest::keyClick(&canvas, Qt::Key_Right);
  REQUIRE(canvas.chosen());
  const auto first = canvas.chosen()->slice;
  QTest::keyClick(&canvas, Qt::Key_Right);
  CHECK(canvas.chosen()->slice == first + 1);
  QTest::keyClick(&canvas, Qt::Key_Left);
  CHECK(canvas.chosen()->slice == first);
  CHECK(shown.selection.item().kind == ItemKind::Operator);
  QTest::keyClick(&canvas, Qt::Key_F);
  CHECK(canvas.toNs() - canvas.fromNs() ==
        Approx(1.3 * static_cast<double>(canvas.chosen()->endNs - canvas.chosen()->startNs)));
}

TEST_CASE("Searching goes to the next of that name, and round again", "[gui]") {
  application();
  Shown shown(cpuProfile());
  auto& source = shown.view.source();
  std::vector<Found> found;
  QObject::connect(&source, &TimelineSource::found, &source, [&](const Found& slice) { found.push_back(slice); });
  const auto names = source.namesWith(QStringLiteral("pool"));
  REQUIRE(names.size() == 1);
  int64_t after = source.startNs() - 1;
  for (int i = 0; i < 3; ++i) {
    source.askNext(names, after);
    REQUIRE(waitUntil([&] { return static_cast<int>(found.size()) == i + 1; }));
    after = found.back().startNs;
  }
  CHECK(found[0].endNs - found[0].startNs == 5'000'000);
  CHECK(found[1].startNs > found[0].startNs);
  CHECK(found[2].startNs == found[0].startNs);  // two runs were kept
}

TEST_CASE("Opening another profile while one is being read leaves the last one", "[gui]") {
  application();
  Selection selection;
  TimelineView view(&selection);
  for (int i = 0; i < 5; ++i) {
    view.setDocument(documentOf(gpuProfile()));
    view.setDocument(documentOf(cpuProfile()));
  }
  REQUIRE(waitUntil([&] { return view.settled() && !view.source().tracks().empty(); }));
  CHECK(view.source().tracks().size() == 1);
  view.setDocument(documentOf(emptyProfile()));
  CHECK(view.source().tracks().empty());
  view.setDocument(nullptr);
}
