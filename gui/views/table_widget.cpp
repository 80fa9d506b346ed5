#include "gui/views/table_widget.h"

#include "gui/views/paint.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace ridgeline::gui {

void CellDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const auto& theme = Theme::of(*option.widget);
  painter->save();
  const bool selected = (option.state & QStyle::State_Selected) != 0;
  painter->fillRect(option.rect, selected ? theme.selection : theme.card);
  painter->setPen(theme.grid);
  painter->drawLine(option.rect.bottomLeft(), option.rect.bottomRight());
  const int bound = index.data(BoundRole).toInt();
  const int tone = index.data(ToneRole).toInt();
  const double bar = index.data(BarRole).toDouble();
  const auto alignment = Qt::Alignment(index.data(Qt::TextAlignmentRole).toInt());
  QRectF box = QRectF(option.rect).adjusted(9, 0, -9, -1);
  const QFont font = option.font;
  const double u = QFontMetricsF(font).height();
  if (std::isfinite(bar)) {
    const auto color = bound >= 0 ? theme.bound(static_cast<profile::Bound>(bound)) : theme.accent;
    const double textRoom = std::min(box.width() * 0.5, u * 4.6);
    drawBar(*painter, {box.left(), box.center().y() - u * 0.27, box.width() - textRoom - 6, u * 0.54}, bar,
            index.data(MarkRole).toDouble(), color, theme);
    box.setLeft(box.right() - textRoom);
  } else if (bound >= 0) {
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(theme.bound(static_cast<profile::Bound>(bound)));
    painter->drawRoundedRect(QRectF(box.left(), box.center().y() - u * 0.28, u * 0.56, u * 0.56), 3, 3);
    box.setLeft(box.left() + u);
  }
  const QColor color = tone == 1 ? theme.good : tone == -1 ? theme.bad : tone == 2 ? theme.muted : theme.text;
  drawText(*painter, box, index.data().toString(), font, color, alignment,
           index.column() == 0 ? Qt::ElideMiddle : Qt::ElideRight);
  if ((option.state & QStyle::State_HasFocus) != 0) {
    painter->setPen(QPen(theme.accent, 1));
    painter->drawRect(QRectF(option.rect).adjusted(0.5, 0.5, -1.5, -1.5));
  }
  painter->restore();
}

QSize CellDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const QFontMetrics metrics(option.font);
  const bool bar = std::isfinite(index.data(BarRole).toDouble());
  return {metrics.horizontalAdvance(index.data().toString()) + 24 + (bar ? metrics.height() * 5 : 0),
          static_cast<int>(metrics.height() * 1.75)};
}

TableWidget::TableWidget(QWidget* parent)
    : QTableView(parent), m_model(new TableModel(this)), m_filter(new TableFilter(this)) {
  m_filter->setSourceModel(m_model);
  setModel(m_filter);
  setItemDelegate(new CellDelegate(this));
  setSortingEnabled(true);
  setSelectionBehavior(SelectRows);
  setSelectionMode(ExtendedSelection);
  setShowGrid(false);
  setWordWrap(false);
  setTabKeyNavigation(false);
  setHorizontalScrollMode(ScrollPerPixel);
  verticalHeader()->hide();
  verticalHeader()->setDefaultSectionSize(static_cast<int>(QFontMetrics(font()).height() * 1.75));
  horizontalHeader()->setHighlightSections(false);
  horizontalHeader()->setSectionsMovable(true);
  horizontalHeader()->setMinimumSectionSize(40);
  horizontalHeader()->setStretchLastSection(true);
  connect(horizontalHeader(), &QHeaderView::sectionResized, this, [this](int section) {
    if (!m_fitting && section + 1 < m_model->columnCount()) m_ownWidths = true;
  });
  connect(this, &QTableView::doubleClicked, this, [this] {
    if (const auto item = current()) Q_EMIT opened(item);
  });
}

void TableWidget::setTable(TableData table) {
  const int sortColumn = table.sortColumn;
  if (!table.name.isEmpty()) setAccessibleName(table.name);
  m_showing = true;
  m_model->setTable(std::move(table));
  m_showing = false;
  verticalHeader()->setDefaultSectionSize(static_cast<int>(QFontMetrics(QApplication::font()).height() * 1.75));
  measureColumns();
  m_ownWidths = false;
  fitColumns();
  if (sortColumn >= 0) {
    sortByColumn(sortColumn, Qt::DescendingOrder);
  } else {
    horizontalHeader()->setSortIndicator(-1, Qt::DescendingOrder);
    m_filter->sort(-1);
  }
}

