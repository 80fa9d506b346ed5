#include "gui/models/table_model.h"

#include <cmath>
#include <utility>

namespace ridgeline::gui {

void TableModel::setTable(TableData table) {
  beginResetModel();
  m_table = std::move(table);
  endResetModel();
}

Item TableModel::itemAt(int row) const {
  return row >= 0 && row < rowCount() ? m_table.rows[static_cast<size_t>(row)].item : Item{};
}

int TableModel::rowOf(const Item& item) const {
  for (size_t i = 0; item && i < m_table.rows.size(); ++i) {
    if (m_table.rows[i].item == item) return static_cast<int>(i);
  }
  return -1;
}

int TableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_table.rows.size());
}

int TableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_table.columns.size());
}

QVariant TableModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const auto& row = m_table.rows[static_cast<size_t>(index.row())];
  const auto& cell = row.cells[static_cast<size_t>(index.column())];
  switch (role) {
    case Qt::DisplayRole:
      return cell.text;
    case Qt::ToolTipRole:
      return cell.text.size() > 24 ? QVariant(cell.text) : QVariant();
    case Qt::TextAlignmentRole:
      return static_cast<int>(
          (m_table.columns[static_cast<size_t>(index.column())].number ? Qt::AlignRight : Qt::AlignLeft) |
          Qt::AlignVCenter);
    case SortRole:
      return cell.sort;
    case BarRole:
      return cell.bar;
    case MarkRole:
      return cell.mark;
    case BoundRole:
      return cell.bound;
    case ToneRole:
      return cell.tone;
    case ItemKindRole:
      return static_cast<int>(row.item.kind);
    case ItemIdRole:
      return static_cast<qlonglong>(row.item.id);
    default:
      return {};
  }
}

QVariant TableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  const auto& column = m_table.columns[static_cast<size_t>(section)];
  if (role == Qt::DisplayRole) return column.title;
  if (role == Qt::ToolTipRole) return column.help;
  if (role == Qt::TextAlignmentRole) {
    return static_cast<int>((column.number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  }
  return {};
}

TableFilter::TableFilter(QObject* parent) : QSortFilterProxyModel(parent) { setSortRole(SortRole); }

void TableFilter::setWords(const QString& text) {
  m_words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
  invalidateFilter();
}

void TableFilter::setBound(int bound) {
  m_bound = bound;
  invalidateFilter();
}

bool TableFilter::filterAcceptsRow(int row, const QModelIndex& parent) const {
  const auto* model = sourceModel();
  const int columns = model->columnCount(parent);
  bool bound = m_bound < 0;
  for (int c = 0; !bound && c < columns; ++c) bound = model->index(row, c, parent).data(BoundRole).toInt() == m_bound;
  if (!bound) return false;
  for (const auto& word : m_words) {
    bool found = false;
    for (int c = 0; !found && c < columns; ++c) {
      found = model->index(row, c, parent).data().toString().contains(word, Qt::CaseInsensitive);
    }
    if (!found) return false;
  }
  return true;
}

bool TableFilter::lessThan(const QModelIndex& a, const QModelIndex& b) const {
  const auto x = a.data(SortRole), y = b.data(SortRole);
  if (x.isValid() != y.isValid()) return x.isValid() == (sortOrder() == Qt::AscendingOrder);
  if (x.typeId() == QMetaType::Double && y.typeId() == QMetaType::Double) return x.toDouble() < y.toDouble();
  return QString::localeAwareCompare(x.toString(), y.toString()) < 0;
}

namespace {

QString csvField(const QVariant& value) {
  if (!value.isValid()) return {};
  if (value.typeId() == QMetaType::Double) {
    const double number = value.toDouble();
    return std::isfinite(number) ? QString::number(number, 'g', 17) : QString();
  }
  QString text = value.toString();
  if (text.contains(QLatin1Char('"')) || text.contains(QLatin1Char(',')) || text.contains(QLatin1Char('\n'))) {
    text = QLatin1Char('"') + text.replace(QLatin1Char('"'), QLatin1String("\"\"")) + QLatin1Char('"');
  }
  return text;
}

}  // namespace

QString csvOf(const QAbstractItemModel& model, const QList<int>& rows) {
  QString out;
  const int columns = model.columnCount();
  for (int c = 0; c < columns; ++c) {
    out += (c > 0 ? QStringLiteral(",") : QString()) + csvField(model.headerData(c, Qt::Horizontal));
  }
  out += QLatin1String("\r\n");
  const auto line = [&](int row) {
    for (int c = 0; c < columns; ++c) {
      out += (c > 0 ? QStringLiteral(",") : QString()) + csvField(model.index(row, c).data(SortRole));
    }
    out += QLatin1String("\r\n");
  };
  if (rows.isEmpty()) {
    for (int row = 0; row < model.rowCount(); ++row) line(row);
  } else {
    for (const int row : rows) line(row);
  }
  return out;
}

}  // namespace ridgeline::gui
