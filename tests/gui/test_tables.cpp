// Tables: what stands in them, sorting, filtering, CSV; and that they are models as Qt wants them.
#include "gui/models/table_model.h"
#include "gui/views/table_widget.h"
#include "tests/gui/fixture.h"

#include <catch2/catch.hpp>

#include <QAbstractItemModelTester>

using namespace ridgeline;
using namespace ridgeline::gui;
using namespace ridgeline::tests;

namespace {

// "A | B" of the first columns, row by row: what a person would read.
QStringList printed(const QAbstractItemModel& model, int columns) {
  QStringList rows;
  for (int r = 0; r < model.rowCount(); ++r) {
    QStringList cells;
    for (int c = 0; c < columns; ++c) cells += model.index(r, c).data().toString();
    rows += cells.join(QStringLiteral(" | "));
  }
  return rows;
}

int columnOf(const QAbstractItemModel& model, const QString& title) {
  for (int c = 0; c < model.columnCount(); ++c) {
    if (model.headerData(c, Qt::Horizontal).toString() == title) return c;
  }
  return -1;
}

struct Cells {
  QString text;
  QVariant sort;
};

TableData numbers(const std::vector<Cells>& cells) {
  TableData table;
  table.columns = {{QStringLiteral("n"), {}, true, 5}};
  for (const auto& c : cells) table.rows.push_back({{}, {Cell{.text = c.text, .sort = c.sort}}});
  return table;
}

}  // namespace