// Of the first rows, which are the ones that are looked at; `TableColumn::width` is the most a column takes unasked.
void TableWidget::measureColumns() {
  constexpr size_t kRows = 100;
  const auto& table = m_model->table();
  const QFontMetricsF metrics(QApplication::font());
  m_widths.clear();
  m_nameWidth = 0;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    const auto& column = table.columns[c];
    const double title = horizontalHeader()->sectionSizeHint(static_cast<int>(c)) + 4;
    const double most = column.width * metrics.averageCharWidth() * 1.12 + 18;
    double content = 0;
    for (size_t r = 0; r < std::min(kRows, table.rows.size()); ++r) {
      const auto& cell = table.rows[r].cells[c];
      // Bars share their column with a number and take whatever is given.
      const double wanted = std::isfinite(cell.bar) ? most : metrics.horizontalAdvance(cell.text) + 26;
      content = std::max(content, wanted + (cell.bound >= 0 ? metrics.height() : 0));
    }
    if (c == 0) m_nameWidth = static_cast<int>(std::max(title, content));
    m_widths.push_back(static_cast<int>(std::max(title, std::min(content, most))));
  }
}

// Names get what the others leave, and give of theirs before what is to be seen is out of sight.
void TableWidget::fitColumns() {
  if (m_ownWidths || m_widths.empty()) return;
  int others = 0;
  for (size_t c = 1; c < m_widths.size(); ++c) others += m_widths[c];
  const int character = QFontMetrics(QApplication::font()).averageCharWidth();
  const int least = std::min(m_nameWidth, std::max(m_widths[0] * 8 / 10, character * 24));
  int name = std::clamp(viewport()->width() - others, least, std::max(least, m_nameWidth));
  if (const size_t seen = std::min(m_model->table().inSight, m_widths.size()); seen > 0) {
    int room = viewport()->width();
    for (size_t c = 1; c < seen; ++c) room -= m_widths[c];
    name = std::min(name, std::max(room, character * 14));
  }
  // Words at the end are cut at the edge and end there, where enough of them is seen.
  const int last = viewport()->width() - name - (others - m_widths.back());
  const bool cut = m_widths.size() > 1 && !m_model->table().columns.back().number && last >= character * 20;
  m_fitting = true;
  for (size_t c = 0; c < m_widths.size(); ++c) setColumnWidth(static_cast<int>(c), c == 0 ? name : m_widths[c]);
  if (cut) setColumnWidth(static_cast<int>(m_widths.size()) - 1, last);
  m_fitting = false;
}

void TableWidget::resizeEvent(QResizeEvent* e) {
  QTableView::resizeEvent(e);
  fitColumns();
}

Item TableWidget::current() const {
  const auto index = currentIndex();
  return index.isValid() ? m_model->itemAt(m_filter->mapToSource(index).row()) : Item{};
}

void TableWidget::showItem(const Item& item) {
  if (item == current()) return;
  const int row = m_model->rowOf(item);
  if (row < 0) return;
  const auto index = m_filter->mapFromSource(m_model->index(row, 0));
  if (!index.isValid()) return;
  m_showing = true;
  setCurrentIndex(index);
  selectRow(index.row());
  scrollTo(index, PositionAtCenter);
  m_showing = false;
}

void TableWidget::selectionChanged(const QItemSelection& selected, const QItemSelection& deselected) {
  QTableView::selectionChanged(selected, deselected);
  if (m_showing || selected.isEmpty()) return;
  if (const auto item = current()) Q_EMIT picked(item);
}

QString TableWidget::csv() const {
  QList<int> rows;
  for (const auto& index : selectionModel()->selectedRows()) rows += index.row();
  std::sort(rows.begin(), rows.end());
  return csvOf(*m_filter, rows.size() > 1 ? rows : QList<int>{});
}

void TableWidget::copyCsv() { QApplication::clipboard()->setText(csv()); }

void TableWidget::keyPressEvent(QKeyEvent* e) {
  if (e->matches(QKeySequence::Copy)) return copyCsv();
  if (e->key() == Qt::Key_Return || e->key() == Qt::Key_Enter) {
    if (const auto item = current()) Q_EMIT opened(item);
    return;
  }
  QTableView::keyPressEvent(e);
}

void TableWidget::contextMenuEvent(QContextMenuEvent* e) {
  QMenu menu(this);
  menu.addAction(QStringLiteral("Copy as CSV"), this, &TableWidget::copyCsv);
  menu.exec(e->globalPos());
}

}  // namespace ridgeline::gui
