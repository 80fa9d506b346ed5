#include "gui/views/table_view.h"

#include "gui/models/text.h"
#include "gui/views/paint.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <set>

namespace ridgeline::gui {

TableView::TableView(Selection* selection, Make make, const QString& emptyTitle, const QString& emptyText,
                     QWidget* parent)
    : View(selection, parent),
      m_make(make),
      m_emptyTitle(emptyTitle),
      m_emptyText(emptyText),
      m_words(new QLineEdit),
      m_chips(new QHBoxLayout),
      m_count(new QLabel),
      m_bar(new QWidget),
      m_table(new TableWidget) {
  m_words->setPlaceholderText(QStringLiteral("Filter: every word must occur"));
  m_words->setAccessibleName(QStringLiteral("Filter"));
  m_words->setClearButtonEnabled(true);
  m_words->setMinimumWidth(260);
  m_count->setObjectName(QStringLiteral("muted"));
  auto* copy = new QPushButton(QStringLiteral("Copy as CSV"));
  copy->setToolTip(QStringLiteral("What is selected, or everything shown"));
  auto* line = new QHBoxLayout(m_bar);
  line->setContentsMargins(0, 0, 0, 0);
  line->addWidget(m_words);
  line->addLayout(m_chips);
  line->addStretch();
  line->addWidget(m_count);
  line->addWidget(copy);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 16, 16, 16);
  layout->setSpacing(10);
  layout->addWidget(m_bar);
  layout->addWidget(m_table);
  setFocusProxy(m_table);
  connect(copy, &QPushButton::clicked, m_table, &TableWidget::copyCsv);
  connect(m_words, &QLineEdit::textChanged, this, &TableView::setFilterText);
  connect(m_table, &TableWidget::picked, this, [this](const Item& item) { this->selection()->select(item); });
  connect(m_table, &TableWidget::opened, this, [this](const Item& item) {
    this->selection()->select(item);
    Q_EMIT jump(QStringLiteral("timeline"));
  });
}

void TableView::setFilterText(const QString& text) {
  if (m_words->text() != text) m_words->setText(text);
  m_table->filter().setWords(text);
  count();
}

void TableView::focusSearch() {
  m_words->setFocus();
  m_words->selectAll();
}

void TableView::documentChanged() {
  m_table->setTable(document() ? m_make(*document()) : TableData{});
  m_words->clear();
  makeChips();
  count();
  const bool empty = m_table->source().rowCount() == 0;
  m_table->setVisible(!empty);
  m_bar->setVisible(!empty);
  if (selection() != nullptr) m_table->showItem(selection()->item());
}

// A chip for each bound there is.
void TableView::makeChips() {
  while (auto* item = m_chips->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  std::set<int> bounds;
  for (const auto& row : m_table->source().table().rows) {
    for (const auto& cell : row.cells) {
      if (cell.bound >= 0) bounds.insert(cell.bound);
    }
  }
  m_table->filter().setBound(-1);
  for (const int bound : bounds) {
    auto* chip = new QPushButton(qs(nameOf(static_cast<profile::Bound>(bound))));
    chip->setObjectName(QStringLiteral("chip"));
    chip->setCheckable(true);
    m_chips->addWidget(chip);
    connect(chip, &QPushButton::clicked, this, [this, chip, bound](bool on) {
      for (int i = 0; i < m_chips->count(); ++i) {
        auto* other = qobject_cast<QPushButton*>(m_chips->itemAt(i)->widget());
        if (other != nullptr && other != chip) other->setChecked(false);
      }
      m_table->filter().setBound(on ? bound : -1);
      count();
    });
  }
}

void TableView::count() {
  const int shown = m_table->model()->rowCount(), all = m_table->source().rowCount();
  m_count->setText(shown == all ? QStringLiteral("%1 rows").arg(all)
                                : QStringLiteral("%1 of %2 rows").arg(shown).arg(all));
}

void TableView::paintEvent(QPaintEvent*) {
  if (m_table->source().rowCount() > 0) return;
  QPainter p(this);
  drawEmpty(p, rect(), *this, m_emptyTitle, m_emptyText);
}

}  // namespace ridgeline::gui