TEST_CASE("Every table is a sound Qt model, also while it changes", "[gui]") {
  application();
  const auto cpu = documentOf(cpuProfile());
  const auto empty = documentOf(emptyProfile());
  TableModel model;
  TableFilter filter;
  filter.setSourceModel(&model);
  QAbstractItemModelTester testModel(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  QAbstractItemModelTester testFilter(&filter, QAbstractItemModelTester::FailureReportingMode::Fatal);
  for (const auto& document : {cpu, empty, cpu}) {
    for (auto* make : {operatorTable, kernelTable, adviceTable, trialTable, nearMissTable, findingTable}) {
      model.setTable(make(*document));
      filter.setWords(QStringLiteral("conv"));
      filter.sort(1, Qt::DescendingOrder);
      filter.setWords({});
      CHECK(filter.rowCount() == model.rowCount());
      for (const auto& row : model.table().rows) REQUIRE(row.cells.size() == model.table().columns.size());
    }
  }
}

TEST_CASE("Operators print as they were recorded, most time first", "[gui]") {
  application();
  TableModel model;
  model.setTable(operatorTable(*documentOf(cpuProfile())));
  TableFilter filter;
  filter.setSourceModel(&model);
  filter.sort(columnOf(filter, QStringLiteral("Time")), Qt::DescendingOrder);
  const auto rows = printed(filter, 5);
  REQUIRE(rows.size() == 11);
  // 29 ms of operators in all.
  CHECK(rows[0] == QStringLiteral("conv1 | Conv | 10.0 ms | 34.5 % | compute"));
  CHECK(rows[1] == QStringLiteral("pool | MaxPool | 5.00 ms | 17.2 % | memory (DRAM)"));
  CHECK(rows[2].startsWith(QStringLiteral("block3/conv | Conv | 4.00 ms | 13.8 %")));
  const int headroom = columnOf(filter, QStringLiteral("Headroom"));
  CHECK(filter.index(0, headroom).data(SortRole).toDouble() == Approx(4.0));  // 10 ms over 600 MFLOP at 100 GFLOP/s
  CHECK(filter.index(0, 2).data(MarkRole).toDouble() == Approx(0.6));
  CHECK(filter.index(0, 2).data(BarRole).toDouble() == 1.0);
}

TEST_CASE("Kernels are grouped once the recording was analyzed", "[gui]") {
  application();
  TableModel model;
  model.setTable(kernelTable(*documentOf(gpuProfile())));
  REQUIRE(model.rowCount() == 2);
  CHECK(model.index(0, 0).data().toString() == QStringLiteral("ampere_sgemm_128x64_nn"));
  CHECK(model.index(0, 1).data(SortRole).toDouble() == Approx(750 * 0.05));
  CHECK(model.index(0, 3).data(SortRole).toDouble() == 750);
  CHECK(model.index(1, 2).data(SortRole).toDouble() == Approx(1.25 / 38.75));
}

TEST_CASE("What is not known sorts last, whichever way", "[gui]") {
  TableModel model;
  model.setTable(numbers({{"–", {}}, {"2", 2.0}, {"10", 10.0}, {"–", {}}, {"-1", -1.0}}));
  TableFilter filter;
  filter.setSourceModel(&model);
  filter.sort(0, Qt::AscendingOrder);
  CHECK(printed(filter, 1) == QStringList{"-1", "2", "10", "–", "–"});
  filter.sort(0, Qt::DescendingOrder);
  CHECK(printed(filter, 1) == QStringList{"10", "2", "-1", "–", "–"});
}

TEST_CASE("A filter keeps rows that hold every word, in any column and case", "[gui]") {
  TableModel model;
  model.setTable(operatorTable(*documentOf(cpuProfile())));
  TableFilter filter;
  filter.setSourceModel(&model);
  filter.setWords(QStringLiteral("CONV block2"));
  CHECK(printed(filter, 1) == QStringList{"block2/conv"});
  filter.setWords(QStringLiteral("conv nothing"));
  CHECK(filter.rowCount() == 0);
  filter.setWords({});
  filter.setBound(static_cast<int>(profile::Bound::Memory));
  bool all = filter.rowCount() > 0;
  for (int r = 0; r < filter.rowCount(); ++r)
    all &= filter.index(r, 4).data().toString().startsWith(QStringLiteral("memory"));
  CHECK(all);
}

TEST_CASE("CSV has full numbers, quotes what needs it, and leaves out what is not known", "[gui]") {
  TableModel model;
  TableData table;
  table.columns = {{QStringLiteral("name"), {}, false, 5}, {QStringLiteral("ms, all"), {}, true, 5}};
  table.rows.push_back(
      {{}, {Cell{.text = "a", .sort = QStringLiteral("say \"a\", b")}, Cell{.text = "0.33 ms", .sort = 1.0 / 3}}});
  table.rows.push_back({{}, {Cell{.text = "b", .sort = QStringLiteral("b")}, Cell{.text = "–"}}});
  model.setTable(table);
  CHECK(csvOf(model) == QStringLiteral("name,\"ms, all\"\r\n\"say \"\"a\"\", b\",0.33333333333333331\r\nb,\r\n"));
  CHECK(csvOf(model, {1}) == QStringLiteral("name,\"ms, all\"\r\nb,\r\n"));
}

TEST_CASE("Long names give way to the numbers beside them", "[gui]") {
  application();
  TableData table;
  table.columns = {{QStringLiteral("Operator"), {}, false, 34},
                   {QStringLiteral("Type"), {}, false, 14},
                   {QStringLiteral("Headroom"), {}, true, 10},
                   {QStringLiteral("Inputs"), {}, false, 30}};
  table.inSight = 3;
  const QString longName(200, QLatin1Char('n'));
  table.rows.push_back(
      {{}, {Cell{.text = longName}, Cell{.text = "Conv"}, Cell{.text = "1.00 ms"}, Cell{.text = longName}}});
  TableWidget widget;
  widget.resize(320, 300);
  widget.show();
  widget.setTable(table);
  const auto rightOf = [&](int column) { return widget.columnViewportPosition(column) + widget.columnWidth(column); };
  CHECK(rightOf(2) <= widget.viewport()->width());
  CHECK(widget.columnWidth(0) > 60);
  // What is not to be seen at once does not push names away.
  table.inSight = 1;
  widget.setTable(table);
  CHECK(rightOf(2) > widget.viewport()->width());
}
