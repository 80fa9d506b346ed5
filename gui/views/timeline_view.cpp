#include "gui/views/timeline_view.h"

#include "gui/models/text.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollBar>
#include <QVBoxLayout>
#include <algorithm>

namespace ridgeline::gui {

TimelineView::TimelineView(Selection* selection, QWidget* parent)
    : View(selection, parent),
      m_canvas(new TimelineCanvas(m_source)),
      m_words(new QLineEdit),
      m_state(new QLabel),
      m_progress(new QProgressBar),
      m_bar(new QScrollBar(Qt::Vertical)) {
  m_words->setPlaceholderText(QStringLiteral("Search by name; Return goes to the next"));
  m_words->setAccessibleName(QStringLiteral("Search the timeline"));
  m_words->setClearButtonEnabled(true);
  m_words->setMaximumWidth(340);
  m_state->setObjectName(QStringLiteral("muted"));
  m_progress->setRange(0, 1000);
  m_progress->setAccessibleName(QStringLiteral("Making levels of detail"));
  m_progress->setFixedWidth(180);
  m_progress->setTextVisible(false);
  m_progress->hide();
  auto* all = new QPushButton(QStringLiteral("Show all"));
  connect(all, &QPushButton::clicked, m_canvas, &TimelineCanvas::fitAll);
  auto* line = new QHBoxLayout;
  line->addWidget(m_words, 1);
  line->addWidget(m_state);
  line->addStretch();
  line->addWidget(m_progress);
  line->addWidget(all);
  auto* middle = new QHBoxLayout;
  middle->setSpacing(0);
  middle->addWidget(m_canvas, 1);
  middle->addWidget(m_bar);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 16, 16, 16);
  layout->setSpacing(10);
  layout->addLayout(line);
  layout->addLayout(middle, 1);
  setFocusProxy(m_canvas);
  connect(m_canvas, &TimelineCanvas::viewChanged, this, [this] {
    const int most = std::max(0, static_cast<int>(m_canvas->contentHeight() - m_canvas->trackArea().height()));
    const QSignalBlocker quiet(m_bar);
    m_bar->setRange(0, most);
    m_bar->setPageStep(static_cast<int>(m_canvas->trackArea().height()));
    m_bar->setValue(static_cast<int>(m_canvas->scroll()));
    m_bar->setVisible(most > 0);
  });
  connect(m_bar, &QScrollBar::valueChanged, this,
          [this](int value) { m_canvas->scrollBy(value - m_canvas->scroll()); });
  connect(m_canvas, &TimelineCanvas::picked, this, [this](const Span& span) {
    if (span.name < 0 && span.count == 1) this->selection()->select({ItemKind::Operator, -span.name});
  });
  connect(m_canvas, &TimelineCanvas::opened, this, [this] { Q_EMIT jump(QStringLiteral("operators")); });
  connect(m_canvas, &TimelineCanvas::stretchChosen, this, [this](qlonglong from, qlonglong to) {
    std::vector<int64_t> tracks;
    for (const auto& track : m_source.tracks()) tracks.push_back(track.id);
    m_source.askSums(from, to, tracks);
  });
  connect(m_words, &QLineEdit::textChanged, this, [this] { search(false); });
  connect(m_words, &QLineEdit::returnPressed, this, [this] { search(true); });
  connect(&m_source, &TimelineSource::factsArrived, this, &TimelineView::facts);
  connect(&m_source, &TimelineSource::preparing, this, [this](double done) {
    m_progress->show();
    m_progress->setValue(static_cast<int>(done * 1000));
    m_canvas->setMessage(QStringLiteral("Preparing the timeline"),
                         QStringLiteral("%1 slices, once; %2 done")
                             .arg(countText(static_cast<double>(document()->slices)), percentText(done)));
  });
  connect(&m_source, &TimelineSource::ready, m_progress, &QWidget::hide);
  connect(&m_source, &TimelineSource::failed, this, [this](const QString& why) {
    m_progress->hide();
    m_canvas->setMessage(QStringLiteral("The timeline cannot be read"), why);
  });
  connect(&m_source, &TimelineSource::found, this, [this](const Found& slice) {
    if (slice.slice == 0) return m_state->setText(QStringLiteral("not in this timeline"));
    m_canvas->show(slice);
  });
}

void TimelineView::documentChanged() {
  m_words->clear();
  m_progress->hide();
  m_canvas->setDocument(document());
  const bool any = document() && document()->slices > 0;
  m_canvas->setMessage(
      any ? QStringLiteral("Reading the timeline") : QStringLiteral("No timeline"),
      any ? QString() : QStringLiteral("This profile has no slices: nothing was recorded with its points in time."));
  m_source.open(document());
  m_bar->hide();
}

void TimelineView::showItem(const Item& item) { m_canvas->setOperator(item.kind == ItemKind::Operator ? item.id : 0); }

void TimelineView::focusSearch() {
  m_words->setFocus();
  m_words->selectAll();
}

void TimelineView::search(bool next) {
  const QString text = m_words->text().trimmed();
  const auto names = text.isEmpty() ? std::vector<int64_t>{} : m_source.namesWith(text);
  m_canvas->setMatches(names);
  m_state->setText(text.isEmpty() ? QString() : QStringLiteral("%1 names match").arg(names.size()));
  if (!next || names.empty()) return;
  const auto& chosen = m_canvas->chosen();
  m_source.askNext(names, chosen ? chosen->startNs : m_source.startNs() - 1);
}

}  // namespace ridgeline::gui
