// Rows and columns with everything that is drawn in a cell, made from a document; shown by TableModel.
#pragma once

#include "gui/models/document.h"

#include <QString>
#include <QVariant>
#include <limits>
#include <vector>

namespace ridgeline::gui {

struct Column {
  QString title;
  QString help;         // one sentence
  bool number = false;  // right-aligned, largest first when sorted
  int width = 10;       // characters
};

struct Cell {
  QString text;
  QVariant sort;                                           // invalid: not known, sorts last
  double bar = std::numeric_limits<double>::quiet_NaN();   // 0..1, drawn behind the text
  double mark = std::numeric_limits<double>::quiet_NaN();  // 0..1 within the bar: the roof
  int bound = -1;                                          // profile::Bound, or -1: no colour
  int tone = 0;                                            // 1 good, -1 bad, 2 muted
};

struct Row {
  Item item;
  std::vector<Cell> cells;
};

struct TableData {
  QString name;  // for screen readers and files
  std::vector<Column> columns;
  std::vector<Row> rows;
  size_t inSight = 0;   // so many columns are seen without scrolling: names give way to them
  int sortColumn = -1;  // how the rows come: -1 as they are
};

TableData operatorTable(const Document& document);
TableData kernelTable(const Document& document);
TableData adviceTable(const Document& document);
TableData trialTable(const Document& document);
TableData nearMissTable(const Document& document);
TableData findingTable(const Document& document);

}  // namespace ridgeline::gui
